"""Exemptions (豁免): a decision that a hall or counter is not answerable for a stretch of time."""

import dataframely as dy
import polars as pl

from data.contract_fields import Row, calendar_day, flag, moment, text

SYSTEMS = ("all", "queue", "rating", "case", "inspection", "attendance")
CAUSES = ("system_fault", "power_cut", "epidemic", "other")
EXEMPTION_CODES = {"system": SYSTEMS, "cause": CAUSES}


class Exemption(Row):
    """One exemption (豁免) of a counter, a hall or the whole city, by somebody's decision."""

    exemption_id = text("豁免编号", "id of the exemption", needed=True)
    hall_id = text("大厅", "hall; without hall and counter: the whole city")
    hall_name = text("大厅名称", "name of the hall; stands for an empty hall_id")
    counter_id = text("窗口", "one counter alone; or its name")
    counter_name = text("窗口名称", "name of the counter; stands for an empty counter_id")
    includes_below = flag("含下级大厅", "halls below too; default: no")
    system = text("系统", "what is lifted; default: all")
    starts_at = moment("开始时间", "from this moment on", needed=True)
    ends_at = moment("结束时间", "until before this moment", needed=True)
    cause = text("原因", "cause", needed=True)
    grounds = text("说明", "grounds in words; personal numbers are masked")
    decided_by = text("决定人", "who decided", needed=True)
    decided_on = calendar_day("决定日期", "when it was decided", needed=True)

    @dy.rule()
    def ends_before_it_starts(cls) -> pl.Expr:
        return pl.col("ends_at") > pl.col("starts_at")
