"""Editions: frozen, hashed, computed again byte for byte, and corrected in the open."""

import json
import shutil
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from rules import waits, write_scheme
from town import COUNTERS, Town

from data import edition_ledger as ledger
from data.edition_folder import digest_of, edition_ids, edition_path, editions_folder
from data.errors import HallscoreError
from data.ingest import Request, ingest
from metrics.annual import roll_up
from metrics.edition import Edition, approve, draft, edition, editions, submit, verify, withdraw
from metrics.edition_build import results_of
from metrics.edition_diff import diff
from metrics.edition_results import Results
from metrics.engines import DuckEngine
from metrics.months import published_or_computed
from metrics.periods import parse_period
from metrics.ranking import rank
from metrics.rollup import ensure
from metrics.scope import Scope, scope_for

CITY = scope_for(Path("none"), None)
IDS = [str(row["counter_id"]) for row in COUNTERS]
AT = datetime(2019, 10, 8, 9)
MARCH, APRIL = parse_period("2019-03"), parse_period("2019-04")
LATE = {"n-tax": 4}  # of ten more visitors of the north


def city(town: Town) -> Path:
    """Four months of queues; who waits how long differs by counter and month."""
    rows = [
        row
        for month in range(1, 5)
        for at, one in enumerate(IDS)
        for row in waits(town, date(2019, month, 5), {one: (at * 3 + month) % 7}, 12)
    ]
    # Up to the last day, so that no month is compared to date.
    rows += waits(town, date(2019, 4, 30), dict.fromkeys(IDS, 0), 1)
    town.deliver("tickets", rows)
    write_scheme(town.home)
    return town.home


def drafted(home: Path, period: str = "2019-03", reason: str = "") -> Edition:
    return draft(home, parse_period(period), "Maker", AT, "mine", reason=reason)


def published(home: Path, period: str = "2019-03", reason: str = "") -> Edition:
    one = drafted(home, period, reason)
    submit(home, one.id, "Maker", AT)
    return approve(home, one.id, "Checker", AT)


def late_file(town: Town) -> None:
    """Ten more visitors of one counter, found after the ranking was out."""
    town.deliver("tickets", waits(town, date(2019, 3, 6), LATE, 10))


def test_an_edition_prints_what_the_ranking_is_and_verifies(town: Town) -> None:
    home = city(town)
    made = published(home)
    found = rank(home, MARCH, CITY, scheme="mine").table()
    printed = made.results.ranking.select("rank", "tied", "id", "score", "n", "state")
    assert printed.rows() == found.select(printed.columns).rows()
    assert made.id == "2019-03.mine.1"
    assert made.state == "published"
    told = verify(home, made.id)
    assert told.holds, told.wrong
    assert told.same_code


def test_points_of_a_counter_add_up_in_the_frozen_ledger(town: Town) -> None:
    home = city(town)
    results = drafted(home).results
    sums = results.lines.group_by("id").agg(pl.col("points").sum().round(4)).sort("id")
    scores = results.ranked.select("id", points="score").sort("id")
    assert sums.rows() == scores.rows()
    assert len(sums) == len(IDS)


def test_it_verifies_in_another_home_with_nothing_but_its_folder(
    town: Town, tmp_path: Path
) -> None:
    """The logs are gone: what is frozen is enough."""
    home = city(town)
    made = published(home)
    other = tmp_path / "other"
    shutil.copytree(editions_folder(home), editions_folder(other))
    shutil.rmtree(home)
    assert verify(other, made.id).holds


def files_of(made: Edition) -> list[str]:
    found = [path for path in made.folder.rglob("*") if path.is_file()]
    return sorted(path.relative_to(made.folder).as_posix() for path in found)


def test_one_flipped_bit_of_any_file_is_found_and_named(town: Town) -> None:
    home = city(town)
    made = published(home)
    names = files_of(made)
    assert len(names) > 20
    for name in names:
        path = made.folder / name
        path.chmod(0o644)
        whole = path.read_bytes()
        if not whole:
            continue
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        try:
            wrong = verify(home, made.id).wrong
        except (HallscoreError, ValueError) as error:  # a manifest that is none any more
            wrong = (f"{name} {error}",)
        assert any(name in one for one in wrong), (name, wrong)
        path.write_bytes(whole)
    assert verify(home, made.id).holds


