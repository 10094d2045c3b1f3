"""Scope: users of access.toml and the halls that are theirs."""

from pathlib import Path

import pytest

from data.errors import HallscoreError
from metrics.scope import INTAKE, PERSONS, Scope, scope_for

ACCESS = """
[users.city]
halls = "all"
rights = ["publish"]

[users.north]
halls = ["C1", "C1T1"]
"""


def write(home: Path, text: str) -> Path:
    """A home with that access.toml."""
    (home / "access.toml").write_text(text, "utf-8")
    return home


def test_without_a_user_the_local_operator_sees_the_whole_city(tmp_path: Path) -> None:
    """With or without an access.toml."""
    assert scope_for(tmp_path, None) == Scope("local", None)
    assert scope_for(write(tmp_path, ACCESS), None).hall_ids is None


def test_a_user_has_the_halls_that_the_file_names(tmp_path: Path) -> None:
    """`all` is the whole city, a list the subtrees of those halls."""
    home = write(tmp_path, ACCESS)
    assert scope_for(home, "city") == Scope("city", None)
    assert scope_for(home, "city").rights == {"publish"}
    assert (scope_for(home, None).rights, scope_for(home, "north").rights) == (
        {INTAKE, PERSONS},
        set(),
    )
    assert scope_for(home, "north") == Scope("north", frozenset(["C1", "C1T1"]))


def test_an_unknown_user_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """Also where there is no file at all."""
    with pytest.raises(HallscoreError, match=r"access\.toml"):
        scope_for(tmp_path, "north")
    with pytest.raises(HallscoreError, match="Did you mean 'north'"):
        scope_for(write(tmp_path, ACCESS), "nort")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[users.north", "not valid TOML"),
        ("[users.north]\nhall = []", "halls"),
        ('[users.north]\nhalls = "C1"', 'write "all" or a list'),
        ("[users.north]\nhalls = []\nextra = 1", "extra"),
    ],
)
def test_a_malformed_file_is_one_message_that_names_it(
    tmp_path: Path, text: str, said: str
) -> None:
    """Nobody sees anything until the file is right."""
    with pytest.raises(HallscoreError, match=said) as caught:
        scope_for(write(tmp_path, text), "north")
    assert "access.toml" in str(caught.value)
