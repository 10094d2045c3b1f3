"""What a profile wants of a sheet: which columns, which are needed, how dates are written."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from data.contracts import CONTRACTS
from data.profile import Interval, Joined, Profile, WorkbookPart, source_columns


@dataclass(frozen=True)
class SheetPlan:
    """The columns of one log in a workbook, and the profile's [workbook] settings.

    `key`: columns of the row's own id; `formats`: of the columns that hold times, where known.
    """

    profile: str
    columns: tuple[str, ...]
    needed: frozenset[str]
    key: tuple[str, ...]
    formats: dict[str, str]
    encoding: str
    zone: ZoneInfo
    settings: WorkbookPart

    @property
    def header_rows(self) -> int | None:
        """Lines of the header, where the profile tells."""
        return self.settings.header_rows

    @property
    def sep(self) -> str:
        """What joins the two lines of a header."""
        return self.settings.sep


def plan_of(profile: Profile, log: str) -> SheetPlan:
    """The plan of a log; raises HallscoreError where the profile does not read that log."""
    part, contract = profile.part(log), CONTRACTS[log]
    # Of an id and a name that stand for each other the one that alone is mapped.
    mapped = [[field for field in pair if field in part.columns] for pair in contract.either]
    fields = [*contract.needed, *(pair[0] for pair in mapped if len(pair) == 1)]
    needed = [
        column
        for field in fields
        if field in part.columns
        for column in source_columns(part.columns[field])
    ]
    # An id with a default (of a tally, of redress) may be absent; a needed field stands for it.
    known_by = contract.id_column if contract.id_column in part.columns else contract.needed[0]
    formats: dict[str, str] = {}
    for field, source in part.columns.items():
        if isinstance(source, Interval):
            formats |= {source.start: source.format, source.end: source.format}
        elif isinstance(source, str) and field in part.dates:
            formats.setdefault(source, part.dates[field])
        elif isinstance(source, Joined) and field in part.dates:
            formats |= _piecewise(source, part.dates[field])
    return SheetPlan(
        profile.reference,
        tuple(part.sources()),
        frozenset(needed),
        tuple(source_columns(part.columns[known_by])),
        formats,
        profile.encoding,
        profile.zone,
        profile.workbook,
    )


def any_columns(encoding: str, sheet: str = "") -> SheetPlan:
    """The plan of somebody who knows no columns: the likeliest row of the sheet is the header."""
    zone = ZoneInfo("UTC")
    return SheetPlan("", (), frozenset(), (), {}, encoding, zone, WorkbookPart(sheet=sheet))


def _piecewise(source: Joined, form: str) -> dict[str, str]:
    """Formats of the pieces of a time that is joined of several columns: day " " clock."""
    pieces = form.split(source.sep) if source.sep else []
    same = len(pieces) == len(source.join)
    return dict(zip(source.join, pieces, strict=True)) if same else {}
