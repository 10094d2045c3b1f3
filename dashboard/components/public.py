"""The public form (公开版) of a table: what is about fewer than five people is withheld."""

from collections.abc import Sequence

import polars as pl

from dashboard.components import export, frames
from dashboard.exports.parts import part_csv, part_workbook
from dashboard.reported import has_some, named_filters
from dashboard.viewer import Viewer
from metrics.catalogue import Metric
from metrics.fairness.suppressed import ON_THE_TREE, public_values
from metrics.periods import Period


def draw(viewer: Viewer, shown: Sequence[Metric], period: Period, by: str, title: str) -> None:
    """Buttons for the public form; none for who sees a part of the city only.

    What is withheld is worked out on the whole city, when a button is pressed.
    """
    if viewer.scope.hall_ids is not None or by not in ON_THE_TREE:
        return
    words, filters = viewer.words, public_filters(viewer, shown, period, by)
    export.public_buttons(
        f"overview-{period.text}",
        words,
        csv=lambda: part_csv(shown, *public_frames(viewer, shown, period, by), filters, words),
        xlsx=lambda: part_workbook(
            shown, *public_frames(viewer, shown, period, by), filters, title, words
        ),
    )


def public_frames(
    viewer: Viewer, shown: Sequence[Metric], period: Period, by: str
) -> tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]:
    """The parts and the whole by metric, as `metrics.fairness.suppressed.public_values`."""
    names = [one.id for one in shown]
    parts = public_values(viewer.home, names, period, by, viewer.scope)
    whole = public_values(viewer.home, names, period, "all", viewer.scope)
    place = pl.lit(frames.place(viewer, period))
    return parts, {one: frame.with_columns(name=place) for one, frame in whole.items()}


def public_filters(
    viewer: Viewer, shown: Sequence[Metric], period: Period, by: str
) -> dict[str, str]:
    """What the numbers depend on; that some are reported is said, which part of them is not."""
    words = viewer.words
    named = export.filters(viewer, period, frames.as_of(viewer, period))
    named.pop(words("export.user"), None)
    told = named | {words("public.form"): words("public.note")}
    reported = has_some(*(frames.value(viewer, one.id, period, by) for one in shown))
    return dict(named_filters(told, words, reported))
