"""Every reason for which a row is refused has its words, in both languages."""

import re
from pathlib import Path

from data.alias_rules import CONTRADICTION
from data.contracts import CONTRACTS
from data.judge import CONFLICT
from data.name_matching import REJECTED, UNMATCHED
from data.reasons import reason_label, reasons
from data.refusals import KEYLESS
from data.tallies import REASON

ROOM = Path(__file__).parents[2] / "data"
GIVEN = (
    r'typing\.add\(\s*[^,]+,\s*"([a-z_]+)"',
    r'unknown\([^()]*(?:\([^()]*\)[^()]*)*,\s*"(unknown_[a-z]+)"',
    r'rejects\.append\(\([^"]*"([a-z_]+)"',
    r'reject\(\s*\w+,[^"]*?,\s*"([a-z]+_[a-z_]+)"',
    r'Fault\(\s*[^"]*"[a-z]+",[^"]*"([a-z_]+)"',
    r'Fault\("([a-z]+_[a-z_]+)"',
    r'"[a-z]+": \("[a-z]+_id", "([a-z]+_closed)"\)',
    r'"([a-z]+_ring)"',
    r'"(own_[a-z]+)"',
    r'\.then\(pl\.lit\("([a-z]+_[a-z_]+)"\)\)',
)


def given_in_code() -> set[str]:
    text = "\n".join(path.read_text("utf-8") for path in ROOM.glob("*.py"))
    return {found for pattern in GIVEN for found in re.findall(pattern, text)}


def test_every_reason_has_words() -> None:
    """A rule of a contract is a reason under its own name."""
    rules = {rule for one in CONTRACTS.values() for rule in one.schema._schema_validation_rules()}
    rules -= set(KEYLESS)  # these are told as missing_key
    wanted = (
        rules
        | given_in_code()
        | {UNMATCHED, REJECTED, CONTRADICTION, REASON, CONFLICT}
        | {"missing_key", "bad_value"}
    )
    assert {"unknown_desk", "unparseable_time", "ragged_row", "out_of_period"} <= wanted
    assert wanted - set(reasons()) == set()


def test_words_are_in_both_languages() -> None:
    assert {tuple(words) for words in reasons().values()} == {("zh", "en")}
    assert reason_label("unknown_desk", "zh") == "窗口号当日未分配"
    assert reason_label("of_a_later_version", "zh") == "of_a_later_version"
