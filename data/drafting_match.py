"""Which column may be which field: a score and its reason, from names first, then from values.

A column is suggested for one field only. A value made of several columns (a join, an interval) is
known from shipped profiles alone, and may use columns that are suggested for themselves, too.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from data.contracts import CONTRACTS, Contract
from data.drafting_looks import ColumnLook, synonyms
from data.profile import Interval, Joined, LogPart, Source, load_profile

Looks = dict[str, ColumnLook]
MODELS = ("gbt39046", "national", "zhejiang", "four_key", "canonical")
LEAST = 0.45  # below this a column is named as a candidate, not as a suggestion
CANDIDATES = 4
REASONS = {
    "profile": "profile {detail} reads this column so",
    "own": "the name of our own field",
    "label": "the name of the field: {detail}",
    "synonym": "a known name of the field: {detail}",
    "like": "the name is like {detail}",
    "times": "the values are times",
    "grades": "the values look like grades",
    "unique": "every value is another, as ids are",
    "repeats": "a few values that repeat, as names of counters do",
}


@dataclass(frozen=True)
class Suggestion:
    """A field and where it may come from; score 0–1; `reason` is a word of REASONS."""

    field: str
    source: Source
    score: float
    reason: str
    detail: str = ""

    @property
    def plain(self) -> str | None:
        """The column, where it is a single one."""
        return self.source if isinstance(self.source, str) else None


@dataclass(frozen=True)
class Matches:
    """`chosen` by field; other `candidates`, best first; `also`: what a profile reads twice."""

    chosen: dict[str, Suggestion]
    candidates: dict[str, list[Suggestion]]
    also: dict[str, Suggestion]


def match(log: str, looks: Looks) -> Matches:
    """Suggestions for the fields of a log from the looks of the columns of a file."""
    contract = CONTRACTS[log]
    found = [*_by_profiles(contract, looks), *_by_names(contract, looks)]
    found += _by_values(contract, looks)
    best: dict[tuple[str, str], Suggestion] = {}
    for one in found:
        key = (one.field, repr(one.source))
        if key not in best or best[key].score < one.score:
            best[key] = one
    ranked = sorted(best.values(), key=lambda one: _rank(one, contract))
    chosen = _assigned(ranked, contract)
    candidates = {
        name: [one for one in ranked if one.field == name][:CANDIDATES] for name in contract.fields
    }
    also = {
        name: those[0]
        for name, those in candidates.items()
        if name not in chosen and those and those[0].reason == "profile"
    }
    return Matches(chosen, candidates, also)


def _rank(one: Suggestion, contract: Contract) -> tuple[float, bool, int]:
    place = list(contract.fields).index(one.field)
    return -one.score, one.field not in contract.needed, place


def _assigned(ranked: list[Suggestion], contract: Contract) -> dict[str, Suggestion]:
    """The best first, each column once; then needed fields may take from optional ones."""
    chosen: dict[str, Suggestion] = {}
    taken: dict[str, str] = {}
    for one in ranked:
        if one.score < LEAST or one.field in chosen or (one.plain or "") in taken:
            continue
        chosen[one.field] = one
        if one.plain is not None:
            taken[one.plain] = one.field
    for one in ranked:
        owner = taken.get(one.plain or "")
        lacking = one.field in contract.needed and one.field not in chosen
        if lacking and one.score >= LEAST and owner is not None and owner not in contract.needed:
            del chosen[owner]
            chosen[one.field] = one
            taken[one.plain or ""] = one.field
    return chosen


def _by_profiles(contract: Contract, looks: Looks) -> Iterator[Suggestion]:
    """What the shipped profiles read; the one of which most columns are there goes first."""
    folded = {_fold(name): name for name in looks}
    for model in MODELS:
        for log, part in load_profile(model).logs.items():
            if log != contract.name and CONTRACTS[log].kind == "reference":
                continue
            names = [_fold(name) for name in part.sources()]
            share = sum(name in folded for name in names) / len(names)
            top = 0.9 + 0.1 * share if log == contract.name else 0.8 + 0.05 * share
            for field, source in part.columns.items():
                here = _in_file(source, folded)
                if here is None or field not in contract.fields:
                    continue
                score = top * _fits(contract, field, here, looks)
                yield Suggestion(field, here, score, "profile", model)


def _in_file(source: Source, folded: dict[str, str]) -> Source | None:
    """The source in the spelling of the file, or None where a column is not there."""
    if isinstance(source, str):
        return folded.get(_fold(source))
    names = LogPart(columns={"": source}).sources()
    if not names or any(_fold(name) not in folded for name in names):
        return None
    here = [folded[_fold(name)] for name in names]
    if isinstance(source, Joined):
        return Joined(join=here, sep=source.sep)
    if isinstance(source, Interval):
        return Interval.model_validate({"from": here[0], "to": here[1], "format": source.format})
    return None


def _by_names(contract: Contract, looks: Looks) -> Iterator[Suggestion]:
    for field in contract.fields:
        for name in looks:
            score, reason, detail = _likeness(contract, field, name)
            if score:
                yield Suggestion(
                    field, name, score * _fits(contract, field, name, looks), reason, detail
                )


@cache
def _fold(name: str) -> str:
    """A name without width, case, blanks and marks; of a two-line header the whole."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\s_\-()（）\[\]/.:：·*]+", "", plain)


