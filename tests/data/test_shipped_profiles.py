"""Each shipped profile takes in a file of its own making, in each of its logs."""

from datetime import datetime
from pathlib import Path

import pytest

from data.profile import Constant, Interval, Joined, LogPart, Profile, Source, load_profile, shipped
from data.rated import LOGS_ON_RATINGS
from data.readers import kind_of
from data.store import snapshot
from data.views import connect
from tests.builders import Row, rating, send, write

PAIRS = [
    (name, log)
    for name in shipped()
    if name not in ("canonical", "wabo", "nhft")
    for log in load_profile(name).logs
]
NOON = datetime(2019, 8, 5, 12)


def row_of(profile: Profile, part: LogPart, number: int, code: int) -> Row:
    """One row in the columns of the source, with the code-th code of every table."""
    row: Row = {}
    for field, source in part.columns.items():
        row |= cells_of(field, source, row, number)
    plain = {field: one for field, one in part.columns.items() if isinstance(one, str)}
    for field, form in part.dates.items():
        later = NOON.replace(hour=13) if field.startswith(("closed", "finished", "ends")) else NOON
        row[plain[field]] = later.strftime(form)
    fixed = {
        "promised_limit": "5",
        "statutory_limit": "5",
        "department_id": "",
        "includes_below": "否",
    }
    fixed |= {"points": "1.5", "score": "95", "scale": "100", "ballots": "3"}
    row |= {plain[field]: cell for field, cell in fixed.items() if field in plain}
    coded = {plain[field]: list(codes) for field, codes in part.codes.items() if field in plain}
    return row | {column: codes[code % len(codes)] for column, codes in coded.items()}


def cells_of(field: str, source: Source, row: Row, number: int) -> Row:
    """The source's cells behind one field, before dates and codes are put in."""
    if isinstance(source, Joined):
        return {name: row.get(name) or f"{name}{number}" for name in source.join}
    if isinstance(source, Interval):
        return {source.start: NOON.strftime(source.format), source.end: ""}
    return {} if isinstance(source, Constant) else {source: f"{field}-{number}"}


@pytest.mark.parametrize(("name", "log"), PAIRS)
def test_a_file_of_the_source_is_taken_in(name: str, log: str, tmp_path: Path) -> None:
    """With the first and the last code of every table."""
    profile = load_profile(name)
    part = profile.part(log)
    rows = [row_of(profile, part, number, code) for number, code in enumerate((0, -1))]
    path = tmp_path / f"{log}{'.gb' if profile.encoding == 'gb18030' else ''}.csv"
    assert kind_of(path)[0] == ".csv"
    send(tmp_path / "home", "staff", [{"staff_id": f"staff_id-{number}"} for number in range(2)])
    if log in LOGS_ON_RATINGS:  # of ratings that are there
        ratings = [rating(number, rating_id=f"rating_id-{number}") for number in range(2)]
        send(tmp_path / "home", "ratings", ratings, admit_units=True)
    batch = send(tmp_path / "home", log, write(path, rows), profile=name, admit_units=True)
    assert batch.quarantined == {}
    assert batch.counts["accepted"] == 2


GRADES = {
    "gbt39046": ("1", "5"),
    "national": ("5", "1"),
    "zhejiang": ("5", "1"),
    "four_key": ("4", "1"),
}


@pytest.mark.parametrize("name", GRADES)
def test_the_best_code_of_each_source_becomes_five(name: str, tmp_path: Path) -> None:
    """The tables contradict each other; the profiles settle it."""
    profile = load_profile(name)
    part = profile.part("ratings")
    rows = []
    for number, code in enumerate(GRADES[name]):
        row = row_of(profile, part, number, 0)
        row[str(part.columns["grade"])] = code
        rows.append(row)
    path = tmp_path / f"r{'.gb' if profile.encoding == 'gb18030' else ''}.csv"
    home = tmp_path / "home"
    send(home, "ratings", write(path, rows), profile=name, admit_units=True)
    con = connect(snapshot(home))
    grades = [grade for (grade,) in con.execute("SELECT grade FROM ratings ORDER BY id").fetchall()]
    assert grades[0] == 5
    assert grades[1] <= 2


def test_a_default_rating_of_zhejiang_is_told_by_its_channel(tmp_path: Path) -> None:
    """Channel 7 is 系统默认评价; in the national interface 7 is a text message."""
    for name, origin in (("zhejiang", "default"), ("national", "active")):
        profile = load_profile(name)
        row = row_of(profile, profile.part("ratings"), 1, 0) | {"pf": "7"}
        home = tmp_path / name / "home"
        send(home, "ratings", [row, row | {"assessNumber": "x"}], profile=name, admit_units=True)
        con = connect(snapshot(home))
        assert con.execute("SELECT origin FROM ratings").fetchall()[0] == (origin,)
