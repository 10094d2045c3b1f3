"""Raw rows of a unit, log by log, a page at a time; and the rows that make up a number."""

from collections.abc import Callable, Mapping
from typing import Any

from dashboard import formats, state
from dashboard.components import export, figures, frames, portraits
from dashboard.components.heading import remark, section
from dashboard.components.portraits import Portrait
from dashboard.components.tables import Cell, Column, table
from dashboard.exports.portrait import behind_csv, behind_workbook, raw_csv, raw_workbook
from dashboard.text import Words, keys_of
from metrics.points import UNIT
from metrics.portrait.rows import LOGS, MOST, PAGE, Behind

NUMBER = "number"
WHO = ("counter_id", "name", "hall", "row")
CODES = ("origin", "status", "case_kind", "state")
PRINTED: Mapping[str, Callable[[Any], str]] = {
    "wait_s": formats.minutes,
    "handle_s": formats.minutes,
    "points_u": lambda units: formats.score(units / UNIT),
}
# Facts that the page prints otherwise than a file: minutes there, seconds here.
HEADS = {"state": "row_state", "wait_s": "wait_minutes", "handle_s": "handle_minutes"}
FACTS = ("grade", "origin", "status", "wait_s", "due_on", "closed_on", "rule_code")


def draw(seen: Portrait) -> None:
    """The rows of the chosen log, or those behind the chosen metric."""
    words = seen.viewer.words
    names = [*LOGS, NUMBER]
    metric = words.of(seen.metric.label)
    labels = {name: words(f"log.{name}") for name in LOGS}
    labels[NUMBER] = words("profile.behind_of", metric=metric)
    log = state.segments("log", words("explain.log"), names, names[0], labels.__getitem__)
    as_of = frames.as_of(seen.viewer, seen.period)
    filters = export.filters(seen.viewer, seen.period, as_of, metric=labels[log])
    filters |= {words("export.name"): f"{seen.name(seen.node)} ({seen.node.id})"}
    section(labels[log], words("profile.behind_note" if log == NUMBER else "profile.rows_note"))
    if log == NUMBER:
        _draw_number(seen, filters, words)
    else:
        _draw_log(seen, log, filters, words)


def _draw_log(seen: Portrait, log: str, filters: dict[str, str], words: Words) -> None:
    first = portraits.raw(seen, log, 0)
    if not first.count:
        remark(words("profile.no_rows"))
        return
    pages = -(-first.count // PAGE)
    found = portraits.raw(seen, log, (state.page_of(pages) - 1) * PAGE)
    facts = [name for name in found.rows.columns if name not in WHO]
    alone = seen.node.kind == "counter"
    columns = [
        Column(words("explain.record"), look="hs-name"),
        *([] if alone else [Column(words("ranking.unit"), words("ranking.hall"), "hs-name")]),
        *(Column(_head(name, words), look="hs-number") for name in facts),
    ]
    rows = [
        [
            Cell(row["row"]),
            *([] if alone else [Cell(row["name"] or row["counter_id"], row["hall"] or "")]),
            *(Cell(_printed(name, row[name], words)) for name in facts),
        ]
        for row in found.rows.iter_rows(named=True)
    ]
    table(columns, rows, words(f"log.{log}"))
    last = found.start + found.rows.height
    count = formats.count(found.count)
    remark(words("profile.span", first=found.start + 1, last=last, count=count))
    state.paginate(pages)
    if first.count > MOST:
        remark(words("profile.cut", most=formats.count(MOST)))
        filters |= {words("profile.rows"): words("profile.cut", most=formats.count(MOST))}
    export.buttons(
        f"profile-{log}-{seen.node.id}-{seen.period.text}",
        words,
        csv=lambda: raw_csv(portraits.raw_file(seen, log), filters, words),
        xlsx=lambda: raw_workbook(portraits.raw_file(seen, log), filters, words),
    )


def _head(name: str, words: Words) -> str:
    return words(f"profile_column.{HEADS.get(name, name)}")


def _printed(name: str, fact: Any, words: Words) -> str:
    """A fact as printed: yes or no, minutes, points, a moment, a code in words."""
    if fact is None:
        return ""
    if isinstance(fact, bool):
        return words("export.yes" if fact else "export.no")
    if name in PRINTED:
        return PRINTED[name](fact)
    if name.endswith("_at"):
        return f"{fact:%m-%d %H:%M:%S}"
    known = name in CODES and f"profile_code.{fact}" in keys_of(words.lang)
    return words(f"profile_code.{fact}") if known else str(fact)


def _draw_number(seen: Portrait, filters: dict[str, str], words: Words) -> None:
    """The rows behind the chosen metric, their sum first: n and d of the value."""
    first = portraits.behind(seen, 0)
    if first is None:
        remark(words("profile.too_many"))
        return
    row = portraits.own(seen, seen.metric).row(0, named=True)
    number, unit = figures.figure(seen.metric, row, words)
    remark(words("profile.value", value=f"{number}{unit}", base=figures.base(row, words)))
    if not first.count:
        remark(words("profile.no_rows"))
        return
    pages = -(-first.count // PAGE)
    start = (state.page_of(pages) - 1) * PAGE
    found = portraits.behind(seen, start) or first
    _table_behind(found, words)
    last, count = start + found.rows.height, formats.count(found.count)
    remark(words("profile.span", first=start + 1, last=last, count=count))
    state.paginate(pages)
    export.buttons(
        f"profile-number-{seen.metric.id}-{seen.node.id}-{seen.period.text}",
        words,
        csv=lambda: behind_csv(portraits.behind_file(seen) or first, filters, words),
        xlsx=lambda: behind_workbook(
            portraits.behind_file(seen) or first, seen.metric, filters, words
        ),
    )


def _table_behind(found: Behind, words: Words) -> None:
    facts = [name for name in FACTS if found.rows[name].count()]
    columns = [
        Column(words("explain.record"), words("explain.log"), "hs-name"),
        Column(words("explain.day")),
        Column(words("profile_column.n"), look="hs-number"),
        Column(words("profile_column.d"), look="hs-number"),
        *(Column(_head(name, words), look="hs-number") for name in facts),
    ]
    total = [
        Cell(words("explain.total")),
        Cell(""),
        Cell(formats.count(found.n)),
        Cell("" if found.d is None else formats.count(found.d)),
        *(Cell("") for _ in facts),
    ]
    rows = [
        [
            Cell(row["row"] or words("explain.withheld"), words(f"log.{row['log']}")),
            Cell(str(row["day"])),
            Cell(str(row["n"])),
            Cell("" if row["d"] is None else str(row["d"])),
            *(Cell(_printed(name, row[name], words)) for name in facts),
        ]
        for row in found.rows.iter_rows(named=True)
    ]
    table(columns, [total, *rows], words("profile.behind"), whole=1)
