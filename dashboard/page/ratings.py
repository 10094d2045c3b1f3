"""好差评: what became of each bad rating, who rated at all, and how the ratings are spread."""

from dashboard import formats
from dashboard.components import definition, export, frames, loop_boards, spread, unit_figures
from dashboard.components.heading import heading, remark, section
from dashboard.components.months import month_select
from dashboard.components.unit_frames import board, of_unit, unit_select
from dashboard.exports import units
from dashboard.viewer import Viewer
from metrics.catalogue import metric

METRICS = (
    *("response_rate", "default_share", "active_good_rate", "bad_rate"),
    *("rerating_satisfaction", "rectification_rate", "on_time_rectification_rate"),
)


def draw(viewer: Viewer) -> None:
    """The board of the loop, rates with their base, the five grades, channels, files."""
    words = viewer.words
    shown = [metric(name) for name in METRICS]
    with heading(words("ratings.title")):
        period = month_select(viewer)
        place = frames.place(viewer, period)
        unit = unit_select(viewer, period, place)
    as_of = frames.as_of(viewer, period)
    told = {"period": period.label(words.lang), "unit": unit.name}
    remark(
        words("ratings.note", as_of=formats.day(as_of, words), **told),
        *unit_figures.not_final(viewer, metric(METRICS[0]), period, unit),
    )

    section(words("loop_board.title"), words("loop_board.note"))
    loops = board(viewer, unit, period, as_of)
    loop_boards.draw(loops, words("loop_board.title"), words)
    section(words("loop_board.open"), words("loop_board.open_note"))
    loop_boards.draw_rows(loops, words("loop_board.open"), words)

    section(words("ratings.rates"), words("ratings.rates_note"))
    mine = unit_figures.values(viewer, shown, period, unit)
    every = {one.id: frames.whole(viewer, one.id, period, place) for one in shown}
    beside = None if unit.by == "all" else every
    unit_figures.draw(shown, mine, beside, words("ratings.rates"), words)

    section(words("spread.title"), words("spread.note"))
    by = spread.parts_select(viewer, period)
    rows, sides = spread.rows_of(viewer, unit, by, period)
    spread.draw(rows, sides, told, words)
    by_channel = of_unit(viewer, "channels", unit, period, as_of)
    spread.draw_channels(by_channel, words("channels.title"), words)

    filters = export.filters(viewer, period, as_of, unit=unit.name)
    export.buttons(
        f"ratings-{period.text}-{unit.id}",
        words,
        csv=lambda: units.unit_csv(shown, mine, filters, words),
        xlsx=lambda: units.unit_workbook(
            shown,
            mine,
            {
                words("loop_board.title"): units.lane_frame(loops, words),
                words("loop_board.rows"): units.loop_frame(loops, words),
                words("spread.title"): units.grade_frame(rows, words),
                words("channels.title"): units.channel_frame(by_channel, words),
            },
            filters,
            words("ratings.title"),
            words,
        ),
    )
    definition.draw(shown, words)
