"""The slow referee: every metric in plain Python over plain rows, sharing no code with the product.

Rows are dicts with the canonical column names and Python values (datetime, date, int, str, None).
Working days come from chinese_calendar itself. Each metric is a function of the rows that fall to
one unit, written from its definition in words, not from the catalogue.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import chinese_calendar

from tests import oracle_loop

Row = dict[str, Any]
MATURITY = 7  # days after the service until which a rating may ordinarily still come


@dataclass
class World:
    """All rows of a small city, and who belongs to whom."""

    halls: list[Row]
    counters: list[Row]
    ratings: list[Row] = field(default_factory=list)
    tickets: list[Row] = field(default_factory=list)
    cases: list[Row] = field(default_factory=list)
    inspections: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    exemptions: list[Row] = field(default_factory=list)
    staff: list[Row] = field(default_factory=list)
    attendance: list[Row] = field(default_factory=list)
    voids: list[Row] = field(default_factory=list)
    rectifications: list[Row] = field(default_factory=list)

    def days(self) -> list[date]:
        """The days on which anything happened that a file can tell."""
        days = [row["taken_at"].date() for row in self.tickets]
        days += [day_of_service(row) for row in self.ratings]
        days += [row["rated_at"].date() for row in self.ratings]
        days += [row["received_at"].date() for row in self.cases]
        days += [row["closed_at"].date() for row in self.cases if row["closed_at"]]
        days += [row["started_at"].date() for row in self.inspections]
        days += [row["found_at"].date() for row in self.findings]
        days += [row["attended_on"] for row in self.attendance if counter_of_shift(self, row)]
        for row in loops_of(self):
            days += [row["opened_at"].date(), *filter(None, [oracle_loop.loop_end(row)])]
        return days


def version_on(rows: list[Row], key: str, one: str, day: date) -> Row:
    """The version of a unit on a day: the last that had begun, before the first the first."""
    mine = [row for row in rows if row[key] == one]
    mine.sort(key=lambda row: row["valid_from"] or date.min)
    begun = [row for row in mine if (row["valid_from"] or date.min) <= day]
    return begun[-1] if begun else mine[0]


def unit_of(world: World, by: str, counter: str, day: date) -> str | None:
    """The unit of `by` to which a counter belongs on a day: itself, or the next above it."""
    at = version_on(world.counters, "counter_id", counter, day)
    if by in ("counter", "department", "hall"):
        return str(at[f"{by}_id"]) if at[f"{by}_id"] else None
    hall: str | None = at["hall_id"]
    while hall is not None:
        version = version_on(world.halls, "hall_id", hall, day)
        if version["level"] == by:
            return hall
        hall = version["parent_id"]
    return None


def above(world: World, hall: str | None, day: date) -> set[str]:
    """A hall and all halls over it on a day."""
    found: set[str] = set()
    while hall is not None:
        found.add(hall)
        hall = version_on(world.halls, "hall_id", hall, day)["parent_id"]
    return found


def means(world: World, decision: Row, counter: str, day: date) -> bool:
    """Whether an exemption is meant for a counter on a day."""
    if decision["counter_id"]:
        return bool(decision["counter_id"] == counter)
    if not decision["hall_id"]:
        return True
    stands = version_on(world.counters, "counter_id", counter, day)["hall_id"]
    reached = above(world, stands, day) if decision["includes_below"] else {stands}
    return decision["hall_id"] in reached


def is_lifted(world: World, system: str, counter: str, moment: datetime) -> bool:
    """Whether somebody decided that the counter does not answer for the system at that moment."""
    return any(
        (decision["system"] or "all") in (system, "all")
        and decision["starts_at"] <= moment < decision["ends_at"]
        and means(world, decision, counter, moment.date())
        for decision in world.exemptions
    )


@dataclass(frozen=True)
class Question:
    """The metric of one unit of `level` in [start, end) as known at the end of `as_of`."""

    start: date
    end: date
    as_of: date
    level: str
    unit: str
    decides: bool = False  # by department, of a metric that is charged to who decides
    places_on: date | None = None  # all days as things stand on this one (现行口径)

    def holds(self, world: World, counter: str, day: date) -> bool:
        """Whether what happens at a counter on a day is the unit's."""
        return unit_of(world, self.level, counter, self.places_on or day) == self.unit

    def has(self, day: date) -> bool:
        return self.start <= day < self.end and day <= self.as_of

    def ripe(self, day: date) -> bool:
        return self.has(day) and day + timedelta(days=MATURITY) <= self.as_of


