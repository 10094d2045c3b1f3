"""Explanation of a score: every line of it, the rows behind, and what changed."""

from dashboard import formats, state
from dashboard.components import explained, export, frames
from dashboard.components.heading import heading, remark, section
from dashboard.components.months import month_select
from dashboard.exports.explain import explain_csv, explain_workbook
from dashboard.viewer import Viewer
from metrics.periods import Period
from metrics.scheme_files import scheme as scheme_of


def draw(viewer: Viewer) -> None:
    """Month, scheme, hall and unit; score, lines, rows, difference, inspections, exemptions."""
    words = viewer.words
    with heading(words("explain.title")):
        period = month_select(viewer)
        names = frames.schemes_of(viewer, period)
        if not names:
            remark(words("explain.no_scheme"))
            return
        scheme = _scheme_select(viewer, names)
        unit = _unit_select(viewer, period, scheme)
    if unit is None:
        remark(words("explain.nobody"))
        return
    told = frames.explanation(viewer, period, scheme, unit)
    chosen = told.scores.scheme
    named = words("ranking.scheme", name=words.of(chosen.label), version=chosen.version)
    as_of = formats.day(told.scores.as_of, words)
    remark(words("ranking.basis", as_of=as_of, scheme=named))
    explained.headline(told, words)
    section(words("explain.lines_title"), words("explain.lines_note"))
    explained.draw_lines(told, words)
    explained.draw_rows(told, words)
    if told.difference is not None:
        explained.draw_difference(told.difference, words)
    explained.draw_circumstances(told, words)
    filters = export.filters(viewer, period, told.scores.as_of, scheme=named)
    filters |= {words("export.name"): f"{told.name} ({unit})"}
    export.buttons(
        f"explain-{period.text}-{unit}",
        words,
        csv=lambda: explain_csv(told, filters, words),
        xlsx=lambda: explain_workbook(told, filters, words),
    )


def _scheme_select(viewer: Viewer, names: list[str]) -> str:
    words = viewer.words
    labels = {name: words.of(scheme_of(name, viewer.home).label) for name in names}
    return state.select("scheme", words("filters.scheme"), names, names[0], labels.__getitem__)


def _unit_select(viewer: Viewer, period: Period, scheme: str) -> str | None:
    """A hall first, where the units are in halls; the address names the unit alone."""
    words, units = viewer.words, frames.scores(viewer, period, scheme).units
    halls = dict(units.select("hall_id", "hall").drop_nulls("hall_id").unique().iter_rows())
    asked = state.chosen("unit")
    if len(halls) > 1:
        home = dict(units.select("id", "hall_id").iter_rows()).get(asked or "")
        codes = sorted(halls)
        hall = state.select(
            "hall", words("explain.hall"), codes, home or codes[0], halls.__getitem__, 230
        )
        units = units.filter(hall_id=hall)
    names = dict(units.select("id", "name").iter_rows())
    if not names:
        return None
    codes = list(names)
    return state.select("unit", words("explain.unit"), codes, codes[0], names.__getitem__, 230)
