"""The texts of a database become those of the profile, and nothing on the way is guessed."""

from typing import Any

import pytest

from data.database_settings import DatabasePart
from data.errors import HallscoreError
from data.profile import LogPart, Profile, load_profile
from data.pull_marks import Marks
from data.pull_session import Column, Kind
from data.pull_text import Rendering, formats_of

PART = DatabasePart.model_validate(
    {
        "kind": "mariadb",
        "socket": "/run/s",
        "database": "d",
        "user": "u",
        "table": "t",
        "watermark": "w",
        "stored_as": {"name": "gb18030"},
    }
)
SHANGHAI = load_profile("canonical")


def shown(kind: Kind, *cells: Any, form: str = "", profile: Profile = SHANGHAI) -> list[str | None]:
    """What cells of a column of that kind, named `name`, become."""
    formats = {"name": form} if form else {}
    rendering = Rendering((Column("name", kind),), profile, PART, formats)
    return rendering.frame([(cell, "mark") for cell in cells])["name"].to_list()


@pytest.mark.parametrize(
    ("kind", "form", "cell", "expected"),
    [
        ("moment", "%d.%m.%Y %H:%M", "2019-08-05 09:30:15", "05.08.2019 09:30"),
        ("moment", "", "2019-08-05 09:30:15", "2019-08-05 09:30:15"),
        ("moment", "%Y-%m-%d %H:%M:%S%.f", "2019-08-05 09:30:15.25", "2019-08-05 09:30:15.250"),
        ("moment", "%Y-%m-%dT%H:%M:%S%:z", "2019-08-05 09:30:15", "2019-08-05T09:30:15+08:00"),
        ("instant", "%Y-%m-%d %H:%M:%S", "2019-08-05 20:30:00+00", "2019-08-06 04:30:00"),
        ("instant", "%Y-%m-%d", "2019-08-05 20:30:00", "2019-08-06"),
        ("date", "%Y%m%d", "2019-08-05", "20190805"),
        ("date", "%Y-%m-%d %H:%M:%S", "2019-08-05", "2019-08-05 00:00:00"),
        ("moment", "%Y-%m-%d", "2019-02-30 00:00:00", "2019-02-30 00:00:00"),
        ("instant", "%Y-%m-%d", "infinity", "infinity"),
        ("moment", "%Y-%m-%d", "0000-00-00 00:00:00", None),
        ("clock", "", "08:30:00", "08:30"),
        ("clock", "", "08:30:15", "08:30:15"),
        ("number", "", "12345678901234567890.00", "12345678901234567890"),
        ("number", "", "2.50", "2.50"),
        ("float", "", "5.0", "5"),
        ("flag", "", "t", "true"),
        ("bits", "", b"\x01", "1"),
        ("bytes", "", "户口".encode("gb18030"), "户口"),
        ("bytes", "", "\\x" + "户口".encode("gb18030").hex(), "户口"),
        ("bytes", "", b"\xff\xff", "0xffff"),
        ("text", "", "  ", "  "),
        ("text", "", None, None),
    ],
)
def test_a_cell_becomes_text(kind: Kind, form: str, cell: Any, expected: str | None) -> None:
    assert shown(kind, cell, None, form=form) == [expected, None]


def test_a_local_time_that_clocks_skipped_stays_as_it_is() -> None:
    """Only where an offset must be written it has none, and waits as the server wrote it."""
    dutch = load_profile("wabo")
    assert dutch.timezone == "Europe/Amsterdam"
    skipped = "2019-03-31 02:30:00"
    form = "%Y-%m-%d %H:%M:%S"
    assert shown("moment", skipped, form=form, profile=dutch) == [skipped]
    assert shown("moment", skipped, form=form + "%z", profile=dutch) == [skipped]


def test_one_column_in_two_formats_is_refused() -> None:
    """A text can have one; which would be a guess."""
    part = LogPart(
        columns={"rated_at": "t", "served_at": "t"},
        dates={"rated_at": "%Y-%m-%d", "served_at": "%Y%m%d"},
    )
    with pytest.raises(HallscoreError, match="two formats"):
        formats_of(part, "ratings")
    assert formats_of(SHANGHAI.part("halls"), "halls")["valid_from"] == "%Y-%m-%d"


def test_the_watermark_never_passes_the_server_s_time() -> None:
    """Odd marks are none to go on from; numbers have no clock."""
    marks = Marks(Column("w", "moment"), "2019-08-10 12:00:00.000000", None)
    marks.see([None, "0000-00-00 00:00:00", "-infinity", "2019-08-09 10:00:00"])
    assert (marks.reached, marks.without) == ("2019-08-09 10:00:00", 1)
    marks.see(["2019-08-11 00:00:00", "10000-01-01 00:00:00", "infinity"])
    assert (marks.reached, marks.ahead) == ("2019-08-10 12:00:00.000000", 3)
    assert len(marks.notes()) == 2
    numbers = Marks(Column("w", "number"), "2019-08-10 12:00:00.000000", "5")
    numbers.see(["7", "90071992547409931"])
    assert numbers.reached == "90071992547409931"