def day_of_service(rating: Row) -> date:
    return (rating["served_at"] or rating["rated_at"]).date()


def standing_ratings(world: World) -> list[Row]:
    """The ratings that no decision took out."""
    voided = {row["rating_id"] for row in world.voids}
    return [row for row in world.ratings if row["rating_id"] not in voided]


def voided_ratings(world: World, ask: "Question") -> int:
    """Ratings that a decision took out, by the day of the service."""
    standing = {row["rating_id"] for row in standing_ratings(world)}
    return sum(
        1
        for row in world.ratings
        if row["rating_id"] not in standing
        and ask.holds(world, row["counter_id"], day_of_service(row))
        and ask.ripe(day_of_service(row))
        and row["rated_at"].date() <= ask.as_of
    )


def loops_of(world: World) -> list[Row]:
    """Valid bad ratings with their redress; the redress of a voided rating is of nothing."""
    standing = standing_ratings(world)
    alive = {row["rating_id"] for row in standing}
    records = [row for row in world.rectifications if row["rating_id"] in alive]
    by_id = {row["rating_id"]: row["counter_id"] for row in standing}
    told = [row | {"counter_id": row["counter_id"] or by_id[row["rating_id"]]} for row in records]
    return oracle_loop.loops(standing, counting_ratings(world), told)


def share_of_loops(
    good: Callable[[Row, date], bool], base: Callable[[Row, date], bool] = lambda _row, _day: True
) -> Callable[[World, "Question"], tuple[int, int]]:
    """Of the loops that count from a day of the period, as known on the as-of day."""

    def share(world: World, ask: "Question") -> tuple[int, int]:
        mine = [
            row
            for row in loops_of(world)
            if ask.has(oracle_loop.counts_from(row))
            and ask.holds(world, row["counter_id"], oracle_loop.counts_from(row))
            and base(row, ask.as_of)
        ]
        return sum(1 for row in mine if good(row, ask.as_of)), len(mine)

    return share


def stock_of_loops(
    stands: Callable[[Row, date], bool],
) -> Callable[[World, "Question"], tuple[int, None]]:
    def stock(world: World, ask: "Question") -> tuple[int, None]:
        day = stock_day(ask)
        mine = [row for row in loops_of(world) if ask.holds(world, row["counter_id"], day)]
        return sum(1 for row in mine if stands(row, day)), None

    return stock


def counting_ratings(world: World) -> list[Row]:
    """The earliest rating of each case at each counter; the rest is follow-up."""
    best: dict[tuple[str, str], Row] = {}
    for row in standing_ratings(world):
        key = (row["case_id"], row["counter_id"])
        rank = (row["rated_at"], row["rating_id"])
        if key not in best or rank < (best[key]["rated_at"], best[key]["rating_id"]):
            best[key] = row
    return list(best.values())


def all_ratings_of(world: World, ask: Question) -> list[Row]:
    return [
        row
        for row in counting_ratings(world)
        if ask.holds(world, row["counter_id"], day_of_service(row))
        and ask.ripe(day_of_service(row))
        and row["rated_at"].date() <= ask.as_of
    ]


def lifted_rating(world: World, row: Row) -> bool:
    return is_lifted(world, "rating", row["counter_id"], row["rated_at"])


def ratings_of(world: World, ask: Question, origin: str) -> list[Row]:
    return [
        row
        for row in all_ratings_of(world, ask)
        if (row["origin"] or "active") == origin and not lifted_rating(world, row)
    ]


def tickets_of(world: World, ask: Question) -> list[Row]:
    return [
        row
        for row in world.tickets
        if ask.holds(world, row["counter_id"], row["taken_at"].date())
        and ask.has(row["taken_at"].date())
    ]


