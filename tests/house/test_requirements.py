"""What is installed is what was reviewed: pinned by version and hash, wherever a site gets it."""

import re

from tests.house.tree import ROOT, repository_files

# Put together, so that this file does not hold what it looks for.
REGISTRIES = ("pypi" + ".org", "pythonhosted" + ".org", "registry." + "npmjs", "deb." + "debian")
BINARY = {".png", ".parquet", ".gz", ".xlsx", ".woff2"}


def pinned(name: str) -> dict[str, str]:
    """Each pinned package of a requirement file with the rest of its line."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return {re.split(r"[=\[ ;<>]", line, maxsplit=1)[0].lower(): line for line in lines}


def wanted(name: str) -> set[str]:
    """The packages that we ask for ourselves."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    asked = [line for line in lines if line and line[0] not in "-#"]
    return {re.split(r"[\[<>=; ]", line)[0].lower().replace("_", "-") for line in asked}


def test_each_requirement_is_pinned_by_hash():
    """A requirement without a version or a hash could be anything tomorrow."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = pinned(name).values()
        loose = [line[:60] for line in lines if "==" not in line or "--hash=sha256:" not in line]
        assert lines
        assert not loose, f"{name}: {loose}"


def test_what_we_ask_for_is_pinned():
    """A package added to the .in file and not compiled would be missing on the next machine."""
    assert wanted("requirements.in") <= pinned("requirements.txt").keys()
    assert wanted("requirements-dev.in") <= pinned("requirements-dev.txt").keys()


def test_development_adds_and_never_changes():
    """What is tested is what runs: both files pin the same version of the same package."""
    run, dev = pinned("requirements.txt"), pinned("requirements-dev.txt")
    differ = [
        name
        for name in run
        if dev.get(name, "").split(" --hash")[0] != run[name].split(" --hash")[0]
    ]
    assert not differ, differ


def test_each_dependency_has_its_paragraph():
    """A dependency that nobody can give the reason for goes."""
    text = (ROOT / "docs" / "explanation" / "decisions.md").read_text("utf-8").replace("_", "-")
    asked = wanted("requirements.in") | wanted("requirements-dev.in")
    silent = sorted(name for name in asked if name not in text)
    assert not silent, silent


def test_no_registry_is_named():
    """Where packages come from is the site's own matter: a mirror, a disk, a wheelhouse."""
    found = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in repository_files()
        if path.suffix not in BINARY
        for host in REGISTRIES
        if host in path.read_text("utf-8", "replace")
    ]
    assert not found, "\n".join(found)