def test_an_edited_result_fails_also_where_the_manifest_was_made_to_fit(town: Town) -> None:
    """Whoever edits a score and its digest is found by computing, and by the chain."""
    home = city(town)
    made = published(home)
    path, manifest = made.folder / "results/ranking.csv", made.folder / "manifest.json"
    for one in (path, manifest):
        one.chmod(0o644)
    path.write_text(path.read_text("utf-8").replace(",66.6700,", ",66.6800,", 1), "utf-8")
    content = json.loads(manifest.read_text("utf-8"))
    assert content["files"]["results/ranking.csv"] != digest_of(path), "nothing was edited"
    content["files"]["results/ranking.csv"] = digest_of(path)
    manifest.write_text(json.dumps(content), "utf-8")
    wrong = verify(home, made.id).wrong
    assert any("results/ranking.csv: not what the inputs give" in one for one in wrong), wrong
    assert any("manifest.json" in one for one in wrong), wrong


def test_a_record_that_is_changed_or_taken_out_breaks_the_chain(town: Town) -> None:
    home = city(town)
    made = published(home)
    second = ledger.ledger_folder(home) / "000002.json"
    whole = second.read_text("utf-8")
    second.write_text(whole.replace("Maker", "Another"), "utf-8")
    assert any("000003.json" in one for one in verify(home, made.id).wrong)
    second.write_text(whole, "utf-8")
    assert verify(home, made.id).holds
    second.unlink()
    assert any("000003.json" in one for one in verify(home, made.id).wrong)


def test_the_maker_cannot_approve_however_the_name_is_written(town: Town) -> None:
    home = city(town)
    made = drafted(home)
    with pytest.raises(HallscoreError, match="cannot become published"):
        approve(home, made.id, "Checker", AT)
    submit(home, made.id, "Clerk", AT)
    for name in ("Maker", " maker ", "ＭＡＫＥＲ", "clerk"):
        with pytest.raises(HallscoreError, match="cannot approve"):
            approve(home, made.id, name, AT)
    assert approve(home, made.id, "Checker", AT).state == "published"
    with pytest.raises(HallscoreError, match="cannot become published"):
        approve(home, made.id, "Checker", AT)


def test_a_late_file_gives_a_correction_that_lists_exactly_what_changed(town: Town) -> None:
    home = city(town)
    first = published(home)
    before = {row["id"]: row for row in first.results.ranking.iter_rows(named=True)}
    late_file(town)
    with pytest.raises(HallscoreError, match="say with --reason why"):
        drafted(home)
    second = published(home, reason="a file came late")
    assert second.header.corrects == first.id
    assert edition(home, first.id).state == "corrected"
    told = diff(edition(home, first.id), second)
    after = {row["id"]: row for row in second.results.ranking.iter_rows(named=True)}
    keys = ("rank", "tied", "score", "state", "veto", "frame")
    moved = {one for one in IDS if any(before[one][k] != after[one][k] for k in keys)}
    assert set(told.ranks["id"]) == moved
    assert set(told.ranks.filter("own")["id"]) == {"n-tax"}
    assert told.items.select("id", "item").rows() == [("n-tax", "wait")]
    assert verify(home, first.id).holds
    assert verify(home, second.id).holds
    assert ledger.broken_links(home) == ()


def test_the_year_is_the_published_months_to_the_digit_before_and_after_a_correction(
    town: Town,
) -> None:
    home = city(town)
    for number in range(1, 5):
        published(home, f"2019-{number:02d}")
    year = parse_period("2019")

    def rolled() -> tuple[dict[str, int], dict[str, int]]:
        frame = roll_up(home, year, CITY, "mine").frame
        return (
            dict(frame.select("id", "score_u").iter_rows()),
            dict(frame.select("id", "now_u").iter_rows()),
        )

    def of_editions() -> dict[str, int]:
        """The mean of the four printed scores, by hand, half away from zero to two decimals."""
        found = {}
        for one in IDS:
            cents = []
            for number in range(1, 5):
                name = ledger.standing_edition(home, f"2019-{number:02d}", "mine")
                rows = edition(home, str(name)).results.ranking.filter(id=one)
                cents.append(round(rows["score"].item() * 100))
            found[one] = (2 * sum(cents) + 4) // 8 * 100
        return found

    issued, now = rolled()
    assert issued == now == of_editions()
    late_file(town)
    issued, now = rolled()
    assert issued == of_editions(), "a late file changes nothing that was published"
    assert {one for one in IDS if issued[one] != now[one]} == {"n-tax"}
    published(home, reason="late file")
    issued, now = rolled()
    assert issued == now == of_editions()