def _likeness(contract: Contract, field: str, name: str) -> tuple[float, str, str]:
    """How like a column's name is to the names of a field: score, reason, and the like name."""
    label = contract.fields[field].metadata or {}
    known = [
        (_fold(field), 0.95, "own", field),
        (_fold(str(label["zh"])), 0.93, "label", label["zh"]),
    ]
    known += [(_fold(one), 0.9, "synonym", one) for one in synonyms()["fields"].get(field, ())]
    best = (0.0, "", "")
    for spelling in {_fold(name), _fold(name.rpartition("/")[2])} - {""}:
        for other, top, reason, said in known:
            score = _like(spelling, other)
            found = (top, reason, said) if score == 1 else (0.85 * score, "like", said)
            best = max(best, found, key=lambda one: one[0])
    return best if best[0] >= 0.35 else (0.0, "", "")


def _like(name: str, other: str) -> float:
    """Likeness of two folded names: 1 equal, 0 strange."""
    if name == other:
        return 1.0
    short, long = sorted((name, other), key=len)
    within = len(short) >= (2 if _chinese(short) else 4) and short in long
    if within:
        return 0.55 + 0.3 * len(short) / len(long)
    ratio = SequenceMatcher(None, name, other).ratio()
    return ratio if ratio >= 0.7 and len(short) > 3 else 0.0


def _chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def _by_values(contract: Contract, looks: Looks) -> Iterator[Suggestion]:
    """What values alone can tell of needed fields: a hint, but for words of satisfaction."""
    for name, look in looks.items():
        for field in contract.needed if look.filled else ():
            hint = _hint(contract, field, look)
            if hint is not None:
                yield Suggestion(field, name, *hint)


def _hint(contract: Contract, field: str, look: ColumnLook) -> tuple[float, str] | None:
    if type(contract.fields[field]).__name__ in ("Datetime", "Date"):
        return (0.3, "times") if look.time_like else None
    if field == "grade":
        if look.few and set(look.texts) <= set(synonyms()["codes"]["grade"]):
            return 0.6, "grades"
        return (0.3, "grades") if _graded(look) else None
    if field == contract.id_column and look.unique and not look.private:
        return 0.25, "unique"
    return (0.2, "repeats") if field == "counter_id" and _repeats(look) else None


def _graded(look: ColumnLook) -> bool:
    """Whether nearly all rows hold 1 to 5; a code beside them may mean "not rated"."""
    rows = sum(look.counts.get(code, 0) for code in "12345")
    return look.few and rows > 0.8 * look.filled and 1 < len(look.counts) < 9


def _repeats(look: ColumnLook) -> bool:
    """Whether a column may name places: several texts, each many times."""
    told = not (look.private or look.time_like or look.whole or look.more)
    return told and 1 < len(look.counts) <= look.filled / 10


def _fits(contract: Contract, field: str, source: Source, looks: Looks) -> float:
    """A factor 0–1: whether the values can be those of the field."""
    if not isinstance(source, str):
        return 1.0
    look = looks[source]
    if not look.filled:
        return 0.95
    kind = type(contract.fields[field]).__name__
    if kind in ("Datetime", "Date"):
        return 1.0 if look.time_like else 0.15
    if kind == "Bool":
        return 1.0 if look.yes_no else 0.3
    if kind == "Int32":
        return 1.0 if look.whole else 0.3
    if field in contract.codes or kind == "Int8":
        return 1.0 if look.few else 0.15
    return _fits_text(contract, field, look)


def _fits_text(contract: Contract, field: str, look: ColumnLook) -> float:
    if field == contract.id_column and not look.unique and contract.kind != "reference":
        # A case comes in several versions, an event once; rows that are sent twice are few.
        often = contract.kind == "record" and look.distinct > 0.3 * look.filled
        return 0.9 if often or look.distinct > 0.9 * look.filled else 0.5
    if look.length > 60 or (not look.whole and look.time_like and field != "clock_stops"):
        return 0.3
    return 1.0
