"""Nothing in the repository depends on the machine or the network that somebody sat at."""

import re

from tests.house.tree import ROOT, repository_files

# Put together, so that this file does not hold what it looks for.
FOLDERS = ("work", "root", "home/[a-z]+", "Users/[A-Za-z]+", "mnt")
MACHINE_PATH = re.compile(rf"(?<![\w./<}}-])/(?:{'|'.join(FOLDERS)})/")
REGISTRIES = ("pypi" + ".org", "pythonhosted" + ".org", "registry." + "npmjs", "deb." + "debian")


def readable_files():
    """Text files; a picture has no words."""
    return [path for path in repository_files() if path.suffix not in {".png", ".parquet", ".gz"}]


def test_no_path_of_one_machine():
    """Paths are relative to the repository or given by the user."""
    found = []
    for path in readable_files():
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if MACHINE_PATH.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(found)


def test_no_registry_is_named():
    """Packages are pinned by name and hash; where they come from is the site's own matter."""
    found = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in readable_files()
        for host in REGISTRIES
        if host in path.read_text("utf-8", "replace")
    ]
    assert not found, "\n".join(found)


def test_each_requirement_is_pinned_by_hash():
    """A requirement without a version or a hash could be anything tomorrow."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
        assert len(lines) > 20
        loose = [line[:60] for line in lines if "==" not in line or "--hash=sha256:" not in line]
        assert not loose, f"{name}: {loose}"
