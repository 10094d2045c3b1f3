"""Which hall stands for which division of an edition: by decision, by code, then by name."""

from dataclasses import dataclass, field

from data.division_decisions import CLOSE, KEEP, Decisions
from data.division_names import core_name, division_name
from data.editions import Division, Edition, padded

Row = dict[str, object]


@dataclass
class Matching:
    """Which hall stands for which division, as far as it is known yet.

    `halls`: those of the edition's levels that have a code, from the top down; `every`: all that
    are open, by hall_id.
    """

    edition: Edition
    decisions: Decisions
    halls: list[Row]
    every: dict[str, Row]
    code_of: dict[str, str] = field(default_factory=dict)  # hall_id -> its code in the edition
    holders: dict[str, list[str]] = field(default_factory=dict)  # code -> the halls
    into: dict[str, str] = field(default_factory=dict)  # hall_id -> code that carries it on
    closing: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    doubts: dict[str, str] = field(default_factory=dict)  # hall_id -> what is in doubt

    opened: dict[str, str] = field(default_factory=dict)  # code -> hall_id of a hall to open

    def stands(self, hall_id: str, code: str) -> None:
        """Note that a hall stands for a division."""
        self.code_of[hall_id] = code
        self.holders.setdefault(code, []).append(hall_id)

    def halls_of(self, code: str) -> list[str]:
        """The halls that stand for a division."""
        return sorted(self.holders.get(code, ()))

    def above(self, code: str) -> list[str]:
        """The halls under which the halls of a division belong; empty at the top of the file."""
        parent = self.edition.parent(code)
        if parent is None:
            return []
        return self.halls_of(parent) or ([self.opened[parent]] if parent in self.opened else [])


def matched(
    edition: Edition, decisions: Decisions, halls: list[Row], every: dict[str, Row]
) -> Matching:
    """Match the halls with the edition; what stays open is in `doubts`, what has no hall opens."""
    found = Matching(edition, decisions, halls, every)
    for hall in halls:
        _match_code(found, hall)
    for hall_id, code in list(found.into.items()):
        if code not in found.holders:  # nobody stands for it: the hall itself goes on under it
            found.stands(hall_id, code)
            del found.into[hall_id]
    for level in edition.levels:
        _match_names(found, level)
    return found


def _match_code(found: Matching, hall: Row) -> None:
    """A decision rules; else a hall whose code the edition has at the same level stands for it."""
    hall_id, code = str(hall["hall_id"]), padded(str(hall["division_code"]))
    decision, there = found.decisions.of(code), found.edition.divisions.get(code)
    if decision == KEEP:
        found.kept.add(hall_id)
        found.stands(hall_id, code)
    elif decision == CLOSE:
        found.closing.add(hall_id)
    elif decision is not None:
        found.into[hall_id] = decision
    elif there is not None and there.level == hall["level"]:
        found.stands(hall_id, code)
    elif there is not None:
        found.doubts[hall_id] = f"the edition has the code as {there.level} {there.name}"


def _match_names(found: Matching, level: str) -> None:
    """Halls of a level whose code is gone and divisions that have no hall, by their name.

    The levels above are done by then: who stands above a division is known.
    """
    settled = {*found.code_of, *found.into, *found.closing, *found.doubts}
    gone = [
        hall
        for hall in found.halls
        if hall["level"] == level and str(hall["hall_id"]) not in settled
    ]
    fresh = [
        one
        for code, one in found.edition.divisions.items()
        if one.level == level and code not in found.holders
    ]
    chosen = {str(hall["hall_id"]): _candidates(found, hall, fresh) for hall in gone}
    claims = [code for codes, _ in chosen.values() for code in codes]
    for hall_id, (codes, sure) in chosen.items():
        if not codes:
            found.closing.add(hall_id)
        elif sure and len(codes) == 1 and claims.count(codes[0]) == 1:
            found.stands(hall_id, codes[0])
        else:
            found.doubts[hall_id] = f"may go on as {', '.join(codes)}"
    _name_openings(found, fresh)


def _name_openings(found: Matching, fresh: list[Division]) -> None:
    """The ids of halls to open: the code, unless an open hall has kept that id."""
    for one in fresh:
        if one.code not in found.holders and not found.decisions.declines(one.code):
            used = one.code in found.every
            found.opened[one.code] = f"{one.code}-{one.name}" if used else one.code


def _candidates(found: Matching, hall: Row, fresh: list[Division]) -> tuple[tuple[str, ...], bool]:
    """Codes under which a hall may go on, and whether that is sure enough without a person.

    Sure is the same name under the same (perhaps moved) parent, else beside it: under the same
    grandparent. The same name further away, or a likeness, is a question.
    """
    name = division_name(str(hall["name"]))
    same = [one for one in fresh if one.name == name]
    alike = [one for one in fresh if core_name(one.name) == core_name(name)]
    parent = hall["parent_id"]
    grandparent = found.every.get(str(parent), {}).get("parent_id")
    beside = [one.code for one in same if parent in found.above(one.code)]
    near = [one.code for one in same if grandparent in _second_above(found, one.code)]
    if beside or near:
        return tuple(beside or near), True
    return tuple(one.code for one in same or alike), False


def _second_above(found: Matching, code: str) -> list[str]:
    """The halls two steps above a division."""
    parent = found.edition.parent(code)
    return [] if parent is None else found.above(parent)
