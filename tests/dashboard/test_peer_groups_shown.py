"""Peer groups on the page and on paper: in words, and first among the frames."""

from pathlib import Path

import pytest

from dashboard.exports.ranking import groups_sheet, ranked_columns, ranked_frame
from dashboard.text import Words
from metrics.fairness.peer_words import group_label
from metrics.fairness.ranking import fair_ranking
from metrics.periods import parse_period
from metrics.scope import Scope

AUGUST = parse_period("2019-08")
CITY = Scope("local", None)
LANGS = ("zh", "en")


@pytest.mark.parametrize("lang", LANGS)
def test_files_name_the_group_of_each_counter(home: Path, lang: str) -> None:
    words = Words(lang)
    ranking = fair_ranking(home, AUGUST, CITY, "peers")
    table = ranked_frame(ranking, ranked_columns(ranking, words), words)
    named = [group_label(one, lang) for one in ranking.frame["frame"]]
    assert table[words("export.peers")].to_list() == named
    assert named[0] == ("市级" if lang == "zh" else "City")
    sheet = groups_sheet(ranking, words)[0]
    assert set(sheet.frame[words("fairness.group")]) == set(named)


def test_other_frames_have_no_such_column(home: Path) -> None:
    words = Words("zh")
    ranking = fair_ranking(home, AUGUST, CITY, "county")
    assert words("export.peers") not in ranked_frame(ranking, ranked_columns(ranking, words), words)
