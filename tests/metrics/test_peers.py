"""Peer groups: who is compared with whom, the same for everybody and all year."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.errors import HallscoreError
from metrics.fairness.ladder import OTHER, climb, split
from metrics.fairness.peer_words import basis_sentence, group_label
from metrics.fairness.peers import basis_of, peer_groups
from metrics.periods import parse_period
from metrics.ranking import rank
from metrics.rollup import ensure
from metrics.scheme_model import Scheme
from metrics.scope import Scope
from tests.builders import send

HALLS = [
    {"hall_id": "C", "name": "市民中心", "level": "city", "parent_id": ""},
    *(
        {"hall_id": f"T{at:02d}", "name": f"{at}镇", "level": "township", "parent_id": "C"}
        for at in range(24)
    ),
]
LOCAL = Scope("local", None)


def counter(at: int, family: str, **more: Any) -> dict[str, Any]:
    row = {"counter_id": f"{family}{at:02d}", "name": f"{family}{at}", "hall_id": f"T{at:02d}"}
    return row | {"family": family, "valid_from": "", "valid_to": ""} | more


def tickets(name: str, day: date, count: int) -> list[dict[str, Any]]:
    return [
        {
            "ticket_id": f"{name}-{day}-{at}",
            "counter_id": name,
            "taken_at": f"{day} 09:{at:02d}:00",
            "called_at": f"{day} 10:{at:02d}:00",
            "finished_at": f"{day} 11:{at:02d}:00",
            "status": "served",
        }
        for at in range(count)
    ]


FIRST, LAST = date(2018, 1, 2), date(2018, 12, 28)
COUNTERS = [counter(at, "civil") for at in range(24)] + [counter(at, "land") for at in range(8)]


def volumes(day: date, extra: dict[str, int] | None = None) -> list[dict[str, Any]]:
    """Civil counter 00 had 1 visitor on the day, 01 two, …; a land counter one."""
    counts = {f"civil{at:02d}": at + 1 for at in range(24)} | {
        f"land{at:02d}": 1 for at in range(8)
    }
    return [
        row for name, count in (counts | (extra or {})).items() for row in tickets(name, day, count)
    ]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 civil counters of townships with all volumes, 8 of land; logs of 2018 and of January."""
    path = tmp_path_factory.mktemp("peers") / "home"
    send(path, "halls", HALLS)
    send(path, "counters", COUNTERS)
    for day in (FIRST, date(2018, 6, 4), LAST):
        send(path, "tickets", volumes(day))
    send(path, "tickets", volumes(date(2019, 1, 3), {"civil00": 50}))
    ensure(path)
    return path


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A copy of that home to write to."""
    return Path(shutil.copytree(made, tmp_path / "home"))


def groups(home: Path, period: str, entity: str = "counter", **rules: Any) -> pl.DataFrame:
    return peer_groups(ensure(home), entity, parse_period(period), **rules)


def of(found: pl.DataFrame) -> dict[str, str]:
    return dict(found.select("id", "group").iter_rows())


def test_groups_are_level_family_and_last_years_volume(home: Path) -> None:
    """A visit more this year moves nobody: the volume is that of 2018."""
    found = groups(home, "2019-05")
    told = of(found)
    assert told["civil00"] == told["civil07"] == "township/civil/1of3"
    assert told["civil08"] == told["civil15"] == "township/civil/2of3"
    assert told["civil16"] == told["civil23"] == "township/civil/3of3"
    assert set(found.filter(pl.col("group") == told["civil00"])["k"]) == {8}
    assert set(found.filter(pl.col("family") == "civil")["basis"]) == {"2018"}


def test_a_lone_small_family_makes_the_level_one_group() -> None:
    """Five land counters can stand neither alone nor as 'other'."""
    rows = [counter(at, "land") for at in range(5)]
    rows += [counter(at, "civil") for at in range(24)]
    whole = climb([(row["family"], None) for row in rows], 3, 8)
    assert whole["land"] == whole["civil"]
    assert (whole["land"].family, whole["land"].merged) == (None, "level")


def test_the_ladder_gives_up_volume_before_family() -> None:
    volumes = [*range(1, 18)]
    members = [("a", one) for one in volumes] + [("b", 1)] * 5 + [("c", 1)] * 4
    rungs = climb(members, 3, 8)
    assert (rungs["a"].family, rungs["a"].merged) == ("a", "volume")  # 17 = 5 + 6 + 6, then 5 + 12
    assert (rungs["b"].family, rungs["c"].family) == (OTHER, OTHER)
    assert rungs[None].family == OTHER


def test_bands_merge_with_the_smaller_neighbour_and_equal_volumes_stay_together() -> None:
    rung = split([1] * 12 + [5] * 3 + [9] * 9, 3, 8)
    assert (rung.runs, rung.merged) == (((1, 2), (3, 3)), "bands")
    assert split([7] * 30, 3, 8).merged == "volume"


def test_no_counter_changes_its_group_in_the_year_because_another_opens(home: Path) -> None:
    """Openings, closures and a new family join groups; they make none and move nobody."""
    may = groups(home, "2019-05")
    fresh = [counter(at, "tax", valid_from="2019-07-01") for at in range(9)]
    fresh += [counter(23, "civil", counter_id="late", valid_from="2019-07-01")]
    closed = [counter(3, "civil", valid_to="2019-08-01")]
    send(home, "counters", fresh + closed)
    send(home, "tickets", volumes(date(2019, 11, 4), {"late": 9}))
    november = groups(home, "2019-11")
    before, after = of(may), of(november)
    assert {name: after[name] for name in before} == before
    assert of(groups(home, "2019-05")) == after
    assert after["tax00"].startswith("township")
    k = november.filter(pl.col("id") == "civil00")["k"].item()
    assert k == may.filter(pl.col("id") == "civil00")["k"].item() - 1


def test_a_new_counter_waits_in_the_middle_until_its_first_complete_quarter(home: Path) -> None:
    late = counter(23, "civil", counter_id="late", valid_from="2019-05-06")
    send(home, "counters", [late])
    send(home, "tickets", volumes(date(2019, 9, 30), {"late": 1}))
    row = groups(home, "2019-06").row(by_predicate=pl.col("id") == "late", named=True)
    assert (row["band"], row["basis"]) == ("1", "2019-Q3")
    waiting = counter(22, "civil", counter_id="later", valid_from="2019-10-08")
    send(home, "counters", [waiting])
    row = groups(home, "2019-06").row(by_predicate=pl.col("id") == "later", named=True)
    assert (row["band"], row["basis"], row["merged"]) == ("2", None, "new")


@pytest.fixture
def fresh_home(tmp_path: Path) -> Path:
    """The same town in its first year, before its first quarter is over."""
    path = tmp_path / "fresh" / "home"
    send(path, "halls", HALLS)
    send(path, "counters", COUNTERS)
    send(path, "tickets", volumes(date(2019, 1, 2)))
    return path


def test_in_a_first_year_the_first_complete_quarter_decides_and_says_so(fresh_home: Path) -> None:
    early = groups(fresh_home, "2019-02")
    assert basis_of(ensure(fresh_home), 2019) is None
    assert (set(early["band"]), set(early["family"])) == ({None}, {"civil", "land"})
    assert set(early["basis"]) == {None}
    send(fresh_home, "tickets", volumes(date(2019, 3, 29)))
    found = groups(fresh_home, "2019-02")
    assert set(found.filter(pl.col("family") == "civil")["basis"]) == {"2019-Q1"}
    assert of(found) == of(groups(fresh_home, "2019-11"))
    assert "2019-Q1" in basis_sentence("2019-Q1", "en")
    assert "暂不" in basis_sentence(None)


def test_a_level_is_never_mixed_and_a_small_one_is_flagged(home: Path) -> None:
    halls = groups(home, "2019-05", entity="hall")
    assert set(halls.filter(pl.col("level") == "city")["small"]) == {True}
    assert set(halls["group"]) == {"city", "township"}
    assert set(halls.filter(pl.col("level") == "township")["k"]) == {24}


def test_the_groups_are_those_of_the_home_whoever_looks(home: Path) -> None:
    """A township sees its own counters only, in the same groups as the city sees them."""
    period = parse_period("2019-01")
    whole = rank(home, period, LOCAL, "peers").table()
    own = rank(home, period, Scope("t", frozenset(["T03", "T20"])), "peers").table()
    frames = dict(whole.select("id", "frame").iter_rows())
    assert own.height == 3
    assert all(frames[name] == frame for name, frame in own.select("id", "frame").iter_rows())


def test_ranks_count_inside_the_group(home: Path) -> None:
    table = rank(home, parse_period("2019-01"), LOCAL, "peers", "hallscore").table()
    assert set(table["frame"]) <= set(groups(home, "2019-01")["group"])


def test_a_group_reads_as_words() -> None:
    assert group_label("township/民政/2of3") == "乡镇·民政·业务量中"
    assert group_label("township/民政/1-2of3") == "乡镇·民政·业务量小至中"
    assert group_label("county/*", "en") == "County · other business"
    assert group_label("village/3of5") == "村·业务量第3档（共5档）"
    assert group_label("village/a/b/3of5", "en") == "Village · a/b · volume band 3 of 5"
    assert group_label("county:C1") == "county:C1"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"by": ("family",)}, "level"),
        ({"by": ("level", "famliy")}, "Did you mean 'family'"),
        ({"entity": "counters"}, "Did you mean 'counter'"),
    ],
)
def test_what_is_no_rule_is_refused(home: Path, rules: dict[str, Any], said: str) -> None:
    with pytest.raises(HallscoreError, match=said):
        groups(home, "2019-05", **rules)


def scheme(**peers: Any) -> Scheme:
    label = {"zh": "一", "en": "one"}
    item = {"metric": "on_time_rate", "weight": 100, "mapping": [[0, 0], [1, 1]]}
    content = {"id": "s", "label": label, "version": "1", "valid_from": date(2019, 1, 1)}
    rest = {"publish": "official", "frame": "peers", "item": [item], "peers": peers}
    return Scheme.model_validate(content | rest)


def test_a_scheme_declares_its_peers_and_cannot_mix_levels() -> None:
    assert scheme().peers.least == 8
    assert scheme(bands=2, volume="services").peers.bands == 2
    with pytest.raises(ValueError, match="levels are never mixed"):
        scheme(by=["family"])
    with pytest.raises(ValueError, match="is a ratio"):
        scheme(volume="on_time_rate")
    with pytest.raises(ValueError, match="unknown metric"):
        scheme(volume="tickts")
