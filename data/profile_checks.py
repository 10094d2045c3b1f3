"""A profile against the contracts: fields, date formats and code tables that it may name."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from data.attendance_kinds import check_kinds
from data.contracts import CONTRACTS, Contract
from data.errors import HallscoreError, nearest
from data.profile_errors import KEYS, key_line, table_line
from data.workbook_grid import EXCEL_EPOCHS

if TYPE_CHECKING:
    from data.profile import LogPart

TIME_TYPES = ("Datetime", "Date")
GRADES = (1, 2, 3, 4, 5)
TIMES = ["2019-08-31 04:05:06", "2019-08-31 16:57:58"]


def check_keys(path: Path, text: str, content: dict[str, Any]) -> None:
    """Refuse a top-level key or table that is neither a setting nor a log; one log is needed."""
    known = [*KEYS[""], *CONTRACTS]
    for key in content:
        if key not in known:
            raise HallscoreError(
                f"{path}, line {table_line(text, key)}: unknown key {key!r}.{nearest(key, known)} "
                f"Known keys here: {', '.join(known)}."
            )
    if not set(content) & set(CONTRACTS):
        raise HallscoreError(
            f"{path}: no log is described. Add a table such as [ratings.columns]; the logs are "
            f"{', '.join(CONTRACTS)}. See data/profiles/template.toml."
        )


def check_part(path: Path, text: str, contract: Contract, part: "LogPart") -> None:
    """HallscoreError with file, line and key where a log's part does not fit its contract."""
    fields = contract.fields
    for table in ("columns", "dates", "codes", "missing"):
        for key in getattr(part, table):
            if key not in fields:
                raise _wrong(path, text, f"{contract.name}.{table}", key, nearest(key, fields))
    _check_needed(path, contract, part)
    check_kinds(path, text, contract.name, part)
    _check_dates(path, text, contract, part)
    if "grade" in part.columns and "grade" not in part.codes:
        raise HallscoreError(
            f"{path}: [{contract.name}.codes.grade] is missing. Whether 1 or 5 is best is never "
            'guessed: write the table, for instance "1" = 5 where the source\'s 1 is best.'
        )
    for name, codes in part.codes.items():
        _check_codes(path, text, contract, name, codes)


def _check_needed(path: Path, contract: Contract, part: "LogPart") -> None:
    for name in contract.needed:
        if name not in part.columns:
            raise HallscoreError(
                f"{path}: [{contract.name}.columns] lacks {name!r}, which every row of "
                f"{contract.name} must have. Add the source's column for it."
            )
    for pair in contract.either:
        if not set(pair) & set(part.columns):
            named = " nor ".join(repr(name) for name in pair)
            raise HallscoreError(
                f"{path}: [{contract.name}.columns] has neither {named}; every row of "
                f"{contract.name} must have one of them. Add the source's column for it."
            )


def _check_dates(path: Path, text: str, contract: Contract, part: "LogPart") -> None:
    for name, column in contract.fields.items():
        timed = type(column).__name__ in TIME_TYPES
        if timed and name in part.columns and name not in part.dates:
            raise HallscoreError(
                f"{path}: [{contract.name}.dates] has no format for {name!r}. A date format is "
                'never guessed: write it, for instance "%Y-%m-%d %H:%M:%S".'
            )
    for name, written in part.dates.items():
        table = f"{contract.name}.dates"
        _check_format(f"{path}, line {key_line(text, table, name)}: {table}.{name}", written)
    for name, source in part.columns.items():
        form = None if isinstance(source, str) else getattr(source, "format", None)
        if form is not None:
            table = f"{contract.name}.columns"
            _check_format(f"{path}, line {key_line(text, table, name)}: {table}.{name}", form)


def _check_format(where: str, form: str) -> None:
    """A format must give back the day that it wrote, and the time of day if it writes one."""
    if form in EXCEL_EPOCHS:
        return
    times = pl.Series(TIMES).str.to_datetime("%Y-%m-%d %H:%M:%S", time_zone="UTC")
    try:
        texts = times.dt.strftime(form)
        timed = texts[0] != texts[1]
        read = texts.str.to_datetime(form, time_zone="UTC") if timed else texts.str.to_date(form)
        told = read.dt.date().equals(times.dt.date()) and (
            not timed or read.dt.hour().equals(times.dt.hour())
        )
    except (pl.exceptions.PolarsError, ValueError):
        told = False
    if not told:
        raise HallscoreError(
            f"{where} is {form!r}, which does not tell a day. Expected are the letters of "
            'strptime: "%Y-%m-%d %H:%M:%S" reads 2019-08-31 16:57:58, "%d/%m/%Y" reads 31/08/2019; '
            '"excel" reads serial days (43708.7), "excel1904" those of old Macs.'
        )


def _check_codes(
    path: Path, text: str, contract: Contract, name: str, table: dict[str, Any]
) -> None:
    allowed: tuple[Any, ...] = GRADES if name == "grade" else contract.codes.get(name, ())
    for code, target in table.items():
        if allowed and target not in allowed:
            line = key_line(text, f"{contract.name}.codes.{name}", code)
            names = [str(one) for one in allowed]
            raise HallscoreError(
                f"{path}, line {line}: code {code!r} of {contract.name}.{name} maps to {target!r}; "
                f"allowed are {', '.join(names)}.{nearest(str(target), names)}"
            )
    if name == "grade" and len(set(table.values())) < 2:
        raise HallscoreError(f"{path}: [{contract.name}.codes.grade] maps every code to one grade.")


def _wrong(path: Path, text: str, table: str, key: str, hint: str) -> HallscoreError:
    return HallscoreError(
        f"{path}, line {key_line(text, table, key)}: key {key!r} in [{table}] is not a field of "
        f"the contract.{hint} The fields are listed in docs/reference/contracts.md."
    )
