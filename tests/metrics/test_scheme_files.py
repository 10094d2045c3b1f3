"""Scheme files: what is refused, and how; homes, versions, links, what-if, differences."""

from datetime import date
from pathlib import Path

import pytest

from data.errors import HallscoreError
from metrics.catalogue import catalogue
from metrics.scheme_check import check_files, named
from metrics.scheme_diff import diff
from metrics.scheme_files import FOLDER, all_schemes, read_scheme, scheme, schemes
from metrics.scheme_items import DeductItem, MetricItem
from metrics.scheme_model import Scheme
from metrics.scheme_pages import scheme_pages, schemes_markdown

FROM = "valid_from   = 2019-01-01"
# file, old text, new text, what the message says
WRONG = [
    ("first", "weight  = 25", "weight  = 24", "= 99; expected full = 100"),
    ("first", "weight  = 25", "weight  = -25", "'item.0.weight': expected a number above 0"),
    ("first", "weight  = 25", 'weight  = "much"', "key 'item.0.weight'"),
    ("first", '"on_time_rate"', '"ontime_rate"', "Did you mean 'on_time_rate'"),
    ("first", '"on_time_rate"', '"response_rate"', "'response_rate' stands there twice"),
    ("first", "[0.05, 0.6]", "[0.0, 0.6]", "rise from pair to pair"),
    ("first", "[0.0, 1.0], [0.05", "[0.0, 1.5], [0.05", "between 0 and 1"),
    ("first", "publish      =", "published    =", "Did you mean 'publish'"),
    ("first", 'publish      = "official"', 'publish = "offical"', "Did you mean 'official'"),
    ("first", "mapping = [[0.0, 0.0]", "maping = [[0.0, 0.0]", "unknown key 'item.1.maping'"),
    ("first", "mapping = [[0.0, 0.0]", "maping = [[0.0, 0.0]", "Did you mean 'mapping'"),
    ("first", "min_n        = 30", "min_n        = -1", "'min_n'"),
    ("first", "valid_from   = 2019-01-01", "valid_from = 2019-13-01", "not readable as TOML"),
    (
        "first",
        "valid_from   = 2019-01-01",
        "valid_from = 2019-01-01\nvalid_to = 2018-01-01",
        "is not",
    ),
    ("first", 'metric  = "points_per_round"', 'kind = "deduckt"', "Did you mean 'deduct'"),
    ("first", "min_n        = 30", 'ties = ["tikets"]', "Did you mean 'tickets'"),
    ("p01_cangnan", "bonus_cap  = 5", "bonus_cap  = -5", "'bonus_cap': expected a number that is"),
    ("p01_cangnan", "points        = 1", "points        = -1", "seen -1"),
    ("p01_cangnan", 'code   = "no_sign"', 'code   = "nosign"', "Did you mean 'no_sign'"),
    ("p01_cangnan", 'code   = "no_sign"', 'code   = "no sign"', "is no rule code"),
    ("p01_cangnan", 'code   = "no_sign"', 'code   = "absent"', "same events of code 'absent'"),
    ("p01_cangnan", "below_minutes = 11", "below_minutes = 0", "below_minutes"),
    ("p01_cangnan", 'events = "findings"', 'events = "attendance"', "write a number"),
    (
        "p01_cangnan",
        'kind   = "bonus"',
        'kind = "bonus"\ncap = -1',
        "expected a number that is not",
    ),
    ("p01_cangnan", 'of     = "month"', 'of     = "year"', "'rollup.0.of': seen 'year'"),
    ("p02_county", 'code   = "fee"', 'code   = "file"', "an event scores once only"),
    ("p02_county", 'events = "late_cases"', 'events = "latecases"', "Did you mean 'late_cases'"),
    ("p03_county", 'scope  = "year"', 'scope  = "month"\nmetric = "bad_rate"', "not both"),
    ("p03_county", 'code   = "exposure"\nscope', 'code   = "*"\nscope', "one rule code, not all"),
    ("p03_county", 'ratio  = "1/2"', 'ratio  = "-1/2"', "'dual.ratio'"),
    ("p04_township", 'events = "bad_ratings"', 'events = "late_cases"', "name no member of staff"),
    ("p05_hall", 'per    = "workday"', 'per    = "round"', "does not go with late_cases"),
    ("p05_hall", 'per    = "workday"', 'per    = "dag"', "'item.2.per': seen 'dag'"),
    ("p06_yangdong", 'title = "excellent_counter"', 'without = "x"', "Did you mean 'without_"),
    ("p06_yangdong", 'title = "excellent_counter"', "", "expected `title`"),
    ("p07_liangshan", 'scope  = "quarter"', 'scope  = "month"', "could never end inside one"),
    ("p07_liangshan", 'metric = "bad_rate"', 'metric = "badrate"', "Did you mean 'bad_rate'"),
    ("p07_liangshan", 'metric = "bad_rate"', 'metric = "wait_p90"', "quantile"),
    ("p11_tax_star", "1 = 4 }", "6 = 4 }", "grades 1 to 5"),
    ("p11_tax_star", 'of     = "star_month"', 'of     = "star_mont"', "Did you mean 'star_month'"),
    ("p11_tax_star", "count  = 1", "count  = 0", "'award.0.count'"),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), WRONG)
