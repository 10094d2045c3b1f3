"""Names instead of ids: which unit a row means whose source writes what its units are called.

By source, normalised spelling and the row's day: a decided alias goes first, then the name of the
one unit that was called so on that day. What neither settles waits, with the units nearest to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from data.desks import FIRST, LAST
from data.masking import mask_text
from data.name_lists import joined, needs_list, one_by_one
from data.name_matching import REJECTED, UNMATCHED, by_alias, by_name, detail_text
from data.nearest_names import Known
from data.store import Snapshot
from data.units import KINDS, Units, unknown

TABLE_OF = {"hall": "halls", "counter": "counters", "department": "departments"}
NAMES_FILE = "names.parquet"  # beside the quarantine of a batch
NAMED_IN_FULL = 200  # for so many spellings of a file the nearest units are looked up
INVISIBLE = r"[\u200b\u200c\u200d\u2060\ufeff]"
WAITING: dict[str, pl.DataType] = {
    "line": pl.Int32(),
    "reason": pl.String(),
    "source": pl.String(),
    "kind": pl.String(),
    "spelling": pl.String(),
    "hall_id": pl.String(),
    "day": pl.Date(),
}


def normalise(text: pl.Expr) -> pl.Expr:
    """A name as it is compared: full-width as half-width, no odd, doubled or outer blanks.

    '（综合）\\u3000窗口 １' is '(综合) 窗口 1' (Unicode NFKC; U+00A0 and U+3000 are blanks).
    """
    plain = text.str.normalize("NFKC").str.replace_all(INVISIBLE, "")
    return plain.str.replace_all(r"\s+", " ").str.strip_chars()


def normalised(text: str) -> str:
    """The same for one text."""
    return str(pl.select(normalise(pl.lit(text))).item())


def name_days(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """spelling, unit_id, hall_id, valid_from, valid_to (half-open): who is called what, and when.

    A later version of a unit ends the one before it, said or not. hall_id is a counter's hall.
    """
    key = KINDS[TABLE_OF[kind]]
    since = pl.col("valid_from") if "valid_from" in rows.columns else pl.lit(None, pl.Date)
    until = pl.col("valid_to") if "valid_to" in rows.columns else pl.lit(None, pl.Date)
    told = rows.select(
        name="name",
        unit_id=key,
        hall_id=pl.col("hall_id") if kind == "counter" else pl.lit(None, pl.String),
        valid_from=since.fill_null(FIRST),
        valid_to=until.fill_null(LAST),
    ).sort("unit_id", "valid_from")
    after = pl.col("valid_from").shift(-1).over("unit_id").fill_null(LAST)
    ended = told.with_columns(valid_to=pl.min_horizontal("valid_to", after))
    return ended.with_columns(spelling=normalise(pl.col("name")))


def decisions(snap: Snapshot) -> pl.DataFrame:
    """Standing aliases as `by_alias` takes them; `homes`: the halls in which a counter ever was."""
    homes = snap.reference("counters").group_by("counter_id").agg(homes=pl.col("hall_id").unique())
    told = snap.reference("aliases").select(
        "source",
        "kind",
        "spelling",
        "decision",
        alias_unit="unit_id",
        alias_hall="hall_id",
        valid_from=pl.col("valid_from").fill_null(FIRST),
        valid_to=pl.col("valid_to").fill_null(LAST),
    )
    return told.join(homes, left_on="alias_unit", right_on="counter_id", how="left")


@dataclass
class Names:
    """The names that count in a snapshot for one source, and what they say about rows."""

    snap: Snapshot
    units: Units
    source: str
    waiting: list[pl.DataFrame] = field(default_factory=list)
    said: dict[tuple[str, str, str | None, tuple[str, ...]], str] = field(default_factory=dict)

    @cached_property
    def days(self) -> dict[str, pl.DataFrame]:
        """`name_days` of each kind of unit."""
        return {kind: name_days(self.snap.reference(t), kind) for kind, t in TABLE_OF.items()}

    @cached_property
    def decided(self) -> pl.DataFrame:
        """The decisions on the names of this source."""
        return decisions(self.snap).filter(pl.col("source") == self.source)

    @cached_property
    def known(self) -> dict[str, Known]:
        """The units among which the nearest are looked for."""
        return {kind: Known.of(days) for kind, days in self.days.items()}

    @cached_property
    def turns(self) -> list[date]:
        """Days on which some name or alias begins or ends: between two of them nothing changes."""
        frames = [*self.days.values(), self.decided]
        ends = pl.concat([frame[name] for frame in frames for name in ("valid_from", "valid_to")])
        return sorted({FIRST, LAST, *ends.to_list()})

    def resolve(self, rows: pl.DataFrame, day: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Rows with the ids that their names stand for, and rejects (line, reason, detail).

        A row whose ids are there, or that has no name, is left as it is; where no row needs a
        name, `rows` comes back untouched. `day`: the day on which the row's names must hold.
        """
        rejects = [no_rejects()]
        needs = [*(_needs(rows, kind) for kind in TABLE_OF), needs_list(rows)]
        if not any(_some(rows, need) for need in needs):
            return rows, rejects[0]
        days = rows.select(day).to_series()
        rows = rows.with_columns(_day=days, _since=self._since(days))
        for kind in TABLE_OF:
            need = _needs(rows, kind)
            if not _some(rows, need):
                continue
            if kind == "counter":
                strange = unknown(rows.filter(need), "hall_id", "halls", "unknown_hall", self.units)
                rows = rows.join(
                    strange.select("line"), on="line", how="anti", maintain_order="left"
                )
                rejects.append(strange)
            rows, missed = self._fill(rows, need, kind)
            rejects.append(missed)
        if _some(rows, needs_list(rows)):
            rows, missed = self._fill_lists(rows)
            rejects.append(missed)
        return rows.drop("_day", "_since"), pl.concat(rejects, how="vertical_relaxed")

    def _since(self, day: pl.Series) -> pl.Series:
        """The last turn before each day: rows between the same two turns have the same answer."""
        starts = pl.DataFrame({"since": self.turns}, schema={"since": pl.Date})
        asked = pl.DataFrame({"day": day.cast(pl.Date)})
        distinct = asked.unique().sort("day").set_sorted("day")
        told = distinct.join_asof(starts.set_sorted("since"), left_on="day", right_on="since")
        return asked.join(told, on="day", how="left", maintain_order="left")["since"]

    def _fill(
        self, rows: pl.DataFrame, need: pl.Expr, kind: str
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        name, key = f"{kind}_name", f"{kind}_id"
        keys = [name, "_since", *(["hall_id"] if kind == "counter" else [])]
        asked = rows.filter(need).select(keys).unique(maintain_order=True)
        told = self._answers(asked, name, kind)
        both = rows.join(told, on=keys, how="left", nulls_equal=True, maintain_order="left")
        missed = both.filter(need & pl.col("_reason").is_not_null())
        self.waiting.append(self._waits(missed, kind, name))
        kept = both.filter((need & pl.col("_reason").is_not_null()).not_())
        filled = kept.with_columns(pl.when(need).then("_unit").otherwise(key).alias(key))
        rejects = missed.select("line", reason="_reason", detail="_detail")
        return filled.select(rows.columns), rejects

    def _fill_lists(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The counters of rounds that list them by their names, each inside the round's hall."""
        halls = pl.Series(list(self.units.known["halls"]), dtype=pl.String).implode()
        listed = one_by_one(rows.filter(needs_list(rows), pl.col("hall_id").is_in(halls)))
        named, missed = self._fill(listed, _needs(listed, "counter"), "counter")
        rejects = missed.unique("line", keep="first", maintain_order=True)
        told = joined(named)
        kept = rows.join(rejects, on="line", how="anti", maintain_order="left")
        both = kept.join(told, on="line", how="left", maintain_order="left")
        return both.with_columns(pl.coalesce("_listed", "counters").alias("counters")).select(
            rows.columns
        ), rejects

    def _waits(self, missed: pl.DataFrame, kind: str, name: str) -> pl.DataFrame:
        return missed.select(
            "line",
            pl.col("_reason").alias("reason"),
            pl.lit(self.source).alias("source"),
            pl.lit(kind).alias("kind"),
            pl.col("_spelling").alias("spelling"),
            pl.col("hall_id") if kind == "counter" else pl.lit(None, pl.String).alias("hall_id"),
            pl.col("_day").alias("day"),
        ).cast(WAITING)  # type: ignore[arg-type]

    def _answers(self, asked: pl.DataFrame, name: str, kind: str) -> pl.DataFrame:
        """Each distinct question with _unit, or _reason and _detail."""
        hall = pl.col("hall_id") if kind == "counter" else pl.lit(None, pl.String)
        questions = asked.with_columns(
            _spelling=normalise(pl.col(name)), _hall=hall, _place=pl.int_range(pl.len())
        )
        decided = by_alias(questions, self.decided.filter(pl.col("kind") == kind))
        open_ = questions.join(decided, on="_place", how="anti")
        found = pl.concat([decided, by_name(open_, self.days[kind])])
        told = questions.join(found, on="_place", how="left", maintain_order="left")
        return self._with_reasons(told, kind).drop("_place", "_hall", "_fits", "_rejected")

    def _with_reasons(self, told: pl.DataFrame, kind: str) -> pl.DataFrame:
        fits = pl.col("_fits").list.len().fill_null(0)
        rejected = pl.col("_rejected").fill_null(value=False)
        reason = pl.when(rejected).then(pl.lit(REJECTED)).when(fits != 1).then(pl.lit(UNMATCHED))
        marked = told.with_columns(
            _reason=reason,
            _unit=pl.when(~rejected & (fits == 1)).then(pl.col("_fits").list.first()),
        )
        details = [
            None if reason is None else self._detail(kind, spelling, hall, reason, fitting or ())
            for spelling, hall, reason, fitting in marked.select(
                "_spelling", "_hall", "_reason", "_fits"
            ).iter_rows()
        ]
        masked = [mask_text(one) for one in marked["_spelling"]]
        return marked.with_columns(
            _detail=pl.Series(details, dtype=pl.String),
            _spelling=pl.Series(masked, dtype=pl.String),
        )

    def _detail(
        self, kind: str, spelling: str, hall: str | None, reason: str, fits: Iterable[str]
    ) -> str:
        """Why a spelling waits, and for which units it may stand; said once for each spelling."""
        key = (kind, spelling, hall, (reason, *fits))
        if key not in self.said:
            known = self.known[kind]
            near = known.units(fits)
            if not fits and len(self.said) < NAMED_IN_FULL:
                near = known.nearest(spelling, hall)
            self.said[key] = mask_text(detail_text(kind, spelling, hall, reason, near, bool(fits)))
        return self.said[key]


def no_rejects() -> pl.DataFrame:
    """line, reason and detail of no rows."""
    text = pl.String()
    return pl.DataFrame(schema={"line": pl.Int32(), "reason": text, "detail": text})


def _needs(rows: pl.DataFrame, kind: str) -> pl.Expr:
    """Rows that have a name where their id should be; a hall's only where no counter is given."""
    name, key = f"{kind}_name", f"{kind}_id"
    if name not in rows.columns or key not in rows.columns:
        return pl.lit(value=False)
    need = pl.col(key).is_null() & pl.col(name).is_not_null()
    if kind == "hall" and "counter_id" in rows.columns:
        return need & pl.col("counter_id").is_null()
    return need


def _some(rows: pl.DataFrame, need: pl.Expr) -> bool:
    return bool(rows.select(need.any()).item())
