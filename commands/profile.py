"""hallscore profile: draft a profile from a file, and try one out without taking anything in."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.options import Json
from terminal import say, write_frame

if TYPE_CHECKING:
    from data.drafting import Draft
    from data.drafting_choices import Choices
    from data.drafting_sample import Sample
    from data.profile import Profile

profile = typer.Typer(no_args_is_help=True, help="Draft a profile, try one out.")

Log = Annotated[str, typer.Option(help="ratings, tickets, cases, inspections, findings, halls, …")]
Confirm = Annotated[
    list[str] | None,
    typer.Option(help="A decision: rated_at=%Y-%m-%d, encoding=utf-8, origin.7=default, …"),
]
Column = Annotated[
    list[str] | None, typer.Option(help="FIELD=COLUMN, FIELD=A+B (joined), FIELD= (not there).")
]
Best = Annotated[str | None, typer.Option(help="The code of the best grade: 5 or 1, or a word.")]


@profile.command("draft")
def profile_draft(
    file: Path,
    log: Log,
    out: Annotated[Path | None, typer.Option(help="Write the TOML here, not to stdout.")] = None,
    confirm: Confirm = None,
    column: Column = None,
    grade_best: Best = None,
    sheet: Annotated[str, typer.Option(help="The sheet of a workbook, or a pattern.")] = "",
    as_json: Json = False,
) -> None:
    """Propose a profile for a file; what nobody has confirmed stands as "?" in it."""
    from data.drafting import draft_of
    from data.drafting_choices import choices_of
    from data.drafting_toml import toml_of
    from data.errors import HallscoreError

    if out is not None and (out.exists() or out.suffix != ".toml"):
        what = "is there already" if out.exists() else "is not named .toml"
        raise HallscoreError(f"--out {out}: {what}. Name a new file that ends in .toml.")
    given = dict(one.split("=", 1) for one in confirm or () if "=" in one)
    delimiter = _letter(given.get("delimiter", ""))
    drafted = draft_of(file, log, given.get("encoding", ""), delimiter, sheet)
    named = [*(confirm or ())]
    if out is not None and "name" not in given:
        named.append(f"name={out.stem}")
    choices = choices_of(drafted, named, column or (), grade_best)
    text = toml_of(drafted, choices)
    if out is not None:
        out.write_text(text, "utf-8")
    _report(drafted, choices, text, out, as_json)


def _letter(delimiter: str) -> str:
    from data.drafting_choices import DELIMITERS

    return DELIMITERS.get(delimiter, delimiter)


def _report(
    drafted: "Draft", choices: "Choices", text: str, out: Path | None, as_json: bool
) -> None:
    import tomllib

    from data.drafting_choices import sources_of
    from data.undecided import open_keys

    still = [".".join(key) for key in open_keys(tomllib.loads(text))]
    if as_json:
        content = _content(drafted, sources_of(drafted, choices), still, text)
        print(json.dumps(content, ensure_ascii=False))
        return
    if out is None:
        print(text)
    for key in still:
        say(f"open: {key}")
    place = out or "the draft"
    say(f"{place}: {len(still)} decisions are open" if still else f"{place}: nothing is open")


def _content(
    drafted: "Draft", sources: Iterable[str], still: list[str], text: str
) -> dict[str, object]:
    suggestions = {
        name: [
            {
                "source": one.source if isinstance(one.source, str) else one.source.model_dump(),
                "score": round(one.score, 3),
                "reason": one.reason,
                "detail": one.detail,
            }
            for one in those
        ]
        for name, those in drafted.matches.candidates.items()
    }
    return {
        "file": drafted.file,
        "log": drafted.log,
        "rows": drafted.rows,
        "encoding": drafted.guess.encoding,
        "delimiter": drafted.guess.delimiter,
        "chosen": list(sources),
        "suggestions": suggestions,
        "open": still,
        "toml": text,
    }


@profile.command("check")
def profile_check(
    name: Annotated[str, typer.Argument(metavar="PROFILE")],
    file: Annotated[Path | None, typer.Argument()] = None,
    log: Annotated[str | None, typer.Option(help="Which log the file holds.")] = None,
    as_json: Json = False,
) -> None:
    """Load a profile; with a file, show rows as it reads them and rows that it refuses."""
    from data.drafting_sample import try_out
    from data.profile import load_profile

    checked = load_profile(name)
    if file is None:
        logs = {log: list(part.columns) for log, part in checked.logs.items()}
        print(json.dumps(logs, ensure_ascii=False) if as_json else _logs(logs))
        return
    _show(try_out(file, checked, _only_log(checked, log)), as_json)


def _logs(logs: dict[str, list[str]]) -> str:
    return "\n".join(f"{log}: {', '.join(fields)}" for log, fields in logs.items())


def _only_log(checked: "Profile", log: str | None) -> str:
    from data.errors import HallscoreError

    if log is None and len(checked.logs) > 1:
        raise HallscoreError(
            f"profile {checked.reference!r} reads {', '.join(checked.logs)}: say which with --log."
        )
    return log or next(iter(checked.logs))


def _show(sample: "Sample", as_json: bool) -> None:
    counts = {
        "read": sample.read,
        "accepted": sample.accepted,
        "no_rating": sample.no_rating,
        "rejected": sample.reasons,
        "whole": sample.whole,
    }
    if as_json:
        rows = {"rows": sample.rows.to_dicts(), "rejects": sample.rejects.to_dicts()}
        told = counts | {"warnings": sample.warnings} | rows
        print(json.dumps(told, ensure_ascii=False, default=str))
        return
    write_frame(sample.rows, "table")
    if sample.rejects.height:
        print()
        write_frame(sample.rejects, "table")
    rejected = ", ".join(f"{reason} {count}" for reason, count in sample.reasons.items())
    extent = "all" if sample.whole else "the first"
    say(f"{extent} {sample.read} rows: {sample.accepted} read, {sample.no_rating} without a rating")
    say(f"refused: {rejected or 'none'}. Nothing was taken in.")
    for warning in sample.warnings:
        say(f"the ingest would refuse the file: {warning}")