def lifted_ticket(world: World, row: Row) -> bool:
    return is_lifted(world, "queue", row["counter_id"], row["taken_at"])


def queued(world: World, ask: Question) -> list[Row]:
    """The tickets whose wait and leaving count."""
    return [row for row in tickets_of(world, ask) if not lifted_ticket(world, row)]


def waits_of(world: World, ask: Question) -> list[int]:
    return [
        int((row["called_at"] - row["taken_at"]).total_seconds())
        for row in queued(world, ask)
        if row["called_at"] is not None
    ]


def cases_of(world: World, ask: Question, day: Callable[[Row], date]) -> list[Row]:
    """Cases that the question charges: by receiving counter, or by deciding department.

    `day` of a case is the one that counts; the counter is charged where it stands on it. At the
    level of one counter a case that another department decides is not the counter's.
    """
    charged = []
    for row in world.cases:
        home = version_on(world.counters, "counter_id", row["counter_id"], START)["department_id"]
        decider = row["department_id"] or home
        own = row["department_id"] is None or row["department_id"] == home
        if ask.decides:
            if decider == ask.unit:
                charged.append(row)
        elif (own or ask.level != "counter") and ask.holds(world, row["counter_id"], day(row)):
            charged.append(row)
    return charged


START = date.min  # departments of counters do not change in these worlds


def closing_day(row: Row) -> date:
    """The day of the closing; an open case has none and is nobody's."""
    return (row["closed_at"] or datetime.max).date()


def received_at_counter(world: World, ask: Question, day: Callable[[Row], date]) -> list[Row]:
    return [row for row in world.cases if ask.holds(world, row["counter_id"], day(row))]


def receipt_day(row: Row) -> date:
    return row["received_at"].date()  # type: ignore[no-any-return]


def services_of(world: World, ask: Question) -> list[tuple[str, datetime]]:
    """What could be rated: served tickets, and closed cases to which no ticket leads.

    Counter and moment of each.
    """
    served = [
        (row["counter_id"], row["finished_at"] or row["called_at"] or row["taken_at"])
        for row in world.tickets
        if ask.holds(world, row["counter_id"], row["taken_at"].date())
        and row["status"] == "served"
        and ask.ripe(row["taken_at"].date())
    ]
    closed = [
        (row["counter_id"], row["closed_at"])
        for row in received_at_counter(world, ask, closing_day)
        if row["closed_at"] and not row["ticket_id"] and ask.ripe(row["closed_at"].date())
    ]
    return served + closed


def rateable(world: World, ask: Question) -> int:
    """The services that could be rated and that no exemption lifts with their ratings."""
    return sum(
        1
        for counter, moment in services_of(world, ask)
        if not is_lifted(world, "rating", counter, moment)
    )


def workdays_between(start: date, end: date) -> int:
    """Working days after `start` up to and with `end`, counted one by one."""
    days = (start + timedelta(days=n + 1) for n in range((end - start).days))
    return sum(1 for day in days if chinese_calendar.is_workday(day))


def limit_of(row: Row) -> tuple[int, str] | None:
    """The limit that rules: the promised one, else the statutory one, with its unit."""
    for name in ("promised", "statutory"):
        if row[f"{name}_limit"] is not None:
            return row[f"{name}_limit"], row[f"{name}_unit"]
    return None


def counted_days(row: Row, start: date, end: date) -> int:
    """Days after `start` up to and with `end` in the unit of the limit of a case."""
    limit = limit_of(row)
    if limit is not None and limit[1] == "day":
        return (end - start).days
    return workdays_between(start, end)


def stretches(world: World, row: Row) -> list[tuple[datetime, datetime]]:
    """When the clock of a case stood still, in order, what meets or overlaps as one."""
    cut = [
        (max(decision["starts_at"], midnight(day)), min(decision["ends_at"], midnight(day, 1)))
        for decision in world.exemptions
        if (decision["system"] or "all") in ("case", "all")
        for day in days_between(decision["starts_at"].date(), decision["ends_at"].date())
        if means(world, decision, row["counter_id"], day)
    ]
    found: list[tuple[datetime, datetime]] = []
    for begins, ends in sorted(one for one in cut if one[0] < one[1]):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((begins, ends))
    return found