def test_a_wrong_scheme_is_one_message_that_names_file_and_key(
    tmp_path: Path, name: str, old: str, new: str, said: str
) -> None:
    """Nobody is scored by half a scheme."""
    text = (FOLDER / f"{name}.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(HallscoreError, match=r"mine\.toml: ") as caught:
        read_scheme(path)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 800


def test_a_person_is_not_scored_by_a_metric_of_the_counter(tmp_path: Path) -> None:
    """Colleagues would share each other's ratings."""
    text = (FOLDER / "first.toml").read_text("utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text.replace("publish ", 'entity = "staff"\npublish '), "utf-8")
    with pytest.raises(HallscoreError, match="'active_good_rate' is one of counters"):
        read_scheme(path)


def write(home: Path, name: str, of: str = "first", **changes: str) -> Path:
    """A scheme of a home: a shipped one with some texts changed (old=new by position)."""
    text = (FOLDER / f"{of}.toml").read_text("utf-8").replace(f'"{of}"', f'"{changes["id"]}"', 1)
    for old, new in zip(changes["old"].split("|"), changes["new"].split("|"), strict=True):
        text = text.replace(old, new)
    path = home / "schemes" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_a_home_has_schemes_of_its_own_and_two_versions_in_one_year(tmp_path: Path) -> None:
    """The version that holds on the first day of a period rules it."""
    until = f"{FROM}\nvalid_to = 2019-07-01"
    write(tmp_path, "a", id="ours", old=FROM, new=until)
    later = f'{FROM}|version      = "1"'
    write(tmp_path, "b", id="ours", old=later, new='valid_from = 2019-07-01|version = "2"')
    assert "ours" in schemes(tmp_path)
    assert "ours" not in schemes()
    assert scheme("ours", tmp_path, date(2019, 6, 30)).version == "1"
    assert scheme("ours", tmp_path, date(2019, 7, 1)).version == "2"
    assert scheme("ours", tmp_path).version == "2"
    with pytest.raises(HallscoreError, match="no version holds on 2018-12-31"):
        scheme("ours", tmp_path, date(2018, 12, 31))
    assert named("ours@1", tmp_path)[0].valid_to == date(2019, 7, 1)


def test_overlapping_versions_are_refused_with_both_files(tmp_path: Path) -> None:
    """Which of two would rule a month must not depend on their names."""
    write(tmp_path, "a", id="ours", old="x", new="x")
    write(tmp_path, "b", id="ours", old=FROM, new="valid_from = 2019-07-01")
    with pytest.raises(HallscoreError, match="Set valid_to = 2019-07-01 there") as caught:
        all_schemes(tmp_path)
    assert "a.toml" in str(caught.value)
    assert "b.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('scheme = "first"', 'scheme = "frist"', "no scheme 'frist'. Did you mean 'first'"),
        ('scheme = "first"', 'scheme = "p01_cangnan_staff"', "scores staff; expected one of count"),
        ('scheme = "p01_cangnan_staff"', 'scheme = "p01_cangnan"', "scores counter; expected"),
        ('scheme = "first"', 'scheme = "ring"', "rests on 'ring', and so on itself"),
    ],
)
def test_a_scheme_that_rests_on_a_wrong_one_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """Unknown, of other units, or itself."""
    write(tmp_path, "ring", of="p06_yangdong", id="ring", old=old, new=new)
    with pytest.raises(HallscoreError, match=r"ring\.toml") as caught:
        all_schemes(tmp_path)
    assert said in str(caught.value)


def test_two_schemes_that_rest_on_each_other_are_refused(tmp_path: Path) -> None:
    """Each would wait for the other."""
    for one, other in (("one", "two"), ("two", "one")):
        new = f'scheme = "{other}"'
        write(tmp_path, one, of="p06_yangdong", id=one, old='scheme = "first"', new=new)
    with pytest.raises(HallscoreError, match="one → two → one"):
        all_schemes(tmp_path)


def test_the_presets_are_there_and_say_where_they_come_from() -> None:
    """P1 to P13 of the collected rules, each with a source and a note."""
    for number in range(1, 14):
        found = [name for name in schemes() if name.startswith(f"p{number:02}_")]
        assert found, number
        for name in found:
            assert scheme(name).source, name
            assert scheme(name).note, name
            assert scheme(name).valid_from == date(2019, 1, 1)
    assert {name for name in schemes() if scheme(name).awaited} == {
        "p13_yulin",
        "p13_yulin_counties",
    }


