"""The reference tables: halls, counters, departments, desks, staff, items and those that follow."""

import dataframely as dy
import polars as pl


def _text(zh: str, en: str, *, needed: bool = False) -> dy.String:
    return dy.String(nullable=not needed, metadata={"zh": zh, "en": en})


def _day(zh: str, en: str) -> dy.Date:
    return dy.Date(nullable=True, metadata={"zh": zh, "en": en})


def _limit(zh: str, en: str) -> dy.Int32:
    return dy.Int32(nullable=True, min=0, metadata={"zh": zh, "en": en})


class Dated(dy.Schema):
    """A row that holds from a day (inclusive) to a day (exclusive); empty means always."""

    line = dy.Int32(nullable=False, metadata={"zh": "行号", "en": "line in the file"})
    valid_from = _day("生效日期", "first day")
    valid_to = _day("失效日期", "first day on which it no longer holds")

    @dy.rule()
    def ends_before_it_begins(cls) -> pl.Expr:
        return (pl.col("valid_to") > pl.col("valid_from")).fill_null(value=True)


class Hall(Dated):
    """A service hall in the tree of four levels."""

    hall_id = _text("大厅编号", "id of the hall", needed=True)
    name = _text("名称", "name", needed=True)
    level = _text("层级", "city, county, township or village", needed=True)
    division_code = _text("行政区划代码", "division code")
    parent_id = _text("上级大厅", "hall above it; empty for the city")


class Counter(Dated):
    """A service counter (窗口), the assessed unit: a department's presence in one hall."""

    counter_id = _text("窗口编号", "id of the counter", needed=True)
    name = _text("名称", "name", needed=True)
    hall_id = _text("大厅", "hall", needed=True)
    department_id = _text("进驻部门", "department")
    family = _text("业务类别", "business family, for comparing like with like")


class Department(dy.Schema):
    """A department, with one id across halls."""

    line = dy.Int32(nullable=False, metadata={"zh": "行号", "en": "line in the file"})
    department_id = _text("部门编号", "id of the department", needed=True)
    name = _text("名称", "name", needed=True)


class Desk(Dated):
    """A numbered desk (窗口号) and the counter to which it is assigned."""

    hall_id = _text("大厅", "hall", needed=True)
    desk_no = _text("窗口号", "number over the desk", needed=True)
    counter_id = _text("窗口", "counter", needed=True)


class Staff(Dated):
    """A staff member by id, never by name."""

    staff_id = _text("人员编号", "id of the staff member", needed=True)
    department_id = _text("部门", "department")
    counter_id = _text("窗口", "counter")
    desk_no = _text("窗口号", "desk")
    chief = dy.Bool(nullable=True, metadata={"zh": "首席代表", "en": "chief representative"})


class Item(dy.Schema):
    """A service item (事项) with its limits; either may be absent."""

    line = dy.Int32(nullable=False, metadata={"zh": "行号", "en": "line in the file"})
    item_id = _text("事项编码", "id of the item", needed=True)
    name = _text("名称", "name", needed=True)
    department_id = _text("部门", "department")
    case_kind = _text("办件类型", "immediate or promised")
    statutory_limit = _limit("法定时限", "statutory limit")
    statutory_unit = _text("法定时限单位", "workday or day")
    promised_limit = _limit("承诺时限", "promised limit")
    promised_unit = _text("承诺时限单位", "workday or day")


class OpeningHours(Dated):
    """When a hall, or one of its counters, is open on a weekday (Monday is 1)."""

    hall_id = _text("大厅", "hall", needed=True)
    counter_id = _text("窗口", "counter; empty: the whole hall")
    weekday = dy.Int32(nullable=False, min=1, max=7, metadata={"zh": "星期", "en": "1 Monday … 7"})
    opens = dy.String(
        nullable=False, regex=r"^\d{2}:\d{2}$", metadata={"zh": "开始", "en": "HH:MM"}
    )
    closes = dy.String(
        nullable=False, regex=r"^\d{2}:\d{2}$", metadata={"zh": "结束", "en": "HH:MM"}
    )
    exception = _text("例外", "weekend: open on days off too (周末出入境); holiday: on holidays")


class Successor(dy.Schema):
    """Who carries on a hall or counter that was closed, merged or split; for 现行口径."""

    line = dy.Int32(nullable=False, metadata={"zh": "行号", "en": "line in the file"})
    unit_kind = _text("单位类别", "hall or counter", needed=True)
    old_id = _text("原编号", "id of the unit that ends", needed=True)
    new_id = _text("承接单位编号", "id of the unit that carries it on", needed=True)
    succeeds_on = dy.Date(nullable=False, metadata={"zh": "承接日期", "en": "first day"})
    share = dy.Float64(
        nullable=False,
        min_exclusive=0,
        max=1,
        metadata={"zh": "承接比例", "en": "share that passes on, 1 for the whole"},
    )


class Alias(Dated):
    """What a name that a source writes stands for: a unit of ours, or none."""

    source = _text("来源", "source of sources.toml, or name of the profile", needed=True)
    spelling = _text("来源写法", "the name as the source writes it", needed=True)
    kind = _text("单位类型", "counter, hall or department", needed=True)
    hall_id = _text("大厅", "of a counter: only in rows of this hall; empty: wherever it may be")
    decision = _text("决定", "accept, or reject: it is no unit of ours", needed=True)
    unit_id = _text("对应单位", "id of the unit for which it stands")
    decided_by = _text("决定人", "who decided", needed=True)
    decided_on = _day("决定日期", "when it was decided")

    @dy.rule()
    def accepted_without_unit(cls) -> pl.Expr:
        return (pl.col("decision") == "accept") == pl.col("unit_id").is_not_null()

    @dy.rule()
    def hall_of_no_counter(cls) -> pl.Expr:
        return (pl.col("kind") == "counter") | pl.col("hall_id").is_null()


_UNITS = ("workday", "day")
REFERENCE_CONTRACTS: dict[str, tuple[type[dy.Schema], str, dict[str, tuple[str, ...]]]] = {
    "halls": (Hall, "hall_id", {"level": ("city", "county", "township", "village")}),
    "counters": (Counter, "counter_id", {}),
    "departments": (Department, "department_id", {}),
    "desks": (Desk, "desk_no", {}),
    "staff": (Staff, "staff_id", {}),
    "items": (
        Item,
        "item_id",
        {
            "promised_unit": _UNITS,
            "statutory_unit": _UNITS,
            "case_kind": ("immediate", "promised"),
        },
    ),
    "opening_hours": (OpeningHours, "weekday", {}),
    "aliases": (
        Alias,
        "spelling",
        {"kind": ("counter", "hall", "department"), "decision": ("accept", "reject")},
    ),
    "successors": (Successor, "old_id", {"unit_kind": ("hall", "counter")}),
}