def midnight(day: date, later: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=later), datetime.min.time())


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def stops_of(world: World, row: Row) -> list[tuple[datetime, date, date]]:
    """Start of each stop within the life of a case, and the days after which and with which it
    counts."""
    closed = row["closed_at"] or datetime.max
    cut = [(max(one, row["received_at"]), min(two, closed)) for one, two in stretches(world, row)]
    return [(one, one.date(), two.date()) for one, two in cut if one <= two]


def used_days(world: World, row: Row) -> int:
    """From the acceptance (here: the receipt) to the closing, in the unit of the limit."""
    spent = counted_days(row, row["received_at"].date(), row["closed_at"].date())
    return max(spent - sum(counted_days(row, a, b) for _, a, b in stops_of(world, row)), 0)


def after_limit(row: Row, days: int) -> datetime:
    """The moment after the last of so many days, in the unit of the limit."""
    limit = limit_of(row)
    assert limit is not None
    day, left = row["received_at"].date(), days
    while left:
        day += timedelta(days=1)
        left -= limit[1] == "day" or chinese_calendar.is_workday(day)
    return midnight(day, 1)


def deadline(world: World, row: Row) -> datetime | None:
    """The moment from which an open case is overdue; a limit ends with its last day.

    A stop that begins in time puts it off by the days that it holds after its first.
    """
    if row["due_at"] is not None:
        return row["due_at"]  # type: ignore[no-any-return]
    limit = limit_of(row)
    if limit is None:
        return None
    days = limit[0]
    for begins, first, last in stops_of(world, row):
        if begins < after_limit(row, days):
            days += counted_days(row, first, last)
    return after_limit(row, days)


def is_on_time(world: World, row: Row) -> bool:
    due = deadline(world, row)
    return row["closed_at"] <= due if row["due_at"] is not None else row["closed_at"] < due


def closed_with_limit(world: World, ask: Question) -> tuple[int, int]:
    """Closed on time, and closed with a limit, in the period."""
    on_time = total = 0
    for row in cases_of(world, ask, closing_day):
        if row["closed_at"] and deadline(world, row) and ask.has(row["closed_at"].date()):
            total += 1
            on_time += is_on_time(world, row)
    return on_time, total


def days_saved(world: World, ask: Question, name: str) -> tuple[int, int]:
    """Days saved against a limit, and days allowed by it, over cases closed in the period."""
    saved = allowed = 0
    for row in cases_of(world, ask, closing_day):
        limit, rules = row[f"{name}_limit"], limit_of(row)
        same = rules is not None and row[f"{name}_unit"] == rules[1]
        if row["closed_at"] and limit is not None and same and ask.has(row["closed_at"].date()):
            allowed += limit
            saved += limit - used_days(world, row)
    return saved, allowed


def counter_of_shift(world: World, row: Row) -> str | None:
    """The counter that a shift names, or that of its person on the day; some have none."""
    if row["counter_id"]:
        return str(row["counter_id"])
    found = version_on(world.staff, "staff_id", row["staff_id"], row["attended_on"])["counter_id"]
    return str(found) if found else None


def shifts_of(world: World, ask: Question) -> list[Row]:
    return [
        row
        for row in world.attendance
        if (counter := counter_of_shift(world, row))
        and ask.has(row["attended_on"])
        and ask.holds(world, counter, row["attended_on"])
        and not is_lifted(world, "attendance", counter, shift_begins(row))
    ]


def shift_begins(row: Row) -> datetime:
    """Nine in the morning, or one o'clock: no shift of these worlds says when it is due."""
    return midnight(row["attended_on"]) + timedelta(hours=13 if row.get("shift") == "pm" else 9)


def _kept(row: Row) -> bool:
    return row["kind"] == "present" or (row["kind"] == "leave" and row["approved"] == "1")


def stock_day(ask: Question) -> date:
    return min(ask.as_of, ask.end - timedelta(days=1))


