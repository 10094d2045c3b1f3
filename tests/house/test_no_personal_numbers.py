"""No file of the repository holds an ID number or a mobile number, not even an invented one."""

import re

from tests.house.tree import ROOT, repository_files

# GB 11643: six digits of the place, eight of the birth date, three, one check character.
ID_NUMBER = re.compile(
    rb"(?<![0-9A-Za-z])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
    rb"(?![0-9A-Za-z])"
)
MOBILE_NUMBER = re.compile(rb"(?<![0-9A-Za-z.])1[3-9]\d{9}(?![0-9A-Za-z])")
# Compressed files hold any bytes; what goes into them is checked where it is made.
PACKED = {".png", ".jpg", ".parquet", ".gz", ".xlsx", ".woff2"}


def test_no_file_holds_a_personal_number():
    """Tests that need one put it together from parts."""
    found = []
    for path in repository_files():
        if path.suffix in PACKED:
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            for kind, pattern in (("ID number", ID_NUMBER), ("mobile number", MOBILE_NUMBER)):
                if pattern.search(line):
                    found.append(f"{path.relative_to(ROOT)}:{number}: looks like a {kind}")
    assert not found, "\n".join(found)


def test_planted_numbers_are_found():
    """The patterns see what they are there for, and leave division codes and hashes alone."""
    assert ID_NUMBER.search(b"no. " + b"430202" + b"19900101" + b"123X" + b",")
    assert MOBILE_NUMBER.search(b"tel " + b"138" + b"00001111")
    assert not ID_NUMBER.search(b"430223400498,430223400000")
    assert not MOBILE_NUMBER.search(b"0.13800001111")


def test_the_run_time_folder_is_ignored():
    """Citizens' rows live in var/, which git must not see."""
    lines = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"var/", ".venv/", "wheelhouse/"} <= set(lines)
    assert not [path for path in repository_files() if path.relative_to(ROOT).parts[0] == "var"]
