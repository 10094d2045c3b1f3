"""What stands behind points: attendance of every member of staff, bonuses, votes and vetoes.

Drawn from streams of its own, so that a city simulated before has the same tickets and ratings.
"""

import numpy as np
import polars as pl

from data.simulate.services import numbered
from data.simulate.town import Town

LAPSES = ("late", "early", "no_sign", "absent", "away", "not_back")
LAPSE_SHARES = (0.5, 0.2, 0.15, 0.03, 0.09, 0.03)
TIMED = ("late", "early", "away")
LEAVE_SHARE, REFUSED_SHARE = 0.03, 0.04
LEAVES, LEAVE_SHARES = ("annual", "sick", "personal", "official"), (0.4, 0.2, 0.25, 0.15)
BONUSES, BONUS_SHARES = (("J01", 0.5), ("J02", 1.0), ("J03", 2.0)), (0.6, 0.3, 0.1)
VETOES = ("exposure", "sanction", "quarrel", "upheld_complaint")
BONUSES_A_QUARTER, VETOES_A_QUARTER = 90, 1.5
BLAMED = 0.6  # share of the findings that name a person


def with_lapses(truth: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Add lapse_probability: how often a shift of the counter's staff is not as it should be."""
    rng = np.random.default_rng([seed, 2])
    return truth.with_columns(lapse_probability=0.02 * rng.gamma(2.0, 0.5, truth.height))


def blamed(town: Town, found: pl.DataFrame, tag: str, seed: int) -> pl.DataFrame:
    """Findings of a quarter with the staff_id of who was responsible, on part of them."""
    rng = _stream(seed, tag, 3)
    at = pl.DataFrame({"counter_id": town.counter_ids, "at": np.arange(len(town.desks))})
    counter = found.join(at, on="counter_id", how="left", maintain_order="left")["at"].to_numpy()
    starts = np.cumsum(town.desks) - town.desks
    person = starts[counter] + (rng.random(found.height) * town.desks[counter]).astype(np.int64)
    named = pl.Series(rng.random(found.height) >= BLAMED, dtype=pl.Boolean)
    return found.with_columns(staff_id=town.frames["staff"]["staff_id"][person].set(named, None))


def rare_facts(town: Town, workdays: np.ndarray, tag: str, seed: int) -> dict[str, pl.DataFrame]:
    """Bonuses, votes and vetoes of a quarter by log; `workdays` in days since 1970."""
    rng = _stream(seed, tag, 4)
    return {
        "bonuses": _bonuses(town, workdays, tag, rng),
        "votes": _votes(town, workdays, tag, rng),
        "vetoes": _vetoes(town, workdays, tag, rng),
    }


def _stream(seed: int, tag: str, number: int) -> np.random.Generator:
    """A stream for one purpose in one quarter, such as 2019Q3."""
    return np.random.default_rng([seed, int(tag[:4]), int(tag[5:]), number])


def _days(days: np.ndarray) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def _counters_of_staff(town: Town) -> np.ndarray:
    """The place of the counter of each member of staff, who come desk by desk."""
    return np.repeat(np.arange(len(town.desks)), town.desks)


def attendance(town: Town, workdays: np.ndarray, tag: str, seed: int) -> pl.DataFrame:
    """The shifts of a quarter; `workdays` in days since 1970.

    The city hall signs twice a day, counties and townships once; a station of one keeps no sheet.
    """
    rng = _stream(seed, tag, 5)
    counter = _counters_of_staff(town)
    twice = town.level[counter] == 0
    once = (town.level[counter] == 1) | (town.level[counter] == 2)
    person = np.concatenate([np.repeat(np.nonzero(twice)[0], 2), np.nonzero(once)[0]])
    half = np.zeros(len(person), dtype=np.int64)
    half[: 2 * twice.sum()] = np.tile([1, 2], twice.sum())
    person, half = np.tile(person, len(workdays)), np.tile(half, len(workdays))
    day = np.repeat(workdays, len(person) // max(len(workdays), 1))
    count = len(person)
    luck = rng.random(count)
    lapse = town.truth["lapse_probability"].to_numpy()[counter[person]]
    leave = luck < LEAVE_SHARE
    bad = ~leave & (luck < LEAVE_SHARE + lapse)
    kind = np.zeros(count, dtype=np.int64)
    kind[leave] = 1
    kind[bad] = 2 + rng.choice(len(LAPSES), int(bad.sum()), p=LAPSE_SHARES)
    names = pl.Series(["present", "leave", *LAPSES])[kind]
    minutes = np.minimum(1 + rng.exponential(12, count), 180).astype(np.int32)
    timed = names.is_in(TIMED)
    away = pl.Series(leave)
    why = pl.Series(LEAVES)[rng.choice(len(LEAVES), count, p=LEAVE_SHARES)]
    return pl.DataFrame(
        {
            "attendance_id": numbered(f"A{tag}-", 1, count),
            "staff_id": town.frames["staff"]["staff_id"][person],
            "attended_on": _days(day),
            "shift": pl.Series(["full", "am", "pm"])[half],
            "kind": names,
            "minutes": pl.Series(minutes).set(~timed, None),
            "leave_kind": why.set(~away, None),
            "approved": pl.Series(rng.random(count) >= REFUSED_SHARE).set(~away, None),
        }
    )


def _bonuses(town: Town, workdays: np.ndarray, tag: str, rng: np.random.Generator) -> pl.DataFrame:
    """Some for counters, some for single members of staff, in city and county halls."""
    staff = np.nonzero(town.level[_counters_of_staff(town)] < 2)[0]
    person = rng.choice(staff, BONUSES_A_QUARTER)
    alone = rng.random(len(person)) < 0.5
    rule = rng.choice(len(BONUSES), len(person), p=BONUS_SHARES)
    people = town.frames["staff"][person]
    return pl.DataFrame(
        {
            "bonus_id": numbered(f"J{tag}-", 1, len(person)),
            "counter_id": people["counter_id"].set(pl.Series(alone), None),
            "staff_id": people["staff_id"].set(pl.Series(~alone), None),
            "given_on": _days(rng.choice(workdays, len(person))),
            "rule_code": pl.Series([name for name, _ in BONUSES])[rule],
            "points": pl.Series([points for _, points in BONUSES])[rule],
            "decided_by": ["考核办"] * len(person),
        }
    )


def _votes(town: Town, workdays: np.ndarray, tag: str, rng: np.random.Generator) -> pl.DataFrame:
    """Each month: three electorates on the counters above the villages, two on the city staff."""
    months = _days(workdays).dt.truncate("1mo")
    last = workdays[np.append(months.to_numpy()[1:] != months.to_numpy()[:-1], True)]
    counters = town.counter_ids.filter(pl.Series(town.level < 3))
    in_city = pl.Series(town.level[_counters_of_staff(town)] == 0)
    staff = town.frames["staff"].filter(in_city)["staff_id"]
    asked = [
        pl.DataFrame({name: units}).join(pl.DataFrame({"electorate": who}), how="cross")
        for name, units, who in (
            ("counter_id", counters, ["duty_officers", "staff", "clients"]),
            ("staff_id", staff, ["peers", "leaders"]),
        )
    ]
    days = pl.DataFrame({"voted_on": _days(last)})
    ballots = days.join(pl.concat(asked, how="diagonal"), how="cross", maintain_order="left_right")
    most = ballots["electorate"].replace_strict(
        {"duty_officers": 6, "staff": 20, "clients": 30, "peers": 12, "leaders": 3},
        return_dtype=pl.Int64,
    )
    given = 85 + 15 * rng.beta(4, 1.5, ballots.height)
    return ballots.select(
        numbered(f"V{tag}-", 1, ballots.height).alias("vote_id"),
        "counter_id",
        "staff_id",
        "voted_on",
        "electorate",
        pl.Series(given).round(2).alias("score"),
        pl.lit(100).alias("scale"),
        pl.Series(rng.integers(1, most.to_numpy() + 1)).alias("ballots"),
    )


def _vetoes(town: Town, workdays: np.ndarray, tag: str, rng: np.random.Generator) -> pl.DataFrame:
    count = int(rng.poisson(VETOES_A_QUARTER))
    staff = np.nonzero(town.level[_counters_of_staff(town)] < 2)[0]
    people = town.frames["staff"][rng.choice(staff, count)]
    happened = rng.choice(workdays, count)
    return pl.DataFrame(
        {
            "veto_id": numbered(f"F{tag}-", 1, count),
            "counter_id": people["counter_id"],
            "staff_id": people["staff_id"],
            "happened_on": _days(happened),
            "rule_code": pl.Series(VETOES)[rng.integers(0, len(VETOES), count)],
            "decided_by": pl.Series(["考核领导小组"] * count, dtype=pl.String),
            "decided_on": _days(happened + rng.integers(1, 15, count)),
        }
    )