def open_overdue(world: World, ask: Question) -> int:
    """Cases whose deadline passed by the end of the day and that were not closed by then."""
    end = datetime.combine(stock_day(ask), datetime.max.time())
    return sum(
        1
        for row in cases_of(world, ask, lambda _: stock_day(ask))
        if (due := deadline(world, row)) is not None
        and due <= end
        and (row["closed_at"] is None or row["closed_at"] > end)
    )


def covered_by(world: World, row: Row) -> set[str]:
    """The counters that a round covered: those it names, or all that its hall had on that day."""
    if row["counters"] == "all":
        day = row["started_at"].date()
        everybody = {one["counter_id"] for one in world.counters}
        return {one for one in everybody if unit_of(world, "hall", one, day) == row["hall_id"]}
    return set(row["counters"].split(";"))


def rounds_of(world: World, ask: Question) -> list[tuple[date, str]]:
    """Day and counter of every covering round."""
    return [
        (row["started_at"].date(), counter)
        for row in world.inspections
        if ask.has(row["started_at"].date())
        for counter in covered_by(world, row)
        if ask.holds(world, counter, row["started_at"].date())
    ]


def findings_of(world: World, ask: Question, lifted: bool = False) -> list[Row]:
    """The findings that count, or those that an exemption lifts."""
    return [
        row
        for row in world.findings
        if ask.holds(world, row["counter_id"], row["found_at"].date())
        and ask.has(row["found_at"].date())
        and is_lifted(world, "inspection", row["counter_id"], row["found_at"]) == lifted
    ]


def points_per_round(world: World, ask: Question) -> tuple[int, int]:
    """Deducted points in hundredths, and covering rounds."""
    points = sum(round(row["points"] * 100) for row in findings_of(world, ask))
    return points, len(rounds_of(world, ask))


def coverage(world: World, ask: Question) -> tuple[int, int]:
    """Open counter-days with a round, and open counter-days, inside the span of the files."""
    happened = world.days()
    span = [
        min(happened) + timedelta(days=n) for n in range((max(happened) - min(happened)).days + 1)
    ]
    open_days = [day for day in span if chinese_calendar.is_workday(day) and ask.has(day)]
    everybody = {one["counter_id"] for one in world.counters}
    wanted = {(day, one) for day in open_days for one in everybody if ask.holds(world, one, day)}
    return len(wanted & set(rounds_of(world, ask))), len(wanted)


def open_cases(world: World, ask: Question) -> int:
    end = datetime.combine(stock_day(ask), datetime.max.time())
    return sum(
        1
        for row in cases_of(world, ask, lambda _: stock_day(ask))
        if row["received_at"] <= end and (row["closed_at"] is None or row["closed_at"] > end)
    )


Pair = tuple[int, int | None]
SCALE = {5: 100, 4: 80, 3: 60, 2: 30, 1: 0}


def _share(rows: list[Row], good: Callable[[Row], bool]) -> Pair:
    return sum(1 for row in rows if good(row)), len(rows)


def _good(row: Row) -> bool:
    return bool(row["grade"] >= 3)


def _bad(row: Row) -> bool:
    return bool(row["grade"] <= 2)


def _both(world: World, ask: Question) -> list[Row]:
    return ratings_of(world, ask, "active") + ratings_of(world, ask, "default")


def _unrated(world: World, ask: Question, rated: int) -> Pair:
    services = rateable(world, ask)
    return services - rated, services


def _on_time_incl_open(world: World, ask: Question) -> Pair:
    on_time, total = closed_with_limit(world, ask)
    return on_time, total + open_overdue(world, ask)


def _level_sum(rows: list[Row]) -> Pair:
    return sum(SCALE[row["grade"]] for row in rows), len(rows)


def _active(world: World, ask: Question) -> list[Row]:
    return ratings_of(world, ask, "active")


