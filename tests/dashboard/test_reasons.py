"""Errors that a page can meet, in the language of the page: none falls back to the terminal's."""

import re
from pathlib import Path

import pytest

from dashboard.components.reasons import KNOWN, reason
from dashboard.text import Words
from data.errors import HallscoreError
from metrics.periods import parse_period
from metrics.ranking import rank
from metrics.scheme_files import scheme
from metrics.scope import Scope, scope_for
from metrics.scores import score

ZH, EN = Words("zh"), Words("en")
CITY = Scope("local", None)
MONTH = parse_period("2019-08")


def said_by(call) -> HallscoreError:
    with pytest.raises(HallscoreError) as caught:
        call()
    return caught.value


def access(home: Path, text: str) -> None:
    (home / "access.toml").write_text(text, "utf-8")


@pytest.fixture
def errors(home: Path, tmp_path: Path) -> dict[str, HallscoreError]:
    """Each error as the program itself raises it."""
    found = {
        "no_version": said_by(lambda: rank(home, parse_period("2018-08"), CITY, scheme="first")),
        "no_scheme": said_by(lambda: scheme("frst", home)),
        "no_users": said_by(lambda: scope_for(home, "li")),
        "no_home": said_by(lambda: rank(tmp_path / "nothing", MONTH, CITY)),
        "persons": said_by(lambda: score(home, MONTH, CITY, "p01_cangnan_staff")),
    }
    try:
        access(home, '[users.li]\nhalls = ["C9"]\n')
        found["no_hall"] = said_by(lambda: rank(home, MONTH, scope_for(home, "li")))
        found["no_user"] = said_by(lambda: scope_for(home, "wang"))
        access(home, '[users.li]\nhals = ["C9"]\n')
        found["access"] = said_by(lambda: scope_for(home, "li"))
    finally:
        (home / "access.toml").unlink()
    return found


def test_each_error_has_its_own_sentence_in_both_languages(errors) -> None:
    for name, error in errors.items():
        for words in (ZH, EN):
            told = reason(error, words)
            assert told != words("reason.other"), (name, str(error))
            found = re.match(KNOWN[name], " ".join(str(error).split()))
            assert found is not None
            assert told == words(f"reason.{name}", **found.groupdict())


def test_what_was_seen_and_what_is_known_stand_in_the_sentence(errors) -> None:
    assert "frst" in reason(errors["no_scheme"], ZH)
    assert "hallscore" in reason(errors["no_scheme"], ZH)
    assert "2018-08-01" in reason(errors["no_version"], ZH)
    assert "wang" in reason(errors["no_user"], ZH)
    assert "li" in reason(errors["no_user"], ZH)


def test_an_error_without_a_sentence_points_to_the_message() -> None:
    assert reason(HallscoreError("something new"), ZH) == ZH("reason.other")
