"""口径与方法: what each number means and what each scheme rules, generated from their files."""

from dashboard import state
from dashboard.components import catalogued, export
from dashboard.components.heading import heading, remark
from dashboard.exports import catalogue as files
from dashboard.text import Words
from dashboard.viewer import Viewer
from metrics.catalogue import catalogue
from metrics.scheme_files import all_schemes
from metrics.scheme_model import Scheme

METRICS, SCHEMES = "metrics", "schemes"


def draw(viewer: Viewer) -> None:
    """The catalogue with a search, or one scheme in one of its versions; files."""
    words = viewer.words
    labels = {one: words(f"catalogue.{one}") for one in (METRICS, SCHEMES)}
    with heading(words("catalogue.title")):
        part = state.segments(
            "content", words("catalogue.part"), list(labels), METRICS, labels.__getitem__
        )
        if part == METRICS:
            query = state.search(words("filters.search"), words("catalogue.search"))
        else:
            chosen = _scheme_select(viewer)
    if part == METRICS:
        _metrics(query, words)
    else:
        _scheme(chosen, words)


def _metrics(query: str, words: Words) -> None:
    found = catalogued.matching(list(catalogue().values()), query, words)
    remark(words("catalogue.note", count=len(found)))
    if not found:
        return
    catalogued.draw_metrics(found, words)
    filters = {words("filters.search"): query} if query else {}
    export.buttons(
        "catalogue",
        words,
        csv=lambda: files.catalogue_csv(found, filters, words),
        xlsx=lambda: files.catalogue_workbook(found, filters, words),
    )


def _scheme_select(viewer: Viewer) -> Scheme:
    """A list of the schemes, each version of its own."""
    words = viewer.words
    known: dict[str, Scheme] = {}
    for versions in all_schemes(viewer.home).values():
        known |= {f"{one.id}@{one.version}": one for one in versions}
    named = {
        code: words("ranking.scheme", name=words.of(one.label), version=one.version)
        for code, one in sorted(known.items())
    }
    label, codes = words("filters.scheme"), list(named)
    return known[state.select("rules", label, codes, codes[0], named.__getitem__, width=360)]


def _scheme(chosen: Scheme, words: Words) -> None:
    catalogued.draw_scheme(chosen, words)
    filters = {words("filters.scheme"): f"{chosen.id} {chosen.version}"}
    export.buttons(
        f"scheme-{chosen.id}",
        words,
        csv=lambda: files.scheme_csv(chosen, filters, words),
        xlsx=lambda: files.scheme_workbook(chosen, filters, words),
    )
