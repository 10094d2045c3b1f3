"""What an edition of the divisions changes: halls to open, close, rename, move or give a new code.

A hall keeps its hall_id whatever becomes of its division; `division_code` is an attribute. Below
the deepest level of the edition nothing is opened, closed or moved: villages follow the township
that they stand under.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from data.division_decisions import Decisions
from data.division_matching import Matching, Row, matched
from data.division_names import hall_name, usual_ending
from data.editions import LEVELS, Division, Edition, padded
from data.errors import HallscoreError
from data.store import Snapshot
from data.versions import in_force

OPENED, CLOSED, RENAMED, MOVED = "opened", "closed", "renamed", "moved"
RECODED, MERGED, AMBIGUOUS = "recoded", "merged", "ambiguous"


@dataclass(frozen=True)
class Change:
    """What happens to one hall; `hall` is its row as it stands, `after` its row from the day on."""

    kinds: tuple[str, ...]
    hall: Row
    after: Row
    into: str | None = None  # the hall_id that carries it on
    counters: int = 0  # open counters that close or move with it
    note: str = ""

    @property
    def leaves(self) -> bool:
        """Whether the hall is closed by it."""
        return self.kinds in ((CLOSED,), (MERGED,))

    def listed(self) -> Row:
        """One row of the list that a person confirms."""
        standing = self.hall or self.after
        return {
            "change": "+".join(self.kinds),
            "level": standing["level"],
            "hall_id": standing["hall_id"],
            "code": self.hall.get("division_code"),
            "name": self.hall.get("name"),
            "new_code": self._new("division_code"),
            "new_name": self._new("name"),
            "new_parent": self.into or self._new("parent_id"),
            "counters": self.counters,
            "note": self.note,
        }

    def _new(self, name: str) -> object:
        changed = self.after.get(name)
        return changed if changed != self.hall.get(name) else None


@dataclass(frozen=True)
class Diff:
    """The changes of an edition from a day on; `unsettled` need a decision before an import."""

    edition: Edition
    day: date
    changes: tuple[Change, ...]
    unsettled: tuple[Change, ...]
    declined: tuple[Division, ...]
    unchanged: int
    kept: int
    uncoded: int  # halls of the edition's levels without a division code
    below: int  # halls of levels that the edition does not reach

    def report(self) -> dict[str, object]:
        """The diff with its fixed keys."""
        return {
            "edition": self.edition.name,
            "reach": self.edition.reach,
            "from": self.day.isoformat(),
            "changes": [change.listed() for change in self.changes],
            "unsettled": [change.listed() for change in self.unsettled],
            "declined": [one.code for one in self.declined],
            "n": len(self.changes),
            "unchanged": self.unchanged,
            "kept": self.kept,
            "without_code": self.uncoded,
            "below_reach": self.below,
        }


def diff(snap: Snapshot, edition: Edition, day: date, decisions: Decisions) -> Diff:
    """Compare an edition with the halls that are open on a day."""
    standing = in_force(snap.reference("halls"), "hall_id", day, day + timedelta(days=1))
    rows = standing.filter("valid").drop("valid", "no", "batch", "line").to_dicts()
    reached = [row for row in rows if row["level"] in edition.levels]
    coded = [row for row in reached if row["division_code"]]
    if not coded:
        raise HallscoreError(
            f"no hall that is open on {day} has a division_code, so {edition.name} cannot be "
            "compared. Fill the column division_code of the table `halls`."
        )
    coded.sort(key=lambda row: (LEVELS.index(str(row["level"])), str(row["hall_id"])))
    decisions.check((padded(str(row["division_code"])) for row in coded), edition)
    found = matched(edition, decisions, coded, {str(row["hall_id"]): row for row in rows})
    counters = in_force(snap.reference("counters"), "counter_id", day, day + timedelta(days=1))
    open_counters = dict(counters.filter("valid").group_by("hall_id").len().iter_rows())
    return _told(found, day, open_counters, len(reached) - len(coded), len(rows) - len(reached))


def _told(found: Matching, day: date, counters: dict[str, int], uncoded: int, below: int) -> Diff:
    """The changes of every hall, the openings, and what a person must settle first."""
    changes = [_change(found, hall, counters) for hall in found.halls]
    changes += _openings(found)
    changes += _following(found, changes)
    orphans = _orphaned(found, changes)
    told = [_settled(found, change, orphans) for change in changes if change.kinds]
    halls = len([change for change in changes if not change.kinds])
    return Diff(
        edition=found.edition,
        day=day,
        changes=tuple(one for one in told if one.kinds != (AMBIGUOUS,)),
        unsettled=tuple(one for one in told if one.kinds == (AMBIGUOUS,)),
        declined=tuple(
            one
            for code, one in found.edition.divisions.items()
            if code not in found.holders and found.decisions.declines(code)
        ),
        unchanged=halls - len(found.kept),
        kept=len(found.kept),
        uncoded=uncoded,
        below=below,
    )


def _change(found: Matching, hall: Row, counters: dict[str, int]) -> Change:
    """What becomes of a hall that there is."""
    hall_id = str(hall["hall_id"])
    inside = counters.get(hall_id, 0)
    if hall_id in found.kept:
        return Change((), hall, hall)
    if hall_id in found.doubts:
        return Change((AMBIGUOUS,), hall, hall, note=found.doubts[hall_id])
    if hall_id in found.closing:
        return Change((CLOSED,), hall, hall, counters=inside)
    if hall_id in found.into:
        heirs = found.halls_of(found.into[hall_id])
        if len(heirs) > 1:
            note = f"several halls stand for {found.into[hall_id]}: {', '.join(heirs)}"
            return Change((AMBIGUOUS,), hall, hall, note=note)
        return Change((MERGED,), hall, hall, into=heirs[0], counters=inside)
    return _carried_on(found, hall, found.edition.divisions[found.code_of[hall_id]])


def _carried_on(found: Matching, hall: Row, now: Division) -> Change:
    """A hall that goes on: under another code, name or parent, or as it is."""
    code = padded(str(hall["division_code"]))
    name, parent = hall_name(now.name, str(hall["name"])), _parent_of(found, hall, now)
    kinds = (
        *((RECODED,) if code != now.code else ()),
        *((RENAMED,) if name != hall["name"] else ()),
        *((MOVED,) if parent != hall["parent_id"] else ()),
    )
    new_code = now.code if code != now.code else hall["division_code"]
    after = {**hall, "division_code": new_code, "name": name, "parent_id": parent}
    return Change(kinds, hall, after)


def _parent_of(found: Matching, hall: Row, now: Division) -> object:
    """The hall above, by the edition; the first level of the file keeps what it has."""
    above = found.above(now.code)
    if not above or hall.get("parent_id") in above:
        return hall.get("parent_id")
    return above[0]


def _openings(found: Matching) -> list[Change]:
    """Divisions for which no hall stands and nobody declined one."""
    usual = {
        level: usual_ending(str(hall["name"]) for hall in found.halls if hall["level"] == level)
        for level in found.edition.levels
    }
    changes = []
    for code, hall_id in found.opened.items():
        one, parents = found.edition.divisions[code], found.above(code)
        after: Row = {
            "hall_id": hall_id,
            "name": one.name + usual[one.level],
            "level": one.level,
            "division_code": code,
            "parent_id": parents[0] if parents else None,
        }
        lacking = not parents and found.edition.parent(code) is not None
        note = f"no hall stands for {one.parent}, the place above it" if lacking else ""
        changes.append(Change((AMBIGUOUS,) if lacking else (OPENED,), {}, after, note=note))
    return changes


def _following(found: Matching, changes: list[Change]) -> list[Change]:
    """Halls that the edition says nothing of, below one that another carries on."""
    heirs = {one.hall["hall_id"]: one.into for one in changes if one.into is not None}
    told = {one.hall.get("hall_id") for one in changes}
    return [
        Change((MOVED,), hall, {**hall, "parent_id": heirs[hall["parent_id"]]})
        for hall in found.every.values()
        if hall["parent_id"] in heirs and hall["hall_id"] not in told
    ]


def _orphaned(found: Matching, changes: list[Change]) -> dict[str, int]:
    """How many open halls would be left below a hall that closes."""
    leaving = {str(one.hall["hall_id"]) for one in changes if one.kinds == (CLOSED,)}
    gone = leaving | {str(one.hall["hall_id"]) for one in changes if one.kinds == (MERGED,)}
    parents = {hall_id: row["parent_id"] for hall_id, row in found.every.items()}
    parents |= {str(one.after["hall_id"]): one.after["parent_id"] for one in changes}
    left: dict[str, int] = {}
    for hall_id, parent in parents.items():
        if parent in leaving and hall_id not in gone:
            left[str(parent)] = left.get(str(parent), 0) + 1
    return left


def _settled(found: Matching, change: Change, orphans: dict[str, int]) -> Change:
    """A closing that would leave halls without one above them is for a person to settle."""
    count = orphans.get(str(change.hall.get("hall_id")), 0)
    if change.kinds != (CLOSED,) or not count:
        return change
    note = f"gone from the edition, but {count} open halls stand below it"
    return replace(change, kinds=(AMBIGUOUS,), note=note)
