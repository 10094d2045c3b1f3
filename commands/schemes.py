"""hallscore schemes: the assessment schemes (考核办法) there are, in words, checked, compared."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.options import Format, Json
from terminal import say, write_frame

if TYPE_CHECKING:
    from metrics.scheme_words import Words

schemes = typer.Typer(no_args_is_help=True, help="Assessment schemes (考核办法).")
Named = Annotated[str, typer.Argument(help="ID, ID@VERSION or a file.")]
Lang = Annotated[str, typer.Option(help="zh or en.")]


@schemes.command("list")
def schemes_list(
    context: typer.Context, lang: Lang = "zh", form: Format = "table", as_json: Json = False
) -> None:
    """All versions of the schemes that ship and of those in <home>/schemes."""
    import polars as pl

    from metrics.scheme_files import FOLDER, filed_schemes

    words = checked_lang(lang)
    rows = [
        {
            "id": one.id,
            "version": one.version,
            "label": words.of(one.label),
            "entity": one.entity,
            "period": one.period,
            "publish": one.publish,
            "valid_from": one.valid_from.isoformat(),
            "source": one.source,
            "file": path.name if path.parent == FOLDER else str(path),
        }
        for found in filed_schemes(context.obj).values()
        for one, path in found
    ]
    if as_json or form == "json":
        print(json.dumps(rows, ensure_ascii=False))
        return
    write_frame(pl.DataFrame(rows).drop("source"), form)


@schemes.command("show")
def schemes_show(context: typer.Context, scheme: Named, lang: Lang = "zh") -> None:
    """A scheme in words: items, weights, rules, awards, and what its source leaves unreadable."""
    from metrics.scheme_check import named
    from metrics.scheme_pages import scheme_text

    words = checked_lang(lang)
    one, _ = named(scheme, context.obj)
    print(f"# {words.of(one.label)} `{one.id}`\n")
    print(scheme_text(one, lang), end="")


@schemes.command("check")
def schemes_check(context: typer.Context, files: list[Path], as_json: Json = False) -> None:
    """Check files as if they lay in <home>/schemes; a refusal ends with code 2."""
    from metrics.scheme_check import check_files

    found = check_files(files, context.obj)
    if as_json:
        rows = [
            {
                "file": str(one.path),
                "id": one.scheme.id,
                "version": one.scheme.version,
                "unscored": one.unscored,
            }
            for one in found
        ]
        print(json.dumps(rows, ensure_ascii=False))
        return
    for one in found:
        say(f"{one.path}: scheme {one.scheme.id}, version {one.scheme.version}, is right")
        for code, n in one.unscored.items():
            say(f"{one.path}: no item takes the {n:,} findings of code {code} in this home")


@schemes.command("drafts")
def schemes_drafts(context: typer.Context, form: Format = "table", as_json: Json = False) -> None:
    """Drafts of other weights: who proposed them and why; none of them is in force."""
    import polars as pl

    from data.scheme_drafts import scheme_drafts

    rows = [
        one.__dict__ | {"weights": ", ".join(f"{name} {to}" for name, to in one.weights.items())}
        for one in scheme_drafts(context.obj)
    ]
    if not rows and not as_json:
        say("no draft")
        return
    write_frame(pl.DataFrame(rows), form, as_json)


@schemes.command("diff")
def schemes_diff(
    context: typer.Context,
    before: Named,
    after: Named,
    form: Format = "table",
    as_json: Json = False,
) -> None:
    """The keys in which two schemes differ, item by item."""
    import polars as pl

    from metrics.scheme_check import named
    from metrics.scheme_diff import diff

    rows = diff(named(before, context.obj)[0], named(after, context.obj)[0])
    if as_json or form == "json":
        print(json.dumps(rows, ensure_ascii=False))
    elif rows:
        write_frame(pl.DataFrame(rows), form)
    else:
        say("no difference")


def checked_lang(lang: str) -> "Words":
    """The words of a language; an unknown one raises HallscoreError."""
    from data.errors import HallscoreError
    from metrics.scheme_words import LANGUAGES, Words

    if lang not in LANGUAGES:
        raise HallscoreError(f"--lang {lang!r}: known are {', '.join(LANGUAGES)}.")
    return Words(lang)
