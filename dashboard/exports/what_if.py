"""The ranking by other weights as files."""

from collections.abc import Mapping

import polars as pl

from dashboard.exports.csvfile import csv_bytes
from dashboard.exports.workbook import Sheet, workbook_bytes
from dashboard.text import Words
from metrics.what_if import WhatIf


def what_if_frame(found: WhatIf, words: Words) -> pl.DataFrame:
    """Everybody who is ranked by the scheme, under printed headings."""
    named = {
        "id": words("export.id"),
        "name": words("export.name"),
        "hall": words("export.hall"),
        "frame": words("export.frame"),
        "rank": words("what_if.now"),
        "score": words("export.score"),
        "rank_then": words("what_if.then"),
        "score_then": words("what_if.score_then"),
        "moved": words("what_if.moved"),
    }
    return found.rows.select(*named).rename(named)


def what_if_csv(found: WhatIf, filters: Mapping[str, str], words: Words) -> bytes:
    """As csv."""
    return csv_bytes(what_if_frame(found, words), filters)


def what_if_workbook(found: WhatIf, filters: Mapping[str, str], words: Words) -> bytes:
    """As a workbook."""
    form = dict.fromkeys((words("export.score"), words("what_if.score_then")), "0.00")
    sheet = Sheet(words("what_if.title"), what_if_frame(found, words), form)
    return workbook_bytes([sheet], filters, words("what_if.title"))
