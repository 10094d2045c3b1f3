"""Exemptions (豁免): a decision that a hall or counter is not answerable for a stretch of time."""

import dataframely as dy
import polars as pl

SYSTEMS = ("all", "queue", "rating", "case", "inspection", "attendance")
CAUSES = ("system_fault", "power_cut", "epidemic", "other")
EXEMPTION_CODES = {"system": SYSTEMS, "cause": CAUSES}


def _text(zh: str, en: str, *, needed: bool = False) -> dy.String:
    return dy.String(nullable=not needed, metadata={"zh": zh, "en": en})


def _moment(zh: str, en: str) -> dy.Datetime:
    return dy.Datetime(nullable=False, metadata={"zh": zh, "en": en})


class Exemption(dy.Schema):
    """One exemption (豁免) of a counter, a hall or the whole city, by somebody's decision."""

    line = dy.Int32(nullable=False, metadata={"zh": "行号", "en": "line in the file"})
    exemption_id = _text("豁免编号", "id of the exemption", needed=True)
    hall_id = _text("大厅", "hall; without hall and counter: the whole city")
    hall_name = _text("大厅名称", "name of the hall; stands for an empty hall_id")
    counter_id = _text("窗口", "one counter alone; or its name")
    counter_name = _text("窗口名称", "name of the counter; stands for an empty counter_id")
    includes_below = dy.Bool(
        nullable=True, metadata={"zh": "含下级大厅", "en": "halls below too; default: no"}
    )
    system = _text("系统", "what is lifted; default: all")
    starts_at = _moment("开始时间", "from this moment on")
    ends_at = _moment("结束时间", "until before this moment")
    cause = _text("原因", "cause", needed=True)
    grounds = _text("说明", "grounds in words; personal numbers are masked")
    decided_by = _text("决定人", "who decided", needed=True)
    decided_on = dy.Date(nullable=False, metadata={"zh": "决定日期", "en": "when it was decided"})

    @dy.rule()
    def ends_before_it_starts(cls) -> pl.Expr:
        return pl.col("ends_at") > pl.col("starts_at")
