"""A drafted profile: the right columns are suggested, nothing is guessed, and confirmed it reads
the file as the profile that somebody wrote by hand."""

from pathlib import Path

import pytest

from data.drafting import Draft, draft_of
from data.drafting_choices import choices_of, sources_of
from data.drafting_codes import asks_table
from data.drafting_toml import toml_of
from data.errors import HallscoreError
from data.profile import Constant, Interval, Joined, Profile, Source, load_profile
from tests.builders import cube_of, send
from tests.data.described import SHAPES, file_of

BEST = {"gbt39046": "1", "national": "5", "zhejiang": "5", "canonical": "5"}


@pytest.mark.parametrize(("name", "log"), SHAPES)
def test_every_needed_field_is_suggested_right(name: str, log: str, tmp_path: Path) -> None:
    draft = draft_of(file_of(tmp_path, name, log), log)
    part = load_profile(name).part(log)
    needed = {field: part.columns[field] for field in draft.contract.needed}
    assert {field: draft.matches.chosen[field].source for field in needed} == needed


@pytest.mark.parametrize(("name", "log"), SHAPES)
def test_every_field_with_a_column_of_its_own_is_suggested_right(
    name: str, log: str, tmp_path: Path
) -> None:
    """Where a source reads one column twice, one field has it and the other is a remark."""
    draft = draft_of(file_of(tmp_path, name, log), log)
    part, wrong, columns = load_profile(name).part(log), [], list[str]()
    for field, source in part.columns.items():
        if not isinstance(source, str):
            continue
        chosen = draft.matches.chosen.get(field)
        if list(part.columns.values()).count(source) == 1 and not _joins(part.columns, source):
            wrong += [field] if chosen is None or chosen.source != source else []
        elif chosen is None:
            wrong += [field] if draft.matches.also[field].source != source else []
        columns += [source]
    assert wrong == []


def _joins(columns: dict[str, Source], name: str) -> bool:
    return any(isinstance(one, Joined) and name in one.join for one in columns.values())


@pytest.mark.parametrize(("name", "log"), SHAPES)
def test_one_column_is_suggested_for_one_field(name: str, log: str, tmp_path: Path) -> None:
    chosen = draft_of(file_of(tmp_path, name, log), log).matches.chosen.values()
    plain = [one.plain for one in chosen if one.plain is not None]
    assert len(plain) == len(set(plain))


def confirmations(draft: Draft, profile: Profile) -> tuple[list[str], list[str], str | None]:
    """What somebody who knows the source says: --confirm, --column, --grade-best."""
    part = profile.part(draft.log)
    confirm = [f"encoding={profile.encoding}", "delimiter=,", "level=county"]
    columns, best = [], None
    sources = sources_of(draft, choices_of(draft, []))
    for field, source in part.columns.items():
        if isinstance(source, str) and sources.get(field) != source:
            columns.append(f"{field}={source}")
        if isinstance(source, Constant):
            confirm.append(f"{field}={source.value}")
        if isinstance(source, Interval):
            confirm.append(f"{field}={source.format}")
    confirm += [f"{field}={form}" for field, form in part.dates.items()]
    for field in part.codes:
        column = part.columns[field]
        if field == "grade" and profile.name in BEST:
            best = BEST[profile.name]
        elif isinstance(column, str) and asks_table(draft.log, field, draft.looks[column]):
            confirm.append(f"{field}={profile.name}")
    return confirm, columns, best


@pytest.mark.parametrize(("name", "log"), SHAPES)
def test_the_confirmed_draft_gives_the_cube_of_the_shipped_profile(
    name: str, log: str, tmp_path: Path
) -> None:
    file = file_of(tmp_path, name, log)
    draft = draft_of(file, log)
    confirm, columns, best = confirmations(draft, load_profile(name))
    assert not {one.partition("=")[0] for one in columns} & set(draft.contract.needed)
    mine = tmp_path / "mine.toml"
    mine.write_text(toml_of(draft, choices_of(draft, confirm, columns, best)), "utf-8")
    ours, theirs = tmp_path / "ours" / "home", tmp_path / "theirs" / "home"
    sent = send(ours, log, file, profile=str(mine), admit_units=True)
    expected = send(theirs, log, file, profile=name, admit_units=True)
    assert (sent.counts, sent.quarantined) == (expected.counts, expected.quarantined)
    assert sent.counts["accepted"] >= 30
    assert cube_of(ours) == cube_of(theirs)


@pytest.mark.parametrize(("name", "log"), SHAPES)
def test_a_draft_reads_nothing_until_it_is_decided(name: str, log: str, tmp_path: Path) -> None:
    """Each open line is named; with every one of them written the profile loads."""
    file = file_of(tmp_path, name, log)
    draft = draft_of(file, log)
    mine = tmp_path / "mine.toml"
    mine.write_text(toml_of(draft, choices_of(draft, [])), "utf-8")
    with pytest.raises(
        HallscoreError, match=r"mine\.toml, line \d+: .* is not decided yet"
    ) as seen:
        load_profile(str(mine))
    line = int(str(seen.value).split("line ")[1].split(":")[0])
    assert '"?"' in mine.read_text("utf-8").splitlines()[line - 1]