METRICS: dict[str, Callable[[World, Question], Pair]] = {
    "active_good_rate": lambda w, q: _share(_active(w, q), _good),
    "good_rate": lambda w, q: _share(_both(w, q), _good),
    "bad_rate": lambda w, q: _share(_active(w, q), _bad),
    "bad_rate_incl_default": lambda w, q: _share(_both(w, q), _bad),
    "response_rate": lambda w, q: (len(_active(w, q)), rateable(w, q)),
    "response_rate_incl_default": lambda w, q: (len(_both(w, q)), rateable(w, q)),
    "unrated_rate": lambda w, q: _unrated(w, q, len(_active(w, q))),
    "unrated_rate_excl_default": lambda w, q: _unrated(w, q, len(_both(w, q))),
    "default_share": lambda w, q: (
        len(ratings_of(w, q, "default")),
        len(_both(w, q)),
    ),
    "active_satisfaction": lambda w, q: _level_sum(_active(w, q)),
    "satisfaction_incl_default": lambda w, q: _level_sum(_both(w, q)),
    "tickets": lambda w, q: (len(tickets_of(w, q)), None),
    "served": lambda w, q: (
        sum(1 for row in tickets_of(w, q) if row["status"] == "served"),
        None,
    ),
    "abandonment_rate": lambda w, q: _share(queued(w, q), lambda row: row["status"] == "abandoned"),
    "wait_within_15_rate": lambda w, q: (
        sum(1 for wait in waits_of(w, q) if wait <= 900),
        len(waits_of(w, q)),
    ),
    "wait_mean": lambda w, q: (sum(waits_of(w, q)), len(waits_of(w, q))),
    "received_cases": lambda w, q: (
        sum(1 for row in received_at_counter(w, q, receipt_day) if q.has(receipt_day(row))),
        None,
    ),
    "closed_cases": lambda w, q: (
        sum(
            1
            for row in received_at_counter(w, q, closing_day)
            if row["closed_at"] and q.has(row["closed_at"].date())
        ),
        None,
    ),
    "open_cases": lambda w, q: (open_cases(w, q), None),
    "open_overdue": lambda w, q: (open_overdue(w, q), None),
    "services": lambda w, q: (len(services_of(w, q)), None),
    "speed_up_promised": lambda w, q: days_saved(w, q, "promised"),
    "speed_up_statutory": lambda w, q: days_saved(w, q, "statutory"),
    "inspection_coverage": coverage,
    "points_per_round": points_per_round,
    "on_time_rate": closed_with_limit,
    "attendance_rate": lambda w, q: _share(shifts_of(w, q), _kept),
    "late_n": lambda w, q: (sum(row["kind"] == "late" for row in shifts_of(w, q)), None),
    "voided_ratings": lambda w, q: (voided_ratings(w, q), None),
    "reply_rate": share_of_loops(oracle_loop.done("replied_at")),
    "rectification_rate": share_of_loops(oracle_loop.done("rectified_at")),
    "on_time_rectification_rate": share_of_loops(oracle_loop.on_time),
    "callback_rate": share_of_loops(oracle_loop.done("called_back_at")),
    "rerating_satisfaction": share_of_loops(oracle_loop.content, oracle_loop.rerated),
    "open_bad": stock_of_loops(oracle_loop.is_open),
    "bad_overdue": stock_of_loops(oracle_loop.is_overdue),
    "on_time_rate_incl_open": _on_time_incl_open,
    "findings_n": lambda w, q: (len(findings_of(w, q)), None),
    "exempt_findings": lambda w, q: (len(findings_of(w, q, lifted=True)), None),
    "exempt_tickets": lambda w, q: (
        sum(1 for row in tickets_of(w, q) if lifted_ticket(w, row)),
        None,
    ),
    "exempt_ratings": lambda w, q: (
        sum(1 for row in all_ratings_of(w, q) if lifted_rating(w, row)),
        None,
    ),
}


def value(metric: str, world: World, ask: Question) -> tuple[int, int | None, Fraction | None]:
    """n, d and their exact quotient (None where there is nothing to divide by)."""
    n, d = METRICS[metric](world, ask)
    if d is None:
        return n, None, Fraction(n)
    return n, d, Fraction(n, d * PARTS.get(metric, 1)) if d else None


PARTS = {"points_per_round": 100}  # n is in hundredths of a point
QUANTILES = {"wait_median": 50, "wait_p90": 90}
BIN_S = 60  # the width of a histogram bin, for waits below two hours


def nearest_rank(waits: list[int], percent: int) -> int | None:
    """The smallest wait that at least `percent` of all waits do not exceed."""
    ordered = sorted(waits)
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None
