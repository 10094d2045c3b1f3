"""Rolling three months (近三月合计) for units whose month has too few, and said so in each row."""

from datetime import date
from pathlib import Path

import polars as pl

from data.errors import HallscoreError
from metrics.catalogue import metric
from metrics.cube import CubeState
from metrics.periods import Period, parse_period
from metrics.rollup import ensure
from metrics.scope import Scope
from metrics.values import COLUMNS, default_as_of, value_of

MONTHS = 3
ROLLED = pl.Schema(
    COLUMNS
    | {
        "span": pl.String(),  # 2019-08, or 2019-06…2019-08
        "months": pl.Int64(),  # how many months are summed
        "month_state": pl.String(),  # what the month alone would say
        "lacking": pl.String(),  # months of which nothing was reported
        "label_zh": pl.String(),  # 近三月合计（…）, or the month
        "label_en": pl.String(),
    }
)
NUMERALS = "零一两三四五六七八九十"
THIN = ("few", "none")


def rolled(
    home: Path,
    metric_id: str,
    period: Period,
    by: str,
    scope: Scope,
    months: int = MONTHS,
    as_of: date | None = None,
) -> pl.DataFrame:
    """ROLLED: the value of the month where it has enough, else that of the last `months` together.

    n and d of the span are summed, then divided; `span` and `months` say which row is which. A unit
    that is missing in the month stays missing, and one of which an earlier month is missing keeps
    its month: the sum would pass for three months. The span begins with the home's first month.
    Raises HallscoreError for a period that is no month and for a stock, which does not add up.
    """
    state, one = ensure(home), metric(metric_id)
    if period.kind != "month":
        raise HallscoreError(f"--period {period.text}: rolling sums are of months, as 2019-08.")
    if one.kind == "stock":
        raise HallscoreError(f"metric {metric_id!r} is a stock: months of it do not add up.")
    if months < 2:
        raise HallscoreError(f"months {months}: a rolling sum has two months or more.")
    day = as_of or default_as_of(state, period)
    parts = _parts(state, period, months)
    alone = value_of(state, one, period, by, scope, day).with_columns(
        span=pl.lit(period.text), months=pl.lit(1, pl.Int64), month_state="state"
    )
    lacking = _lacking(state, metric_id, parts[:-1], by, scope, day)
    told = alone.join(lacking, on="id", how="left", maintain_order="left")
    if len(parts) == 1:
        return _labelled(told)
    whole = _span_of(parts)
    together = value_of(state, one, whole, by, scope, day).select(
        "id",
        *(pl.col(name).alias(f"_{name}") for name in ("n", "d", "value", "state")),
        _span=pl.lit(whole.text),
        _months=pl.lit(len(parts), pl.Int64),
    )
    both = told.join(together, on="id", how="left", maintain_order="left")
    takes = pl.col("state").is_in(THIN) & pl.col("lacking").is_null()
    takes &= ~pl.col("_state").is_in(["none", "missing"]).fill_null(value=True)
    names = ("n", "d", "value", "state", "span", "months")
    chosen = [pl.when(takes).then(f"_{name}").otherwise(name).alias(name) for name in names]
    return _labelled(both.with_columns(chosen))


def _labelled(told: pl.DataFrame) -> pl.DataFrame:
    spans = told["span"].unique().to_list()
    names = {
        f"label_{lang}": pl.col("span").replace_strict(
            spans, [span_words(one, lang) for one in spans], return_dtype=pl.String
        )
        for lang in ("zh", "en")
    }
    return told.with_columns(**names).select(list(ROLLED))


def _parts(state: CubeState, period: Period, months: int) -> list[Period]:
    """The months that are summed, oldest first; none from before the home has logs."""
    found = [period]
    first = state.first_day or period.start
    while len(found) < months and found[0].previous().end > first:
        found.insert(0, found[0].previous())
    return found


def _span_of(parts: list[Period]) -> Period:
    text = f"{parts[0].text}…{parts[-1].text}"
    return Period(text, "months", parts[0].start, parts[-1].end)


def _lacking(
    state: CubeState, metric_id: str, parts: list[Period], by: str, scope: Scope, day: date
) -> pl.DataFrame:
    """id, lacking: the months of which a unit is missing, by their names."""
    told = [
        value_of(state, metric(metric_id), one, by, scope, min(day, one.last))
        .filter(pl.col("state") == "missing")
        .select("id", month=pl.lit(one.text))
        for one in parts
    ]
    if not told:
        return pl.DataFrame(schema={"id": pl.String(), "lacking": pl.String()})
    named = pl.concat(told).group_by("id", maintain_order=True)
    return named.agg(lacking=pl.col("month").sort().str.join(", "))


def span_words(span: str, lang: str = "zh") -> str:
    """A span in words: 近三月合计（2019年6月至2019年8月）; a month alone by its name."""
    first, _, last = span.partition("…")
    if not last:
        return parse_period(first).label(lang)
    start, end = parse_period(first), parse_period(last)
    count = (end.start.year - start.start.year) * 12 + end.start.month - start.start.month + 1
    if lang == "zh":
        number = NUMERALS[count] if count < len(NUMERALS) else str(count)
        return f"近{number}月合计（{start.label()}至{end.label()}）"
    return f"last {count} months together ({start.label('en')} to {end.label('en')})"
