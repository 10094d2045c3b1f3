"""hallscore export: what is published of a period as files, with a manifest."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.options import PeriodText
from terminal import progress_bar, say

if TYPE_CHECKING:
    from dashboard.exports.edition_workbook import Issue
    from metrics.edition_results import Results
    from metrics.periods import Period


def export_command(
    context: typer.Context,
    period: PeriodText,
    out: Annotated[Path, typer.Option(help="A folder; the files of a period lie in one of it.")],
    scheme: Annotated[str | None, typer.Option(help="Id of a scheme.")] = None,
    edition: Annotated[str | None, typer.Option(help="An edition other than the standing.")] = None,
    lang: Annotated[str, typer.Option(help="Language of the files: zh or en.")] = "zh",
) -> None:
    """Workbook, csv files and a ZIP with manifest; what is not published is marked as a draft."""
    from dashboard.exports.pack import write_pack
    from dashboard.text import LANGUAGES, Words
    from data.errors import HallscoreError, nearest
    from metrics.periods import parse_period
    from metrics.scheme_files import DEFAULT

    if lang not in LANGUAGES:
        raise HallscoreError(
            f"--lang {lang!r}: known are {', '.join(LANGUAGES)}.{nearest(lang, LANGUAGES)}"
        )
    with progress_bar() as show:
        show("results", 0.1)
        asked = (context.obj, parse_period(period), scheme or DEFAULT, edition)
        results, issue = results_and_issue(*asked)
        folder, written = write_pack(results, issue, Words(lang), out, show)
    named = f", edition {results.header.id}" if results.header.id else ""
    say(f"{folder}: {len(written)} files; {issue.state}{named}")


def results_and_issue(
    home: Path, period: "Period", scheme: str, name: str | None
) -> tuple["Results", "Issue"]:
    """The named edition, else the one that stands, else what is computed now."""
    from dashboard.exports.edition_workbook import Issue
    from data.edition_ledger import PUBLISHED, history, standing_edition
    from metrics.edition import edition
    from metrics.edition_build import results_of

    chosen = name or standing_edition(home, period.text, scheme)
    if chosen is None:
        return results_of(home, period, scheme), Issue("computed", "", "")
    found = edition(home, chosen)
    checked = [one.by for one in history(home, chosen) if one.state == PUBLISHED]
    return found.results, Issue(found.state, found.digest, checked[-1] if checked else "")
