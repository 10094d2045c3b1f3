"""What a server can hold and a file cannot: each value arrives exact, or waits with its reason."""

from datetime import datetime
from typing import Any

import pytest

from data import steps
from data.errors import HallscoreError
from data.quarantine import waiting
from data.store import snapshot
from tests.builders import counting_rows
from tests.servers.source import Source
from tests.servers.test_pull import rated

pytestmark = pytest.mark.servers
MIB = 1 << 20


def stored(source: Source, log: str, column: str) -> dict[str, Any]:
    """One column of what counts, by id."""
    from data.views import connect

    con = connect(snapshot(source.home))
    found = dict(con.execute(f"SELECT id, {column} FROM {log}").fetchall())
    con.close()
    return found


def test_chinese_text_arrives_whole(source: Source) -> None:
    """Also letters beyond the basic plane, which three bytes of utf8 do not hold."""
    source.make()
    source.put([rated(1, item_id="户口迁移"), rated(2, item_id="𠮷野")])
    source.pull()
    assert stored(source, "ratings", "item_id") == {"R1": "户口迁移", "R2": "𠮷野"}


def test_columns_of_other_encodings(on_mariadb: Source) -> None:
    """A GBK column says so; GBK bytes in a latin1 column are a lie that stored_as names."""
    source = on_mariadb
    source.make()
    source.sql(
        "ALTER TABLE ratings MODIFY case_id varchar(40) CHARACTER SET gbk, "
        "MODIFY item_id varchar(90) CHARACTER SET latin1"
    )
    source.put([rated(1, case_id="受理一")])
    source.sql(f"UPDATE ratings SET item_id = x'{'户口'.encode('gb18030').hex()}'")
    source.write(stored_as='{ item_id = "gb18030" }')
    source.pull()
    assert stored(source, "ratings", "case_id") == {"R1": "受理一"}
    assert stored(source, "ratings", "item_id") == {"R1": "户口"}


