"""年汇总: the year of each counter by the scheme's rule over its months, and what follows."""

import polars as pl

from dashboard import formats, state
from dashboard.components import annual_table, awarded, choices, export, frames
from dashboard.components.heading import heading, remark
from dashboard.components.months import year_select
from dashboard.exports.annual import annual_csv, annual_workbook
from dashboard.text import Words
from dashboard.viewer import Viewer
from metrics.annual import RolledUp
from metrics.fairness.peer_words import group_label
from metrics.scheme_pages import rollup_sentence


def draw(viewer: Viewer) -> None:
    """Filters, the rule, the heat map with the roll-up, the lists, files."""
    words = viewer.words
    with heading(words("annual.title")):
        year = year_select(viewer)
        options = frames.frames_of(viewer, year)
        frame = choices.frame_select(options, words)
        scheme = choices.scheme_select(viewer)
        found = frames.rolled_up(viewer, year, scheme, frame)
        labels = {one: group_label(one, words.lang) for one in found.frame["frame"].unique()}
        group = choices.group_select(frame, dict(sorted(labels.items())), words)
        query = state.search(words("filters.search"), words("filters.search_hint"))
    rows = found.frame
    if group != choices.EVERY and not query:
        rows = rows.filter(pl.col("frame") == group)
    place = labels.get(group, options[frame])
    remark(*_summary(found, rows, place, words))
    title = words("annual.table", period=year.label(words.lang), frame=place)
    annual_table.draw(found, rows, query, title, words)
    given = frames.awards(viewer, year, scheme)
    named = words("ranking.scheme", name=words.of(found.scheme.label), version=found.scheme.version)
    filters = export.filters(viewer, year, found.as_of, frame=options[frame], scheme=named)
    export.buttons(
        f"annual-{year.text}-{frame.replace(':', '-')}",
        words,
        csv=lambda: annual_csv(found, filters, words),
        xlsx=lambda: annual_workbook(found, given, filters, words),
    )
    awarded.draw_lists(given, found.scheme, words)


def _summary(found: RolledUp, rows: pl.DataFrame, place: str, words: Words) -> list[str]:
    """Whose year, by which rule, of what the months are, and what it does not say."""
    scored = rows.filter(pl.col("state") == "number").height
    counted = {"scored": formats.count(scored), "count": formats.count(rows.height)}
    told = [
        words("annual.summary", period=found.period.label(words.lang), frame=place, **counted),
        words("annual.as_of", as_of=formats.day(found.as_of, words)),
        rollup_sentence(found.rule, words.lang),
        words(f"source.{found.source}") + words("format.stop"),
        words("annual.caution"),
    ]
    return [*told, words("annual.running")] if found.running else told