def test_a_withdrawn_edition_no_longer_counts_and_stays_retrievable(town: Town) -> None:
    home = city(town)
    made = published(home)
    with pytest.raises(HallscoreError, match="reason is empty"):
        withdraw(home, made.id, "Checker", AT, " ")
    withdraw(home, made.id, "Checker", AT, "wrong scheme")
    assert ledger.standing_edition(home, "2019-03", "mine") is None
    assert edition(home, made.id).state == "withdrawn"
    assert verify(home, made.id).holds
    assert published(home).header.corrects is None


def test_a_second_draft_cannot_pass_by_the_edition_that_stands(town: Town) -> None:
    home = city(town)
    one, other = drafted(home), drafted(home)
    for each in (one, other):
        submit(home, each.id, "Maker", AT)
    approve(home, one.id, "Checker", AT)
    with pytest.raises(HallscoreError, match="corrects nothing"):
        approve(home, other.id, "Checker", AT)


def test_the_month_before_is_read_as_it_was_published(town: Town) -> None:
    home = city(town)
    first = published(home)
    late_file(town)
    april = drafted(home, "2019-04").results.ranking.filter(id="n-tax")
    march = first.results.ranking.filter(id="n-tax")
    assert april["score_before"].item() == march["score"].item()
    assert verify(home, "2019-04.mine.1").holds


def test_a_draft_that_was_never_recorded_is_taken_up_and_not_made_twice(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = city(town)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("metrics.edition.ledger.append", killed)
        with pytest.raises(KeyboardInterrupt):
            drafted(home)
    assert [one.state for one in editions(home)] == ["unrecorded"]
    assert drafted(home).state == "draft"
    assert edition_ids(home) == ("2019-03.mine.1",)


def test_frozen_inputs_take_no_rows_and_answer_nothing_that_was_not_asked(town: Town) -> None:
    home = city(town)
    made = drafted(home)
    inputs = made.folder / "inputs"
    with pytest.raises(HallscoreError, match="frozen inputs of an edition"):
        ingest(inputs, Request(town.places / "tickets-4.csv", "tickets", "canonical"))
    engine = DuckEngine(ensure(inputs).snap)
    with pytest.raises(HallscoreError, match="hold no rows for this question"):
        engine.ask("SELECT 1")


def test_a_recipients_part_holds_its_rows_alone_with_the_ranks_of_the_city(town: Town) -> None:
    home = city(town)
    whole = drafted(home).results
    part = whole.within(frozenset(["C1", "C1T1", "C1T1V1"]), "C1")
    assert set(part.ranking["id"]) == {"n-tax", "t-all", "v-all"}
    ranks = dict(whole.ranking.select("id", "rank").iter_rows())
    assert dict(part.ranking.select("id", "rank").iter_rows()) == {
        one: ranks[one] for one in ("n-tax", "t-all", "v-all")
    }
    assert set(part.items["id"]) == set(part.lines["id"]) == set(part.ranking["id"])
    assert set(part.values["id"]) <= {"C1", "C1T1"}
    tax = whole.of_department("TAX", "TAX")
    assert set(tax.ranking["id"]) == {"c-tax", "n-tax", "s-tax"}
    _nothing_of_others(part, set(IDS) - set(part.ranking["id"]))


def _nothing_of_others(part: Results, others: set[str]) -> None:
    for name, frame in part.frames.items():
        if "id" in frame.columns:
            assert not set(frame["id"]) & others, name


def test_who_sees_a_part_reads_the_published_ranks_of_that_part(town: Town) -> None:
    home = city(town)
    whole = published(home).results.ranking
    north = Scope("north", frozenset(["C1"]))
    seen = published_or_computed(home, "mine", MARCH, north)
    assert seen.source == "published"
    assert set(seen.units["id"]) == {"n-tax", "t-all", "v-all"}
    ranks = dict(whole.select("id", "rank").iter_rows())
    assert all(ranks[row["id"]] == row["rank"] for row in seen.units.iter_rows(named=True))


def test_an_unknown_edition_names_the_nearest(town: Town) -> None:
    home = city(town)
    drafted(home)
    with pytest.raises(HallscoreError, match=r"Did you mean '2019-03\.mine\.1'"):
        edition_path(home, "2019-03.mine.2")


def test_what_is_not_frozen_yet_says_the_same_numbers(town: Town) -> None:
    home = city(town)
    now, frozen = results_of(home, MARCH, "mine"), drafted(home).results
    for name, frame in frozen.frames.items():
        assert now.frames[name].select(frame.columns).equals(frame), name
