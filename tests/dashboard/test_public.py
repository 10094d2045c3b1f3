"""The public files of the overview: what is about few is withheld; only the city offers them."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from test_app import APP, run
from town import HALLS, Row, Town

from dashboard.components.public import public_filters, public_frames
from dashboard.exports.parts import part_csv
from dashboard.text import Words
from dashboard.viewer import Viewer, viewer
from metrics.catalogue import metric
from metrics.fairness.suppressed import public_value
from metrics.headline import KEY_METRICS
from metrics.periods import parse_period
from metrics.scope import Scope

AUGUST = parse_period("2019-08")
SHOWN = [metric(name) for name in KEY_METRICS]
COUNTERS: list[Row] = [
    {"counter_id": name, "name": name, "hall_id": hall}
    for name, hall in (("a", "C"), ("b", "C1"), ("c", "C2"))
]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Viewer:
    """Of the south's tickets three were abandoned; of the others at least ten."""
    town = Town(tmp_path_factory.mktemp("public") / "home", HALLS, COUNTERS)
    day = date(2019, 8, 6)
    left = {"a": 12, "b": 10, "c": 3}
    rows = [row for one, n in left.items() for row in town.queue(one, [60] * 90 + [None] * n, day)]
    town.deliver("tickets", rows, (AUGUST.start, AUGUST.end))
    (town.home / "access.toml").write_text('[users.north]\nhalls = ["C1"]\n', "utf-8")
    found = viewer(town.home, None, Words("zh"))
    assert found is not None
    return found


def test_a_withheld_county_has_no_number_in_any_column(seen: Viewer) -> None:
    """Tickets less those called would tell how many were abandoned."""
    words = seen.words
    filters = public_filters(seen, SHOWN, AUGUST, "county")
    content = part_csv(SHOWN, *public_frames(seen, SHOWN, AUGUST, "county"), filters, words)
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    rows = {line[0]: line for line in lines if line[0] in ("all", "C1", "C2")}
    numbers = [cell for cell in rows["C2"][2:] if cell]
    assert set(numbers) == {words("state.suppressed")}
    assert ["# 版本", words("public.note")] in lines


def test_the_numbers_are_those_of_the_command(seen: Viewer) -> None:
    """`hallscore value --public` withholds no unit that the file prints."""
    parts, _ = public_frames(seen, SHOWN, AUGUST, "county")
    for one in KEY_METRICS:
        plain = public_value(seen.home, one, AUGUST, "county", Scope("local", None))
        both = parts[one].filter(parts[one]["state"] != "suppressed")
        assert both.equals(plain.join(both, on="id", how="semi", maintain_order="left"))


def labels(home: Path, user: str | None) -> list[str]:
    return [one.proto.label for one in run(home, user, period="2019-08").get("download_button")]


def test_only_who_sees_the_whole_city_is_offered_it(seen: Viewer) -> None:
    assert APP.exists()
    assert [one for one in labels(seen.home, None) if "公开版" in one] == [
        "下载公开版 Excel",
        "下载公开版 CSV",
    ]
    assert labels(seen.home, "north") == ["下载 Excel", "下载 CSV"]
