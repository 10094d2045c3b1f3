"""What the referee answers to a paragraph: the same rows, plain Python, no code of the product."""

import tomllib
from collections.abc import Callable, Collection
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests import oracle
from tests import score_referee as judge
from tests.spec.paragraphs import Paragraph
from tests.spec.referee_rules import (
    DECIDED,
    LAST_YEAR,
    LIFTED,
    REPORTS,
    day_of,
    days_late,
    last_day,
    least_of,
    log_of,
    names_of,
    rule_for,
    span_of,
    typed,
)
from tests.spec.rows import Row, rows_of, scheme_text

Answer = dict[str, Any]


class Referee:
    """The answers of the rows of one paragraph; `delivered`: the logs that the home has."""

    def __init__(self, asked: Paragraph, delivered: Collection[str]) -> None:
        self.asked, self.delivered = asked, set(delivered)
        self.rows = {log: [typed(row) for row in rows] for log, rows in rows_of(asked).items()}
        logs = ("ratings", "tickets", "cases", "inspections", "findings", *DECIDED)
        halls = [row | {"parent_id": None, "valid_from": None} for row in self.rows["halls"]]
        counters = [row | {"valid_from": None} for row in self.rows["counters"]]
        self.world = oracle.World(halls, counters, **{log: self.rows.get(log, []) for log in logs})
        self.counters = [row["counter_id"] for row in counters]
        self.start, self.end = span_of(asked.period)
        self.as_of = date.fromisoformat(asked.as_of)
        self.schemes = {
            name: tomllib.loads(scheme_text(name, body), parse_float=Decimal)
            for name, body in asked.schemes.items()
        }

    def ask(self, counter: str) -> oracle.Question:
        return oracle.Question(self.start, self.end, self.as_of, "counter", counter)

    def has(self, day: date) -> bool:
        return self.start <= day < self.end and day <= self.as_of

    def values(self, metric: str) -> dict[str, Answer]:
        found = {}
        for counter in self.counters:
            told = self.told(metric, counter)
            quotient = Fraction(told.n, told.d) if told.n is not None and told.d else None
            n, d, _ = self.sums(metric, counter)
            absent = told.state == "missing"
            found[counter] = {
                "n": None if absent else n,
                "d": None if absent else d,
                "value": quotient,
                "state": told.state,
            }
        return found

    def sums(self, metric: str, counter: str) -> tuple[int, int | None, Fraction | None]:
        if metric == "attendance_rate":
            shifts = self.mine("attendance", counter, "attended_on")
            kept = sum(row["kind"] in ("present", "late", "early", "no_sign") for row in shifts)
            return kept, len(shifts), Fraction(kept, len(shifts)) if shifts else None
        return oracle.value(metric, self.world, self.ask(counter))

    def told(self, metric: str, counter: str, least: int | None = None) -> judge.Told:
        """A metric of a counter as an item of a scheme sees it; `least`: the item's own base."""
        if log_of(metric) not in self.delivered:
            return judge.Told("missing")
        n, d, _ = self.sums(metric, counter)
        if d == 0:
            return judge.Told("none")
        base = n if d is None else d
        state = "few" if base < (least or least_of(metric)) else "number"
        parts = oracle.PARTS.get(metric, 1)
        return judge.Told(state, n, 1 if d is None else d * parts, base)

    def mine(self, log: str, owner: str, day: str, key: str = "counter_id") -> list[Row]:
        """The rows of an owner on the days of the period."""
        rows = [row for row in self.rows.get(log, []) if row[key] == owner]
        # A rating that does not say when it was served was rated on the spot.
        return [row for row in rows if self.has(day_of(row[day] or row["rated_at"]))]

    def plain_scores(self, entity: str | None = None) -> dict[str, Answer]:
        """Unit → score, state and points by item, of the first scheme, before any veto."""
        chosen = next(iter(self.schemes.values()))
        found: dict[str, Answer] = {}
        for unit in self.units(chosen, entity):
            verdict = self.verdict(chosen, unit, entity)
            found[unit] = {"score": verdict.score, "state": verdict.state} | verdict.by_item()
        return found

    def units(self, chosen: judge.Scheme, entity: str | None) -> list[str]:
        kind = entity or chosen.get("entity", "counter")
        if kind == "counter":
            return self.counters
        staff = self.rows["staff"]
        return [row["staff_id"] for row in staff if kind == "staff" or row["chief"] == "true"]

    def lines(self) -> list[tuple[str, str, str, Fraction]]:
        chosen = next(iter(self.schemes.values()))
        found = []
        for unit in self.units(chosen, None):
            verdict = self.verdict(chosen, unit)
            if verdict.state == "number":
                found += [(unit, item, line, cost) for item, line, cost, _ in verdict.lines]
        return found

    def verdict(self, chosen: judge.Scheme, unit: str, entity: str | None = None) -> judge.Verdict:
        """One unit by one scheme: the chief of a counter is hit by a part of each event."""
        kind = entity or chosen.get("entity", "counter")
        ratio = Fraction(1)
        if "dual" in chosen and kind == chosen["dual"]["entity"]:
            ratio = judge.exact(chosen["dual"]["ratio"])
        values, events = {}, {}
        for item in chosen["item"]:
            name = judge.name_of(item)
            values[name] = self.of_item(item, unit, kind)
            rows = self.events(item, unit, kind, names_of(chosen, item))
            events[name] = [
                judge.Event(row, judge.half_away(cost * ratio, judge.SMALLEST), lifted)
                for row, cost, lifted in rows
            ]
        return judge.judge(chosen, values, events)

    def of_item(self, item: judge.Scheme, unit: str, kind: str) -> judge.Told:
        """What an item of a scheme rests on."""
        told: dict[str, Callable[[], judge.Told]] = {
            "rate": lambda: self.told(item["metric"], unit, item.get("min_n")),
            "volume": lambda: self.told(item["metric"], unit, item.get("min_n")),
            "awaited": lambda: judge.Told("missing"),
            "bonus": lambda: judge.Told("number"),
            "deduct": lambda: self.reported(item, self.counter_of(unit, kind)),
            "vote": lambda: self.ballots(item["electorate"], unit, kind),
            "score": lambda: self.other_score(item["scheme"], unit, kind),
            "mean": lambda: self.mean(item, unit),
        }
        return told[item.get("kind", "rate")]()

    def counter_of(self, unit: str, kind: str) -> str:
        if kind == "counter":
            return unit
        mine = [row for row in self.rows["staff"] if row["staff_id"] == unit]
        return str(mine[0]["counter_id"])

    def reported(self, item: judge.Scheme, counter: str) -> judge.Told:
        """Whether the source of an item's events reported on a counter; d: rounds made."""
        source = item["events"]
        if source == "vetoes":
            return judge.Told("number")
        told = self.told(REPORTS[source], counter)
        if source != "findings":
            return judge.Told("number" if told.state == "few" else told.state)
        rounds = len(oracle.rounds_of(self.world, self.ask(counter)))
        return judge.Told("number", None, rounds, rounds) if rounds else judge.Told("missing")

    def ballots(self, electorate: str, unit: str, kind: str) -> judge.Told:
        key = "counter_id" if kind == "counter" else "staff_id"
        rows = self.mine("votes", unit, "voted_on", key)
        mine = [row for row in rows if row["electorate"] == electorate]
        if not mine:
            return judge.Told("missing")
        given = sum((row["score"] * row["ballots"] for row in mine), Fraction(0)) * 100
        full = sum((row["scale"] * row["ballots"] for row in mine), Fraction(0)) * 100
        return judge.Told("number", int(given), int(full))

    def other_score(self, name: str, unit: str, kind: str) -> judge.Told:
        verdict = self.verdict(self.schemes[name], unit, kind)
        if verdict.score is None:
            return judge.Told(verdict.state)
        full = judge.exact(self.schemes[name].get("full", 100))
        units = int(full / judge.SMALLEST)
        return judge.Told("number", int(verdict.score / judge.SMALLEST), units)

    def mean(self, item: judge.Scheme, unit: str) -> judge.Told:
        if item["of"] == "staff":
            return self.staff_mean(item["scheme"], unit)
        if "ratings" not in self.delivered:
            return judge.Told("missing")
        if unit in self.counters:
            rows = oracle.ratings_of(self.world, self.ask(unit), "active")
        else:
            named = self.mine("ratings", unit, "rated_at", "staff_id")
            rows = [row for row in named if row["origin"] == "active"]
        given = [judge.exact(item["grades"][str(row["grade"])]) for row in rows]
        mean = sum(given, Fraction(0)) / len(rows) if rows else Fraction(0)
        told = judge.Told("number", mean.numerator, mean.denominator, len(rows))
        return told if rows else judge.Told("none")

    def staff_mean(self, name: str, counter: str) -> judge.Told:
        staff = [row["staff_id"] for row in self.rows["staff"] if row["counter_id"] == counter]
        verdicts = [self.verdict(self.schemes[name], one, "staff") for one in staff]
        scores = [one.score for one in verdicts if one.score is not None]
        if not scores:
            return judge.Told("missing" if staff else "none")
        mean = sum(scores, Fraction(0)) / len(scores)
        return judge.Told("number", mean.numerator, mean.denominator, len(scores))

    def events(
        self, item: judge.Scheme, unit: str, kind: str, named: set[str]
    ) -> list[tuple[str, Fraction, bool]]:
        """Row, points and whether exempt, of what an item deducts or adds for a unit."""
        if not judge.is_event(item):
            return []
        source = item.get("events", "bonuses")
        found = []
        for row, code, recorded in self.happened(source, unit, kind):
            rule = rule_for(item["rule"], code, row, named)
            if rule is None:
                continue
            points = recorded if rule["points"] == "recorded" else judge.exact(rule["points"])
            if item.get("per") == "workday":
                points *= days_late(row)
            lifted = source in LIFTED and self.lifted(source, row)
            found.append((str(next(iter(row.values()))), points, lifted))
        return found

    def happened(self, source: str, unit: str, kind: str) -> list[tuple[Row, str, Fraction]]:
        """The rows of a source for a unit, with their code and what they record."""
        if source == "late_cases":
            cases = oracle.cases_of(self.world, self.ask(unit), oracle.closing_day)
            late = [
                row
                for row in cases
                if row["closed_at"]
                and self.has(row["closed_at"].date())
                and oracle.deadline(self.world, row)
                and not oracle.is_on_time(self.world, row)
            ]
            return [(row, "late", Fraction(0)) for row in late]
        if source == "bad_ratings":
            firsts = {row["rating_id"] for row in oracle.counting_ratings(self.world)}
            rows = self.of("ratings", "served_at", unit, kind)
            return [
                (row, str(row["grade"]), Fraction(0))
                for row in rows
                if row["rating_id"] in firsts
                and row["origin"] == "active"
                and row["grade"] <= 2
                and row["rated_at"].date() <= self.as_of
            ]
        if source == "attendance":
            rows = self.of("attendance", "attended_on", unit, kind)
            return [(row, row["kind"], Fraction(0)) for row in rows if row["kind"] != "present"]
        days = {"findings": "found_at", "bonuses": "given_on", "vetoes": "happened_on"}
        rows = self.of(source, days[source], unit, kind)
        return [(row, row["rule_code"], row.get("points") or Fraction(0)) for row in rows]

    def of(self, log: str, day: str, unit: str, kind: str) -> list[Row]:
        """A person's rows bear the name; a chief has those of nobody at the counter too."""
        if kind == "counter":
            return self.mine(log, unit, day)
        named = self.mine(log, unit, day, "staff_id")
        if kind == "staff":
            return named
        shared = self.mine(log, self.counter_of(unit, kind), day)
        return named + [row for row in shared if row["staff_id"] is None]

    def lifted(self, source: str, row: Row) -> bool:
        """Whether the moment of a row lies inside an exemption of its counter or its hall."""
        system = {"findings": "inspection", "bad_ratings": "rating"}[source]
        return oracle.is_lifted(self.world, system, row["counter_id"], row[LIFTED[source]])

    def deadlines(self) -> dict[str, Answer]:
        found = {}
        for row in self.rows["cases"]:
            last = last_day(row)
            days = [
                row["received_at"].date() + timedelta(days=one)
                for one in range((last - row["received_at"].date()).days + 1)
            ]
            on_time = None if row["closed_at"] is None else row["closed_at"].date() <= last
            found[row["case_id"]] = {
                "deadline": str(last),
                "on_time": "" if on_time is None else ("yes" if on_time else "no"),
                "estimated": "yes" if any(day.year > LAST_YEAR for day in days) else "no",
            }
        return found
