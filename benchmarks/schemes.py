"""What-if: one weight edited in a scheme's file, and all counters and a whole year scored again."""

from collections.abc import Callable
from itertools import cycle
from pathlib import Path

from metrics.annual import RolledUp, parts_of, roll_up
from metrics.periods import Period, parse_period
from metrics.rollup import ensure
from metrics.scheme_files import FOLDER, scheme
from metrics.scope import Scope
from metrics.score_events import raw_events
from metrics.score_inputs import exact_values
from metrics.scores import metrics_of
from metrics.values import default_as_of

ALL = Scope("bench", None)
YEAR = "2019"
# A scheme of rates, and one of deductions; of each two weights, as its file writes them.
EDITS = {
    "first": (("weight  = 25", "weight  = 24"), ("weight  = 20", "weight  = 21")),
    "p02_county": (("weight = 20", "weight = 19"), ("weight = 10", "weight = 11")),
}
Measure = Callable[[Callable[[], object]], dict[str, float]]


def edited(home: Path, name: str) -> Callable[[], str]:
    """A call that writes the scheme into the home, in turns with and without other weights."""
    text = (FOLDER / f"{name}.toml").read_text("utf-8").replace(f'"{name}"', '"edited"', 1)
    other = text
    for old, new in EDITS[name]:
        assert old in other, (name, old)
        other = other.replace(old, new, 1)
    folder = home / "schemes"
    folder.mkdir(exist_ok=True)
    turns = cycle([other, text])

    def write() -> str:
        (folder / "edited.toml").write_text(next(turns), "utf-8")
        return "edited"

    return write


def year_again(home: Path, name: str) -> Callable[[], RolledUp]:
    """Edit one weight (and another, so that they still add up) and roll the year up again."""
    write, year = edited(home, name), parse_period(YEAR)
    return lambda: roll_up(home, year, ALL, write())


def values_of_year(home: Path, name: str) -> Callable[[], object]:
    """Read what the scheme rests on, twelve months, nothing kept from before and nothing scored."""
    state, chosen = ensure(home), scheme(name, home)
    sources = {item.events for item in chosen.items if hasattr(item, "events")}

    def read(month: Period) -> None:
        for one in metrics_of(chosen):
            exact_values(state, one, month, "counter", ALL, default_as_of(state, month))

    def call() -> None:
        for month in parts_of(parse_period(YEAR), "month"):
            read(month)
        if sources:
            raw_events.cache_clear()
            for source in sorted(sources):
                raw_events(state, source)

    return call


def scheme_figures(home: Path, measure: Measure) -> dict[str, object]:
    """Seconds of a year scored again, and how many times the reading of its values that is."""
    found: dict[str, object] = {}
    for name in EDITS:
        again = year_again(home, name)
        first = again()
        ours, base = measure(again), measure(values_of_year(home, name))
        ratio = round(ours["cpu_s"] / base["cpu_s"], 2)
        counters = first.frame.height
        figures = ours | {"over_values": ratio, "counters": counters}
        found[f"one weight edited, a year scored again by {name}"] = figures
    return found
