"""What a person has confirmed of a draft, and how it is written on the command line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo, available_timezones

from data.contracts import CONTRACTS
from data.drafting import Draft
from data.drafting_codes import Target, asks_table, grades_by_best, table_of, target
from data.drafting_dates import reading
from data.errors import HallscoreError, nearest
from data.profile import Constant, Interval, Joined, Source, source_columns
from data.undecided import OPEN

SETTINGS = ("encoding", "delimiter", "missing", "timezone", "every", "level", "name")
TIMES = ("Datetime", "Date")
DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}
ZONE = "Asia/Shanghai"
UNITS = {"promised_unit": "promised_limit", "statutory_unit": "statutory_limit"}


@dataclass(frozen=True)
class Choices:
    """Confirmed: the source of a field (None: not in the file), formats, tables, settings."""

    columns: dict[str, Source | None] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, Target]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)


def sources_of(draft: Draft, choices: Choices) -> dict[str, Source]:
    """The fields that the profile reads, in the order of the contract; chosen ones go first.

    A limit without a column for its unit has one constant unit, which is open at first.
    """
    found: dict[str, Source] = {}
    for name in draft.contract.fields:
        suggested = draft.matches.chosen.get(name)
        source = choices.columns.get(name, suggested.source if suggested else None)
        if source is None and name in UNITS and UNITS[name] in found:
            source = choices.columns.get(name) or Constant(value=OPEN)
        if source is not None:
            found[name] = source
    return found


def zone_of(choices: Choices) -> ZoneInfo:
    """The zone of the profile, or HallscoreError with the nearest one."""
    name = choices.settings.get("timezone", ZONE)
    known = available_timezones()
    if name not in known:
        raise HallscoreError(f"timezone {name!r} is unknown.{nearest(name, known)}")
    return ZoneInfo(name)


def field_options(draft: Draft, name: str, joined: Sequence[str] = ()) -> dict[str, Source | None]:
    """What a field may be read from: nothing (""), a column, what a profile joins, or "+".

    "+" stands for the columns in `joined`, where there are two or more.
    """
    found: dict[str, Source | None] = {"": None, **{column: column for column in draft.looks}}
    for one in draft.matches.candidates.get(name, []):
        if one.plain is None:
            found[" + ".join(source_columns(one.source))] = one.source
    together = len(joined) > 1 and all(column in draft.looks for column in joined)
    return found | {"+": Joined(join=list(joined), sep="-") if together else None}


def is_moment(log: str, name: str) -> bool:
    """Whether a field is a point in time."""
    return type(CONTRACTS[log].fields[name]).__name__ in TIMES


def choices_of(
    draft: Draft, confirm: Iterable[str], columns: Iterable[str] = (), grade_best: str | None = None
) -> Choices:
    """The choices of --column, --confirm and --grade-best; raises HallscoreError on any other."""
    choices = Choices()
    for one in columns:
        name, _, text = one.partition("=")
        _known_field(draft, name)
        choices = replace(choices, columns=choices.columns | {name: _source(draft, text)})
    if grade_best is not None:
        table = grades_by_best(draft.look(_column(draft, choices, "grade")), grade_best)
        choices = replace(choices, codes=choices.codes | {"grade": table})
    for one in confirm:
        key, equals, text = one.partition("=")
        if not equals:
            raise HallscoreError(f"--confirm {one!r}: write it as NAME=VALUE.")
        choices = confirmed(draft, choices, key.strip(), text)
    return choices


def confirmed(draft: Draft, choices: Choices, key: str, text: str) -> Choices:
    """One more decision: a setting, the format of a time, a table, or what one code means."""
    if key in SETTINGS:
        text = DELIMITERS.get(text, text) if key == "delimiter" else text
        return replace(choices, settings=choices.settings | {key: text})
    name, dot, code = key.partition(".")
    _known_field(draft, name)
    if dot:
        table = choices.codes.get(name, {}) | {code: target(draft.log, name, code, text)}
        return replace(choices, codes=choices.codes | {name: table})
    source = sources_of(draft, choices).get(name)
    if isinstance(source, Constant):
        return replace(choices, columns=choices.columns | {name: Constant(value=text)})
    if is_moment(draft.log, name) or isinstance(source, Interval):
        _reads_something(draft, source, name, text)
        return replace(choices, dates=choices.dates | {name: text})
    look = draft.look(_column(draft, choices, name))
    if not asks_table(draft.log, name, look):
        raise HallscoreError(f"--confirm {key}={text}: {name} has neither a format nor a table.")
    table = table_of(draft.log, name, look, text).codes | choices.codes.get(name, {})
    return replace(choices, codes=choices.codes | {name: table})


def _reads_something(draft: Draft, source: Source | None, name: str, form: str) -> None:
    columns = [] if source is None else source_columns(source)
    if not columns:
        raise HallscoreError(
            f"--confirm {name}={form}: no column is chosen for {name}. Add --column {name}=COLUMN."
        )
    looks = [draft.look(column) for column in columns]
    if any(look.filled for look in looks) and not any(reading(look, form) for look in looks):
        seen = next(text for look in looks for text in look.examples)
        raise HallscoreError(
            f"--confirm {name}={form}: no value of {columns[0]!r} reads so; seen was {seen!r}."
        )


def _column(draft: Draft, choices: Choices, name: str) -> str:
    source = sources_of(draft, choices).get(name)
    if not isinstance(source, str):
        raise HallscoreError(
            f"{draft.file}: no single column is chosen for {name}. Add --column {name}=COLUMN."
        )
    return source


def _source(draft: Draft, text: str) -> Source | None:
    """A column, several joined by +, or nothing: the file does not have the field."""
    if not text or text in draft.looks:
        return text or None
    parts = text.split("+")
    for part in parts:
        draft.look(part)
    return Joined(join=parts, sep="-")


def _known_field(draft: Draft, name: str) -> None:
    fields = draft.contract.fields
    if name not in fields:
        known = [*fields, *SETTINGS]
        raise HallscoreError(
            f"{name!r} is neither a field of {draft.log} nor a setting.{nearest(name, known)} "
            f"Known are {', '.join(known)}."
        )
