"""The cube of a frozen home, and how it comes there: the months that a computation has read."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from data.disk import check_format, write_json
from data.frozen import freeze
from data.store import is_frozen, thawed
from metrics.cube import CubeState, manifest_content, manifest_path, read_manifest
from metrics.scheme_files import scheme_paths

ROOM = Path(__file__).parent
# What the sums and metrics meant, for whoever reads the inputs without this program.
METHOD = ("catalogue", "measures")
_recording: dict[Path, "RecordingCube"] = {}


@dataclass(frozen=True, eq=False)
class RecordingCube(CubeState):
    """A cube that reads the files of a live home and notes which months were asked for."""

    live: Path = Path()
    read: set[tuple[str, int]] = field(default_factory=set)

    def path_of(self, name: str, month: int) -> Path:
        """The file of the live home."""
        self.read.add((name, month))
        return self.live / "cube" / self.manifest.files[name][month].file


def held_state(home: Path) -> CubeState | None:
    """The state of a frozen home, also while it is being made; None for a live one."""
    place = home.absolute()
    if place in _recording:
        return _recording[place]
    if not is_frozen(place):
        return None
    check_format(place)
    return _frozen(place, manifest_path(place).stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _frozen(home: Path, _mark: int) -> CubeState:
    return CubeState(home, read_manifest(home), thawed(home))


@contextmanager
def recorded(live: CubeState, to: Path) -> Iterator[None]:
    """Freeze a home into the new folder `to`: whatever is computed of it meanwhile can be again.

    Inside the block functions that take a home take `to`; they read the live one, and what they
    read is noted. Afterwards `to` holds just that.
    """
    place = to.absolute()
    snap = freeze(live.snap, place)
    (place / "schemes").mkdir(exist_ok=True)
    for path in scheme_paths(live.home):
        if not (place / "schemes" / path.name).exists():
            shutil.copyfile(path, place / "schemes" / path.name)
    for name in METHOD:
        shutil.copytree(ROOM / name, place / "method" / name)
    state = RecordingCube(place, live.manifest, snap, live=live.home)
    _recording[place] = state
    try:
        yield
    finally:
        del _recording[place]
    (place / "cube").mkdir()
    for name, month in sorted(state.read):
        file = live.manifest.files[name][month].file
        shutil.copyfile(live.home / "cube" / file, place / "cube" / file)
    files = {
        name: {month: one for month, one in months.items() if (name, month) in state.read}
        for name, months in live.manifest.files.items()
    }
    write_json(manifest_path(place), manifest_content(replace(live.manifest, files=files)))
    assert snap.questions is not None
    snap.questions.write_index()
