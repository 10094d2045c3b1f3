"""Monthly ranking: who stands where inside a frame, on what base, and who is not ranked."""

from functools import partial

from dashboard import formats, state
from dashboard.components import (
    awarded,
    choices,
    definition,
    export,
    frames,
    issued,
    ranks,
    sure,
    what_if,
)
from dashboard.components.heading import heading, remark
from dashboard.components.months import month_select
from dashboard.exports.ranking import ranking_csv, ranking_workbook
from dashboard.viewer import Viewer
from metrics.fairness.peer_words import group_label
from metrics.scores import metrics_of


def draw(viewer: Viewer) -> None:
    """Filters, ranked table, the unranked apart, definitions, files."""
    words = viewer.words
    with heading(words("ranking.title")):
        period = month_select(viewer)
        options = frames.frames_of(viewer, period)
        frame = choices.frame_select(options, words)
        scheme = choices.scheme_select(viewer)
        ranking = frames.rank(viewer, period, frame, scheme)
        labels = {one: group_label(one, words.lang) for one in ranking.groups["frame"]}
        group = choices.group_select(frame, labels, words)
        query = state.search(words("filters.search"), words("filters.search_hint"))
    if group != choices.EVERY and not query:
        ranking = ranking.within(group)
    given = frames.awards(viewer, period, scheme)
    named = {"period": period.label(words.lang), "frame": labels.get(group, options[frame])}
    remark(*ranks.summary(ranking, named, formats.day(ranking.as_of, words), words))
    issued.draw(viewer, period, frame, scheme)
    sure.draw_groups(ranking, labels, words)
    title = words("ranking.table", **named)
    beside = partial(frames.beside, viewer, period, frame, scheme)
    ranks.draw_ranked(ranking, query, title, beside, words)
    filters = export.filters(
        viewer,
        period,
        ranking.as_of,
        frame=named["frame"],
        scheme=ranks.scheme_name(ranking, words),
    )
    export.buttons(
        f"ranking-{period.text}-{frame.replace(':', '-')}",
        words,
        csv=lambda: ranking_csv(ranking, filters, words),
        xlsx=lambda: ranking_workbook(ranking, filters, words, given),
    )
    awarded.draw(given, ranking, words)
    what_if.draw(viewer, period, frame, scheme)
    ranks.draw_unranked(ranking.unranked, words)
    definition.draw(metrics_of(ranking.scheme), words, ranks.scheme_text(ranking, words))
