"""The referee of what follows from months: roll-ups, vetoes with a scope, lists of awards."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from tests import oracle
from tests import score_referee as judge
from tests.spec.paragraphs import Paragraph
from tests.spec.referee import Answer, Referee, span_of

SCOPES = {"month": 1, "quarter": 3, "year": 12}


def month_of(asked: Paragraph, delivered: Collection[str], month: int) -> tuple[Any, Referee]:
    """The version of the first scheme that is in force in a month, and a referee of that month."""
    text = f"{asked.period[:4]}-{month:02d}"
    referee = Referee(replace(asked, period=text), delivered)
    first = next(iter(referee.schemes.values()))
    start, _ = span_of(text)
    for one in referee.schemes.values():
        same = one["id"] == first["id"]
        if same and _held(one["valid_from"]) <= start < _held(one.get("valid_to", date.max)):
            return one, referee
    return None, referee


def _held(given: Any) -> date:
    return given if isinstance(given, date) else date.fromisoformat(str(given))


def rolled(asked: Paragraph, delivered: Collection[str]) -> dict[str, Answer]:
    """counter → m01 … m12, rolled, scored, state, by the rule of the version at the end."""
    months: dict[int, dict[str, Fraction | None]] = {}
    chosen = None
    for month in range(1, 13):
        version, referee = month_of(asked, delivered, month)
        if version is None or referee.start > referee.as_of:
            continue
        chosen = version
        verdicts = {one: referee.verdict(version, one) for one in referee.counters}
        months[month] = {one: verdict.score for one, verdict in verdicts.items()}
    assert chosen is not None
    held = [month for month, told in months.items() if any(x is not None for x in told.values())]
    found: dict[str, Answer] = {}
    for unit in referee.counters:
        scores = {month: told[unit] for month, told in months.items()}
        result, state = by_rule(chosen, scores, held)
        found[unit] = {f"m{month:02d}": one for month, one in scores.items()}
        found[unit] |= {"rolled": result, "state": state}
        found[unit]["scored"] = sum(one is not None for one in scores.values())
    for told in found.values():
        better = [one for one in found.values() if (one["rolled"] or -999) > (told["rolled"] or 0)]
        told["rank"] = None if told["rolled"] is None else len(better) + 1
    return found


def by_rule(
    chosen: judge.Scheme, scores: dict[int, Fraction | None], held: list[int]
) -> tuple[Fraction | None, str]:
    """The year of one unit: mean of the scored months, or their sum, rounded once."""
    rules = [one for one in chosen.get("rollup", []) if one["to"] == "year"]
    rule: judge.Scheme = rules[0] if rules else {"rule": "mean"}
    known = [one for one in scores.values() if one is not None]
    if not known:
        return None, "missing"
    part_time = len(known) < len(held)
    apart = rule.get("part") == "apart" and part_time
    if len(known) < rule.get("least", 1) or apart:
        return None, "few"
    total = sum(known, Fraction(0))
    if rule["rule"] == "mean":
        total /= len(known)
    elif rule.get("part") == "scaled":
        total = total * len(held) / len(known)
    return judge.half_away(total, judge.step_of(chosen)), "number"


def vetoes_of(referee: Referee, chosen: judge.Scheme, unit: str, kind: str) -> list[judge.Scheme]:
    """The vetoes of a scheme that hold for a unit at the end of the period."""
    return [one for one in chosen.get("veto", []) if _hit(referee, one, unit, kind)]


def _hit(referee: Referee, veto: judge.Scheme, unit: str, kind: str) -> bool:
    """From the start of the month, quarter or year of the period to the end of the period."""
    length = SCOPES[veto["scope"]]
    first = (referee.start.month - 1) // length * length + 1
    from_then = Referee(referee.asked, referee.delivered)
    from_then.start = referee.start.replace(month=first)
    if veto["source"] == "metric":
        counter = from_then.counter_of(unit, kind)
        # A fact needs no ripening, so the day of asking plays no part.
        ask = replace(from_then.ask(counter), as_of=date.max)
        n, _ = oracle.METRICS[veto["metric"]](from_then.world, ask)
        return bool(n > veto.get("above", 0))
    rows = from_then.happened(veto["source"], unit, kind)
    return any(code == veto["code"] for _, code, _ in rows)


def with_vetoes(referee: Referee, found: dict[str, Answer], kind: str) -> dict[str, Answer]:
    """Scores with the vetoes that hold, and places among those that no veto sets apart."""
    chosen = next(iter(referee.schemes.values()))
    for unit, told in found.items():
        holds = vetoes_of(referee, chosen, unit, kind)
        told["veto"] = ",".join(one["id"] for one in holds) or None
        told["apart"] = any(one["effect"] == "apart" for one in holds)
        if told["score"] is not None and any(one["effect"] == "zero" for one in holds):
            told["score"] = min(told["score"], Fraction(0))
    listed = [one for one in found.values() if one["score"] is not None and not one["apart"]]
    for told in found.values():
        better = [
            one for one in listed if told["score"] is not None and one["score"] > told["score"]
        ]
        told["rank"] = len(better) + 1 if told in listed else None
    return found


def titles(referee: Referee, kind: str) -> list[tuple[str, str]]:
    """award, unit: so many from the top of those without a veto; all of the tied get in."""
    chosen = next(iter(referee.schemes.values()))
    found = with_vetoes(referee, referee.plain_scores(kind), kind)
    free = {
        unit: told["score"]
        for unit, told in found.items()
        if told["score"] is not None and not told["veto"]
    }
    given = []
    for award in chosen.get("award", []):
        for unit, score in free.items():
            better = sum(other > score for other in free.values())
            if better < award["count"]:
                given.append((award["id"], unit))
    return sorted(given)


class FullReferee(Referee):
    """The referee with all that rests on more than one month."""

    def scores(self, entity: str | None = None) -> dict[str, Answer]:
        """Unit → score, state, points by item, and for counters rank and veto."""
        found = self.plain_scores(entity)
        return found if entity else with_vetoes(self, found, "counter")

    def years(self) -> dict[str, Answer]:
        """counter → m01 … m12, rolled, scored, state, rank."""
        return rolled(self.asked, self.delivered)

    def titles(self, entity: str | None = None) -> list[tuple[str, str]]:
        """award, unit."""
        return titles(self, entity or "counter")