def test_stand_ins_for_what_is_unread_are_shown_on_the_page() -> None:
    """A reader must see what the source did not say."""
    pages = scheme_pages()
    assert set(pages) == {f"{name}.md" for name in schemes()}
    for name in schemes():
        one, page = scheme(name), pages[f"{name}.md"]
        assert f"`{name}`" in schemes_markdown()
        rules = (*one.items, *one.awards, *one.vetoes, *one.rollups, *one.last_places)
        for rule in rules:
            assert rule.unread is None or rule.unread.zh in page
            assert rule.unread is None or rule.unread.en in page
        for part in one.unread:
            assert part.note.zh in page
            assert part.note.en in page


def test_a_rule_for_all_others_leaves_alone_what_another_item_names() -> None:
    """In P2 the findings of code fee are the fees' and not again those of the last item."""
    chosen = scheme("p02_county")
    other = next(item for item in chosen.items if item.id == "other")
    assert isinstance(other, DeductItem)
    assert {"fee", "accept", "hygiene"} <= chosen.elsewhere(other)
    assert "meeting_late" not in chosen.elsewhere(other)


def test_other_weights_make_another_scheme_that_adds_up() -> None:
    """What if on-time counted 30? The file's own stays as it is."""
    chosen = scheme("first")
    changed = chosen.with_weights({"on_time_rate": 30, "active_good_rate": "20"})
    weights = {item.id: item.weight for item in changed.items}
    assert weights["on_time_rate"] == 300_000
    assert weights["active_good_rate"] == 200_000
    assert sum(weights.values()) == changed.full
    assert scheme("first") == chosen
    assert changed.version != chosen.version


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"on_time_rate": 30}, "expected full = 100"),
        ({"ontime_rate": 30}, "Did you mean 'on_time_rate'"),
        ({"on_time_rate": -5}, "expected a number above 0; seen -5"),
        ({"on_time_rate": "5.00001", "active_good_rate": "44.99999"}, "four decimals"),
    ],
)
def test_other_weights_that_are_wrong_are_refused(weights: dict[str, float], said: str) -> None:
    """As a file with them would be."""
    with pytest.raises(HallscoreError) as caught:
        scheme("first").with_weights(weights)
    assert said in str(caught.value)


def test_a_difference_names_item_key_and_both_values() -> None:
    """Of two versions, what somebody must agree to."""
    chosen = scheme("first")
    changed = chosen.with_weights({"on_time_rate": 30, "active_good_rate": 20})
    assert diff(chosen, chosen) == []
    assert diff(chosen, changed) == [
        {"place": "", "key": "version", "before": "1", "after": "1 what-if"},
        {"place": "item active_good_rate", "key": "weight", "before": "25", "after": "20"},
        {"place": "item on_time_rate", "key": "weight", "before": "25", "after": "30"},
    ]


def test_a_difference_shows_mappings_and_rules(tmp_path: Path) -> None:
    """Also those that only one of the two has."""
    new = "points        = 2|[[item.rule]]\ncode = 'leave'\npoints = 1\n\n[[award]]"
    old = "points        = 1|[[award]]"
    text = (FOLDER / "p01_cangnan.toml").read_text("utf-8")
    for before, after in zip(old.split("|"), new.split("|"), strict=True):
        text = text.replace(before, after, 1)
    path = tmp_path / "p01_cangnan.toml"
    path.write_text(text.replace("[[item.rule]]\ncode = 'leave'\npoints = 1\n\n", ""), "utf-8")
    rows = diff(scheme("p01_cangnan"), read_scheme(path))
    assert [(row["place"], row["key"]) for row in rows] == [
        ("item attendance", "rule late [0, 11)")
    ]
    assert rows[0]["before"].startswith("points 1,")
    assert rows[0]["after"].startswith("points 2,")


def test_check_takes_files_as_if_they_lay_in_the_home(tmp_path: Path) -> None:
    """One that overlaps a shipped scheme is refused, one that replaces it by name is not."""
    text = (FOLDER / "first.toml").read_text("utf-8")
    same, other = tmp_path / "first.toml", tmp_path / "other.toml"
    same.write_text(text, "utf-8")
    other.write_text(text, "utf-8")
    assert check_files([same], tmp_path / "home")[0].scheme.id == "first"
    with pytest.raises(HallscoreError, match="overlaps version '1'"):
        check_files([other], tmp_path / "home")
    with pytest.raises(HallscoreError, match="no such file"):
        check_files([tmp_path / "none.toml"], tmp_path / "home")


def test_shipped_schemes_take_only_metrics_of_the_catalogue_with_a_direction() -> None:
    """A metric that is neither good nor bad says nothing about a counter, but as volume."""
    for name in schemes():
        for item in scheme(name).items:
            if isinstance(item, MetricItem) and item.kind == "rate":
                assert catalogue()[item.metric].good != "none", (name, item.id)


def test_the_model_and_the_file_agree() -> None:
    """Every shipped file is a scheme of its own name."""
    for path in FOLDER.glob("*.toml"):
        found: Scheme = read_scheme(path)
        assert path.stem.startswith(found.id)
