"""Call-back and second rating of the same redress: who says what, and how far they agree."""

import json
import math
from datetime import date
from pathlib import Path

import pytest

from data.errors import HallscoreError
from hallscore import main
from metrics.fairness.second_look import LOOKS, second_look
from metrics.methods.agreement import agreement
from metrics.periods import parse_period
from metrics.scope import Scope
from tests.builders import rating, send, town
from tests.data.test_loop_progress import redress

LOCAL = Scope("local", None)
AUGUST = parse_period("2019-08")
LATER = date(2019, 10, 31)
# Call-back, second grade: three agree, two do not, one has no second rating.
LOOKED = [("1", 5), ("1", 4), ("0", 2), ("1", 1), ("0", 3), ("1", None)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = town(tmp_path_factory.mktemp("second") / "home")
    bad = [rating(at, grade=1, rated_at="2019-08-02 10:00:00") for at in range(1, len(LOOKED) + 1)]
    good = [rating(900 + at) for at in range(20)]
    send(home, "ratings", [*good, *bad, rating(990, rated_at="2019-10-31 10:00:00")])
    rows = []
    for at, (called, grade) in enumerate(LOOKED, 1):
        done = {
            "signed_at": "2019-08-03 09:00:00",
            "verified_at": "2019-08-03 10:00:00",
            "rectified_at": "2019-08-05 09:00:00",
            "replied_at": "2019-08-06 09:00:00",
            "called_back_at": "2019-08-08 09:00:00",
            "callback_satisfied": called,
        }
        if grade is not None:
            done |= {"rerated_at": "2019-08-10 09:00:00", "rerated_grade": str(grade)}
        rows.append(redress(f"R{at}", opened_at="2019-08-02 10:00:00", **done))
    send(home, "rectifications", rows)
    return home


def test_pairs_are_counted_by_what_both_say(home: Path) -> None:
    found = second_look(home, AUGUST, LOCAL, "hall", LATER)
    assert found.units.schema == LOOKS
    (row,) = found.units.to_dicts()
    assert (row["pairs"], row["both"], row["neither"]) == (5, 2, 1)
    assert (row["callback_only"], row["rerating_only"], row["agree"]) == (1, 1, 0.6)


def test_the_whole_is_the_method_on_the_table(home: Path) -> None:
    """Call-back in rows, second rating in columns; one counter alone has no interval."""
    found = second_look(home, AUGUST, LOCAL, "counter", LATER).whole
    by_hand = agreement([[1, 1], [1, 2]])
    assert (found.kappa, found.ac2, found.pairs) == (by_hand.kappa, by_hand.ac2, 5)
    assert math.isnan(found.kappa_low)


def test_what_was_not_known_yet_is_no_pair(home: Path) -> None:
    assert second_look(home, AUGUST, LOCAL, "hall", date(2019, 8, 9)).units.is_empty()
    assert second_look(home, parse_period("2019-09"), LOCAL, "hall", LATER).whole.pairs == 0
    with pytest.raises(HallscoreError, match="counter or hall"):
        second_look(home, AUGUST, LOCAL, "county", LATER)


def test_the_command_prints_the_frame(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["sure", "rerating_satisfaction", "--agreement", "--period=2019-08", "--by=hall"]
    with pytest.raises(SystemExit):
        main(["--home", str(home), *asked, f"--as-of={LATER}", "--json"])
    printed = json.loads(capsys.readouterr().out)
    found = second_look(home, AUGUST, LOCAL, "hall", LATER)
    assert printed["rows"] == found.units.to_dicts()
    assert printed["agreement"]["kappa"] == found.whole.kappa
    assert printed["agreement"]["kappa_low"] is None
    with pytest.raises(SystemExit):
        main(["--home", str(home), *asked, f"--as-of={LATER}"])
    assert "kappa" in capsys.readouterr().out
