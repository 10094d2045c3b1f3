"""云龙示范区 into 石峰区: the edition of 2023 on the simulated city moves no earlier number."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.store import snapshot
from hallscore import build_demo, main
from metrics.catalogue import catalogue
from metrics.periods import parse_period
from metrics.ranking import rank
from metrics.scope import Scope
from metrics.values import value
from tests.builders import send, ticket

pytestmark = pytest.mark.slow
EDITION = Path(__file__).parents[2] / "data" / "reference" / "zhuzhou_divisions_2023.csv"
TOWNSHIPS = ("430271006000", "430271007000", "430271101000")
YUNLONG, SHIFENG = "430271000000", "430204000000"
ALL = Scope("local", None)
VIEWERS = (ALL, Scope("yunlong", frozenset([YUNLONG])), Scope("shifeng", frozenset([SHIFENG])))
PERIODS = ("2019", "2019-08", "2019-W35", "2022")
BY = ("counter", "hall", "township", "county", "department", "city", "all")


def run(home: Path, *command: str) -> Any:
    """The JSON that a command prints."""
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *command, "--json"])
    assert not ended.value.code
    return json.loads(out.getvalue())


def numbers(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every metric by every kind of unit for every viewer, and the rankings."""
    found = {}
    for scope in VIEWERS:
        for text in PERIODS:
            period = parse_period(text)
            for metric in catalogue():
                for by in BY:
                    frame = value(home, metric, period, by, scope, date(2022, 12, 31))
                    found[f"{metric} {by} {text} {scope.user}"] = frame.rows()
            ranking = rank(home, period, scope, None, "first", date(2022, 12, 31))
            found[f"rank {text} {scope.user}"] = ranking.table().rows() + ranking.detail().rows()
    return found


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("city") / "home"
    build_demo(home, "2019-07-01", "2019-09-30", 60_000, 2019, lambda text, share: None)
    return home


def test_the_edition_of_2023_leaves_every_earlier_number_as_it_was(city: Path) -> None:
    """And from 2023 the three townships count for 石峰区, and no village is closed."""
    before = numbers(city)
    assert sum(row[2] or 0 for row in before["tickets city 2019 local"]) > 10_000
    listed = run(city, "divisions", "diff", str(EDITION), "--from", "2023-01-01")
    kinds = [row["change"] for row in listed["changes"]]
    assert (listed["reach"], listed["n"], listed["unsettled"]) == ("township", 11, [])
    assert sorted(kinds) == [
        "closed",
        *["opened"] * 5,
        *["recoded+moved"] * 3,
        *["renamed"] * 2,
    ]
    parks = [row["new_code"] for row in listed["changes"] if "园" in (row["new_name"] or "")]
    decisions = city.parent / "decisions.csv"
    decisions.write_text(
        "code,decision,note\n" + "".join(f"{code},decline,no hall\n" for code in parks)
    )
    agreed = str(listed["n"] - len(parks))
    options = ("--from", "2023-01-01", "--decisions", str(decisions))
    run(city, "divisions", "import", str(EDITION), *options, "--yes", agreed)
    after = numbers(city)
    assert [name for name in before if before[name] != after[name]] == []

    halls = snapshot(city).reference("halls")
    assert halls.filter(level="village")["valid_to"].null_count() == 1388
    assert halls.filter(pl.col("valid_to").is_not_null())["hall_id"].to_list() == [YUNLONG]
    again = run(city, "divisions", "diff", str(EDITION), *options)
    assert (again["changes"], again["unsettled"]) == ([], [])

    from_2023(city)


def from_2023(city: Path) -> None:
    """A ticket a township and one of a village there, in January; one at the closed county hall."""
    counters = snapshot(city).reference("counters")
    village = snapshot(city).reference("halls").filter(level="village", parent_id=TOWNSHIPS[0])
    places = [*TOWNSHIPS, village["hall_id"][0], YUNLONG]
    at = "2023-01-0{} 09:00:00"
    rows = [
        ticket(
            place,
            counter_id=counters.filter(hall_id=hall)["counter_id"][0],
            taken_at=at.format(place + 3),
            called_at="",
            finished_at="",
            status="waiting",
        )
        for place, hall in enumerate(places)
    ]
    batch = send(city, "tickets", rows)
    assert batch.quarantined == {"unit_not_open": 1}
    month = parse_period("2023-01")
    county = {row[0]: row[2] for row in value(city, "tickets", month, "county", ALL).rows()}
    assert county[SHIFENG] == 4
    assert YUNLONG not in county
    assert sum(county.values()) == 4
    now = value(city, "tickets", parse_period("2019-08"), "county", ALL, places="now")
    then = value(city, "tickets", parse_period("2019-08"), "county", ALL)
    counted = [dict(frame.select("id", "n").iter_rows()) for frame in (now, then)]
    below = value(city, "tickets", parse_period("2019-08"), "hall", ALL)
    own = below.filter(pl.col("id") == YUNLONG)["n"].item()
    # The county's own counters have no heir, so they stay with their closed hall.
    assert counted[0][YUNLONG] == own
    gained = counted[0][SHIFENG] - counted[1][SHIFENG]
    assert gained == counted[1][YUNLONG] - own > 0