def test_a_postgres_that_knows_no_encoding(on_postgres: Source) -> None:
    """SQL_ASCII hands out bytes: as UTF-8 they are refused by name, stored_as reads them."""
    source = on_postgres
    name = f"{source.database}_ascii"
    source.sql(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    source.connection.close()
    source.connection = source.server.admin(name)
    source.make()
    source.put([rated(1)])
    bytes_of = f"'\\x{'户口'.encode('gb18030').hex()}'::bytea"
    source.sql(f"UPDATE ratings SET item_id = convert_from({bytes_of}, 'SQL_ASCII')")
    source.sql(f"GRANT SELECT ON ratings TO reader_{source.database}")
    source.write(database=f'"{name}"')
    with pytest.raises(HallscoreError, match=r"not in its encoding.*stored_as"):
        source.pull()
    source.write(stored_as='{ item_id = "gb18030" }')
    source.pull()
    assert stored(source, "ratings", "item_id") == {"R1": "户口"}


def test_null_stays_missing(source: Source) -> None:
    """A missing optional value is missing; a missing id is a row in quarantine."""
    source.make()
    source.put([rated(1, item_id=None), rated(2, case_id=None), rated(3, grade=None)])
    report = source.pull().report()
    assert report["accepted"] == report["no_rating"] == 1
    assert report["quarantined"] == {"missing_key": 1}
    assert stored(source, "ratings", "item_id") == {"R1": None}


def test_an_instant_is_stored_in_the_zone_of_the_profile(source: Source) -> None:
    """Whatever the zone of the server and of the session that wrote it."""
    source.make()
    kind = source.server.INSTANT
    source.sql("DROP TABLE ratings")
    source.sql(
        "CREATE TABLE ratings (rating_id varchar(40) PRIMARY KEY, case_id varchar(40), "
        f"counter_id varchar(40), rated_at {kind}, grade int, changed_at {kind})"
    )
    zone = "SET TIME ZONE '-05:00'" if source.server.kind == "postgresql" else ""
    source.sql(zone or "SET time_zone = '-05:00'")
    # 09:30 five hours behind UTC is half past ten in the evening at Shanghai (UTC+8). PostgreSQL
    # reads a bare offset the other way round, so its own text is used below.
    text = "2019-08-05 09:30:00-05" if source.server.kind == "postgresql" else "2019-08-05 09:30:00"
    source.put([rated(1, rated_at=text)])
    pulled = source.pull()
    assert stored(source, "ratings", "rated_at") == {"R1": datetime(2019, 8, 5, 22, 30)}
    assert str(pulled.reached).startswith("2019-08-05 14:30:00")
    source.put([rated(2, rated_at=text)])
    assert source.pull().report()["accepted"] == 1


def test_decimals_are_exact(source: Source) -> None:
    """2.50 points are two and a half, and an id of 20 digits keeps every one."""
    source.make()
    source.log = "findings"
    source.sql(
        "CREATE TABLE findings (finding_id numeric(20,0) PRIMARY KEY, counter_id varchar(9), "
        f"found_at {source.server.MOMENT}, rule_code varchar(9), points numeric(8,2))"
    )
    source.write(table='"findings"', watermark='"found_at"')
    big = "12345678901234567891"
    source.sql(
        f"INSERT INTO findings VALUES ({big}, 'C1', '2019-08-05 10:00:00', 'A', 2.50), "
        "(7, 'C1', '2019-08-05 10:00:00', 'B', 3.00)"
    )
    source.pull()
    assert stored(source, "findings", "points_c") == {big: 250, "7": 300}


def test_a_number_as_watermark_keeps_all_its_digits(source: Source) -> None:
    """Ids made of time and machine have 63 bits; compared as floats, neighbours would be one."""
    source.make()
    source.sql("ALTER TABLE ratings ADD number bigint")
    base = 9_007_199_254_740_993
    source.put([{**rated(n), "number": base + n} for n in range(1, 11)])
    source.write(watermark='"number"', overlap='"2 rows"')
    assert source.pull().reached == str(base + 10)
    source.put([{**rated(11), "number": base + 11}])
    second = source.pull()
    assert (second.since, second.read) == (str(base + 9), 3)
    assert second.report()["accepted"] == 1


def test_zero_dates_are_missing_and_said(on_mariadb: Source) -> None:
    """MariaDB's '0000-00-00' is no value: missing where it may be, quarantine where it may not."""
    source = on_mariadb
    source.make("cases")
    source.sql(
        "INSERT INTO cases VALUES "
        "('K1', 'C1', '2019-08-01 09:00:00', NULL, '0000-00-00 00:00:00', NULL, '2019-08-01'), "
        "('K2', 'C1', '0000-00-00 00:00:00', NULL, NULL, NULL, '2019-08-02'), "
        "('K3', 'C1', '2019-08-01 09:00:00', NULL, '2019-00-10 00:00:00', NULL, '2019-08-03')"
    )
    pulled = source.pull()
    report = pulled.report()
    assert report["accepted"] == 1
    assert report["quarantined"] == {"missing_key": 1, "unparseable_time": 1}
    assert stored(source, "cases", "closed_at") == {"K1": None}
    assert [note for note in pulled.notes if note.startswith("closed_at: zero dates")]
    assert "2019-00-10" in waiting(snapshot(source.home))["detail"].str.join("")[0]


def test_times_that_are_none_wait_in_quarantine(on_postgres: Source) -> None:
    """'infinity' is a time of PostgreSQL and of no calendar."""
    source = on_postgres
    source.make()
    source.put([rated(1), rated(2, rated_at="infinity", changed_at="2019-08-02 10:00:00")])
    assert source.pull().report()["quarantined"] == {"unparseable_time": 1}


@pytest.mark.parametrize("far", ["2099-01-01 00:00:00", "9999-12-31 23:59:59"])
def test_a_row_from_the_future_does_not_end_the_pulls(source: Source, far: str) -> None:
    """The watermark stays at the server's own time, and later rows are still read."""
    source.make()
    source.put([rated(1), rated(2, changed_at=far)])
    pulled = source.pull()
    assert "2025" < str(pulled.reached) < "2090"
    assert [note for note in pulled.notes if "after the server's own time" in note]
    now = "CAST(now() AS timestamp)" if source.server.kind == "postgresql" else "now(6)"
    source.put([rated(3)])
    source.sql(f"UPDATE ratings SET changed_at = {now} WHERE rating_id = 'R3'")
    assert source.pull().report()["accepted"] == 1


def test_rows_without_a_watermark_are_read_each_time(source: Source) -> None:
    source.make()
    source.put([rated(1), rated(2, changed_at=None)])
    source.pull()
    source.put([rated(3, changed_at=None)])
    pulled = source.pull()
    assert pulled.report()["accepted"] == 1
    assert [note for note in pulled.notes if "without a watermark" in note]


def test_parts_of_a_second_that_the_profile_cannot_read_are_named(source: Source) -> None:
    """They are cut, not refused, and the report says how to keep them."""
    source.make()
    source.put([rated(1, rated_at="2019-08-05 10:00:00.25")])
    pulled = source.pull()
    assert stored(source, "ratings", "rated_at") == {"R1": datetime(2019, 8, 5, 10)}
    assert [note for note in pulled.notes if "%.f" in note and note.startswith("rated_at")]
    assert str(pulled.reached).startswith("2019-08-05 10:00:00.25")


def test_nothing_before_the_first_value_is_read(source: Source) -> None:
    """Not by the overlap of the second pull either."""
    source.make()
    source.put([rated(n, rated_at=f"2019-08-{n:02d} 10:00:00") for n in range(1, 11)])
    source.write(first='"2019-08-10"')
    assert source.pull().read == 1
    assert source.pull().read == 1
    assert source.pull(full=True).read == 1


def test_a_query_of_the_source_is_pulled_as_a_table(source: Source) -> None:
    """With a `%` and a quoted word in it; columns of other names become the profile's."""
    source.make()
    source.put([rated(1), rated(2, case_id="X%")])
    query = "SELECT r.* FROM ratings r WHERE r.case_id LIKE '%%' AND r.case_id <> 'drop; it'"
    source.write(table="", query=f'"{query}"')
    assert source.pull().report()["accepted"] == 2
    assert len(counting_rows(source.home)["ratings"]) == 2


def fill(source: Source, n: int) -> None:
    """So many ratings, made by the server itself."""
    postgres = source.server.kind == "postgresql"
    series = f"generate_series(1, {n}) AS g (seq)" if postgres else f"seq_1_to_{n}"
    source.sql(
        "INSERT INTO ratings (rating_id, case_id, counter_id, rated_at, grade, item_id, changed_at)"
        " SELECT concat('R', seq), concat('K', seq), 'C1', '2019-08-05 10:00:00', 5, "
        f"repeat('x', 40), '2019-08-05 10:00:00' FROM {series}"
    )


def test_a_session_that_the_server_ends_is_pulled_again(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of its rows: one message, nothing taken in, and all of it the next time."""
    source.make()
    fill(source, 100_000)
    source.write(batch_rows="10000")
    ended: list[str] = []

    def reached(step: str) -> None:
        if step == "pull_reading" and not ended:
            ended.append(step)
            source.server.end_sessions(source.connection, f"reader_{source.database}")

    with monkeypatch.context() as patch:
        patch.setattr(steps, "reached", reached)
        with pytest.raises(HallscoreError, match="Nothing was taken in; run the pull again"):
            source.pull()
    assert ended
    assert counting_rows(source.home)["ratings"] == []
    assert source.pull().report()["accepted"] == 100_000


def test_a_million_rows_in_bounded_memory(source: Source) -> None:
    """By the reading alone: after the first piece of 20,000 rows the process grows by < 48 MiB."""
    source.make()
    fill(source, 1_000_000)
    source.write(batch_rows="20000")
    ran = source.child("memory")
    assert ran.returncode == 0, ran.stderr
    pieces, grown = map(int, ran.stdout.split())
    print(f"{source.server.kind}: grew by {grown / MIB:.1f} MiB")
    assert pieces == 51
    assert grown < 48 * MIB
