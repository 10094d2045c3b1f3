"""Measure files declare what they count; a wrong head is refused."""

from pathlib import Path

import pytest

from data.errors import HallscoreError
from metrics.measure_files import FOLDER, measure_files, parse_measure

GOOD = """-- One row per ticket.
-- grain: counter, day
-- log: tickets
SELECT
    counter,
    day,
    CAST(SUM(CASE WHEN wait_s IS NULL THEN 0 ELSE 1 END) AS BIGINT)
        AS waited,
    COUNT(*) AS tickets
FROM tickets
GROUP BY counter, day
"""


def written(folder: Path, text: str) -> Path:
    """A measure file with that text."""
    path = folder / "mine.sql"
    path.write_text(text, "utf-8")
    return path


def test_grain_log_and_sums_are_read_from_the_file(tmp_path: Path) -> None:
    """The sums are the outermost select list without the grain."""
    found = parse_measure(written(tmp_path, GOOD))
    assert found.grain == ("counter", "day")
    assert found.logs == ("tickets",)
    assert found.sums == ("waited", "tickets")
    assert found.late is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("-- grain: counter, day", "-- grane: counter, day", "Did you mean 'grain'"),
        ("-- grain: counter, day\n", "", "no line `-- grain: …`"),
        ("-- log: tickets\n", "", "no line `-- log: …`"),
        ("-- grain: counter, day", "-- grain: counter, dai", "Did you mean 'day'"),
    ],
)
def test_a_wrong_head_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    """File, line and nearest name."""
    with pytest.raises(HallscoreError, match=r"mine\.sql") as caught:
        parse_measure(written(tmp_path, GOOD.replace(old, new)))
    assert said in str(caught.value)


def test_measures_are_sums_by_written_out_groups() -> None:
    """No star, no analytic function, no GROUP BY ALL: the text runs on other engines too."""
    for path in FOLDER.glob("*.sql"):
        text = path.read_text("utf-8").upper()
        assert "SELECT *" not in text
        assert "OVER (" not in text
        assert "GROUP BY ALL" not in text


def test_what_spans_all_days_is_built_last() -> None:
    """Its days are known only when the others are."""
    assert [one.spans_data for one in measure_files().values()][-1]
