"""What the product answers to a paragraph: files in, ingest, DuckDB, values and scores out."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from data.store import snapshot
from data.views import connect
from metrics.annual import roll_up
from metrics.awards import awards
from metrics.periods import Period, parse_period
from metrics.points import UNIT
from metrics.ranking import rank
from metrics.scope import scope_for
from metrics.scores import score
from metrics.values import value
from tests.builders import send
from tests.spec.paragraphs import Paragraph
from tests.spec.rows import LOGS, Row, rows_of, scheme_text

Answer = dict[str, Any]


def home_of(place: Path, paragraphs: Sequence[tuple[str, Paragraph]]) -> Path:
    """A home with the logs and the schemes of paragraphs; the ids of each bear its mark."""
    home = place / "home"
    whole: dict[str, list[Row]] = {}
    for mark, paragraph in paragraphs:
        for log, rows in rows_of(paragraph, mark).items():
            whole.setdefault(log, []).extend(rows)
    for log in LOGS:
        if log in whole:
            batch = send(home, log, whole[log])
            assert not batch.quarantined, (log, batch.quarantined)
    (home / "schemes").mkdir(exist_ok=True)
    for _, paragraph in paragraphs:
        for name, body in paragraph.schemes.items():
            path = home / "schemes" / f"{name}.toml"
            path.write_text(scheme_text(name, body), "utf-8")
    return home


class Product:
    """The answers of a home to one paragraph."""

    def __init__(self, home: Path, mark: str, asked: Paragraph) -> None:
        self.home, self.mark, self.asked = home, mark, asked
        self.period: Period = parse_period(asked.period)
        self.as_of = date.fromisoformat(asked.as_of)
        self.scope = scope_for(home, None)

    def values(self, metric: str) -> dict[str, Answer]:
        """counter → n, d, value, state."""
        told = value(self.home, metric, self.period, "counter", self.scope, self.as_of)
        return {row["id"]: row for row in self._mine(told)}

    def scores(self, entity: str | None = None) -> dict[str, Answer]:
        """Unit → score, state, rank and the points of each item."""
        name = next(iter(self.asked.schemes))
        found = score(self.home, self.period, self.scope, name, self.as_of, entity)
        rows = {row["id"]: _of_score(row) for row in self._mine(found.units)}
        for part in self._mine(found.parts):
            rows[part["id"]][part["item"]] = _points(part["points_u"])
        if entity is None:
            for row in rows.values():
                row["veto"] = None
            ranked = rank(self.home, self.period, self.scope, "all", name, self.as_of)
            # The frame holds every paragraph of the chapter: places among these are counted here.
            both = pl.concat([ranked.frame, ranked.unranked])
            for row in self._mine(both.drop_nulls("veto")):
                rows[row["id"]]["veto"] = row["veto"]
            places = self._mine(both.drop_nulls("rank"))
            for row in places:
                better = sum(other["score"] > row["score"] for other in places)
                rows[row["id"]]["rank"] = better + 1
        return rows

    def lines(self) -> list[tuple[str, str, str, Fraction]]:
        """counter, item, line, points, without what only names evidence."""
        name = next(iter(self.asked.schemes))
        found = score(self.home, self.period, self.scope, name, self.as_of)
        return [
            (row["id"], row["item"], row["line"], Fraction(row["points_u"], UNIT))
            for row in self._mine(found.lines)
        ]

    def years(self) -> dict[str, Answer]:
        """counter → m01 … m12, rolled, scored, state, rank."""
        name = next(iter(self.asked.schemes))
        told = roll_up(self.home, self.period, self.scope, name, self.as_of).frame
        rows = {row["id"]: row for row in self._mine(told)}
        for row in rows.values():
            row["rolled"] = _points(row["score_u"])
            # Points of months are floats for display: the nearest to their four decimals.
            months = {key: row[key] for key in row if key[0] == "m" and key[1:].isdigit()}
            exact = {key: Fraction(str(one)) for key, one in months.items() if one is not None}
            row |= dict.fromkeys(months) | exact
            better = [one for one in rows.values() if (one["score_u"] or 0) > (row["score_u"] or 0)]
            # The frame holds every paragraph of the chapter: places among these are counted here.
            row["rank"] = None if row["rank"] is None else len(better) + 1
        return rows

    def titles(self, entity: str | None = None) -> list[tuple[str, str]]:
        """award, unit."""
        name = next(iter(self.asked.schemes))
        told = awards(self.home, self.period, self.scope, name, self.as_of, entity)
        return sorted((row["award"], row["id"]) for row in self._mine(told))

    def deadlines(self) -> dict[str, Answer]:
        """case → the last day in time, whether it was on time, whether days were estimated."""
        con = connect(snapshot(self.home))
        told = con.sql("SELECT id, due_on, on_time, calendar_known FROM cases").pl()
        con.close()
        return {
            row["id"]: {
                "deadline": str(row["due_on"]),
                "on_time": "" if row["on_time"] is None else _word(row["on_time"]),
                "estimated": _word(not row["calendar_known"]),
            }
            for row in self._mine(told)
        }

    def _mine(self, frame: pl.DataFrame) -> list[Answer]:
        mine = frame.filter(pl.col("id").str.starts_with(self.mark))
        rows = mine.with_columns(pl.col("id").str.strip_prefix(self.mark))
        return rows.to_dicts()


def _word(said: bool) -> str:
    return "yes" if said else "no"


def _points(units: int | None) -> Fraction | None:
    return None if units is None else Fraction(units, UNIT)


def _of_score(row: Answer) -> Answer:
    return {"score": _points(row["score_u"]), "state": row["state"], "rank": None}
