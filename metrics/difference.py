"""The difference of two scores of a unit, item by item: it adds up to the last digit."""

from dataclasses import dataclass

import polars as pl

from data.errors import HallscoreError
from metrics.explain_rows import item_value
from metrics.explain_words import (
    change_text,
    item_label,
    item_of,
    line_label,
    points_text,
    value_text,
    words,
)
from metrics.scores import Scores

EVENTS = ("event", "evidence")
MOST = 3  # movers that a sentence names
# key: the item, or the kind of a line of the scheme itself; now_u and before_u are null where the
# scheme of that period has no such item or line.
DIFFERENCE = pl.Schema(
    {
        "key": pl.String(),
        "of_scheme": pl.Boolean(),
        "now_u": pl.Int64(),
        "before_u": pl.Int64(),
        "change_u": pl.Int64(),
        "events_now": pl.Int64(),
        "events_before": pl.Int64(),
    }
)

TEXT = pl.String()
TABLE = pl.Schema(
    {
        **{"label": TEXT, "now": TEXT, "before": TEXT, "change": TEXT},
        **{"events_now": pl.Int64(), "events_before": pl.Int64()},
    }
)


@dataclass(frozen=True, eq=False)
class Difference:
    """A unit's score in two periods. `rows`: DIFFERENCE, the largest movers first; empty where one
    of the two has no score. Points are units of 1/10,000 point.
    """

    now: Scores
    before: Scores
    unit: str
    rows: pl.DataFrame

    @property
    def change_u(self) -> int | None:
        """The score now less the score before; None where one of the two is lacking."""
        now, before = score_u(self.now, self.unit), score_u(self.before, self.unit)
        return None if now is None or before is None else now - before

    def label(self, key: str, of_scheme: bool, lang: str) -> str:
        """What an item or a line of the scheme is called, in either of the two schemes."""
        if of_scheme:
            return line_label(key, lang)
        now, before = (item_label(one.scheme, key, lang) for one in (self.now, self.before))
        return now or before or key

    def table(self, lang: str) -> pl.DataFrame:
        """label, now, before, change (points as texts), events_now, events_before; then the sum."""
        chosen = self.now.scheme
        rows = [
            {
                "label": self.label(row["key"], row["of_scheme"], lang),
                "now": None if row["now_u"] is None else points_text(row["now_u"], chosen),
                "before": None if row["before_u"] is None else points_text(row["before_u"], chosen),
                "change": change_text(row["change_u"], chosen),
                "events_now": row["events_now"],
                "events_before": row["events_before"],
            }
            for row in self.rows.iter_rows(named=True)
        ]
        if self.change_u is not None:
            both = [score_u(one, self.unit) or 0 for one in (self.now, self.before)]
            now, before = (points_text(one, chosen) for one in both)
            total = {"label": words("line", "total", lang), "now": now, "before": before}
            rows.append(total | {"change": change_text(self.change_u, chosen)})
        return pl.DataFrame(rows, schema=TABLE)

    def sentence(self, lang: str) -> str:
        """The difference in words: the largest movers, at most three, and the rest as one sum."""
        this = words("this", self.now.period.kind, lang)
        change = self.change_u
        if change is None:
            return self._no_score(this, lang)
        amount = points_text(abs(change), self.now.scheme)
        way = "up" if change > 0 else "down" if change else "same"
        head = words("sentence", way, lang, this=this, amount=amount)
        if self.before.period != self.now.period.previous():
            head += words("sentence", "against", lang, other=self.before.period.label(lang))
        parts = words("sentence", "between", lang).join(self._parts(lang))
        kind = "parts" if parts else "alone"
        told = words("sentence", kind, lang, head=head, parts=parts)
        return told[:1].upper() + told[1:] + self._changed(lang)

    def _no_score(self, this: str, lang: str) -> str:
        if score_u(self.now, self.unit) is None:
            said = words("state", _state(self.now, self.unit), lang)
            return words("sentence", "no_now", lang, this=this, state=said)
        period = self.before.period
        previous = period == self.now.period.previous()
        other = words("last", period.kind, lang) if previous else period.label(lang)
        said = words("state", _state(self.before, self.unit), lang)
        return words("sentence", "no_before", lang, other=other, state=said)

    def _changed(self, lang: str) -> str:
        now, before = self.now.scheme, self.before.scheme
        if (now.id, now.version) == (before.id, before.version):
            return ""
        return words("sentence", "scheme", lang, now=now.version, before=before.version)

    def _parts(self, lang: str) -> list[str]:
        moved = self.rows.filter(pl.col("change_u") != 0)
        told = [self._part(row, lang) for row in moved.head(MOST).iter_rows(named=True)]
        rest = moved.slice(MOST)
        if rest.is_empty():
            return told
        change = change_text(int(rest["change_u"].sum()), self.now.scheme)
        return [*told, words("sentence", "rest", lang, change=change)]

    def _part(self, row: dict[str, object], lang: str) -> str:
        """One mover, with its records or its value where these moved it."""
        key, of_scheme = str(row["key"]), bool(row["of_scheme"])
        label = self.label(key, of_scheme, lang)
        change = change_text(int(str(row["change_u"])), self.now.scheme)
        now, before = row["events_now"], row["events_before"]
        if now or before:
            kind = "events" if not before else "events_moved"
            counts = {"now": str(now), "before": str(before)}
            return words("sentence", kind, lang, label=label, change=change, **counts)
        values = [
            item_value(one.parts.filter(pl.col("id") == self.unit), key)
            for one in (self.now, self.before)
        ]
        if of_scheme or None in values or values[0] == values[1]:
            return words("sentence", "plain", lang, label=label, change=change)
        item = item_of(self.now.scheme, key) or item_of(self.before.scheme, key)
        told = [value_text(item, value, lang) for value in values if value is not None]
        pair = {"now": told[0], "before": told[1]}
        return words("sentence", "values", lang, label=label, change=change, **pair)


