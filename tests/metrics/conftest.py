"""Towns for the tests of metrics."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from town import COUNTERS, HALLS, Row, Town


@pytest.fixture
def build_town(tmp_path: Path) -> Callable[..., Town]:
    """Make a town in a fresh home."""

    def build(halls: list[Row] = HALLS, counters: list[Row] = COUNTERS) -> Town:
        return Town(tmp_path / "home", halls, counters)

    return build


@pytest.fixture
def town(build_town: Callable[..., Town]) -> Town:
    """The ordinary town."""
    return build_town()