def score_u(scores: Scores, unit: str) -> int | None:
    """The score of a unit in units of 1/10,000 point; None where it has none."""
    rows = scores.units.filter(pl.col("id") == unit)
    return None if rows.is_empty() else rows.item(0, "score_u")


def difference(now: Scores, before: Scores, unit: str) -> Difference:
    """The difference of a unit's scores in two periods, also by two versions of a scheme.

    HallscoreError should the rows not add up to it.
    """
    rows = pl.DataFrame(schema=DIFFERENCE)
    both = [score_u(one, unit) for one in (now, before)]
    if None not in both:
        rows = _rows(now, before, unit)
    found = Difference(now, before, unit, rows)
    if found.change_u is not None and rows["change_u"].sum() != found.change_u:
        raise HallscoreError(
            f"{unit}: the items differ by {rows['change_u'].sum()} units between "
            f"{before.period.text} and {now.period.text}, the scores by {found.change_u}. "
            "This is an error of Hallscore: please report it with the scheme file."
        )
    return found


def _rows(now: Scores, before: Scores, unit: str) -> pl.DataFrame:
    sides = [
        _by_key(one, unit).rename({"points_u": f"{side}_u", "events": f"events_{side}"})
        for one, side in ((now, "now"), (before, "before"))
    ]
    joined = sides[0].join(sides[1], on=["key", "of_scheme"], how="full", coalesce=True)
    change = pl.col("now_u").fill_null(0) - pl.col("before_u").fill_null(0)
    counts = pl.col("events_now", "events_before").fill_null(0)
    told = joined.with_columns(counts, change_u=change)
    order = pl.col("change_u").abs()
    return told.sort(order, "change_u", "key", descending=[True, False, False]).match_to_schema(
        DIFFERENCE, integer_cast="upcast"
    )


def _by_key(scores: Scores, unit: str) -> pl.DataFrame:
    """key, of_scheme, points_u and the number of records, of every item and line that counts."""
    lines = scores.lines.filter(pl.col("id") == unit)
    of_scheme = pl.col("item") == ""
    keyed = lines.with_columns(
        of_scheme=of_scheme, key=pl.when(of_scheme).then("line").otherwise("item")
    )
    return keyed.group_by("key", "of_scheme").agg(
        pl.col("points_u").sum(), events=pl.col("line").is_in(EVENTS).sum().cast(pl.Int64)
    )


def _state(scores: Scores, unit: str) -> str:
    rows = scores.units.filter(pl.col("id") == unit)
    return "absent" if rows.is_empty() else str(rows.item(0, "state"))
