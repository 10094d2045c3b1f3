"""What a row of each log is: fields, types and rules. The name of a rule is the quarantine reason.

Fields follow GB/T 39046-2020 tables 5–10, the national 好差评 interface, and the
queue products in use (B_Queue, B_Call).
"""

from dataclasses import dataclass

import dataframely as dy
import polars as pl

from data.contract_fields import Row, flag, moment, text, whole
from data.contracts_conduct import CONDUCT_CONTRACTS
from data.contracts_exempt import EXEMPTION_CODES, Exemption
from data.contracts_loop import LOOP_CONTRACTS
from data.contracts_reference import REFERENCE_CONTRACTS
from data.reportable import REPORTABLE

UNITS = ("workday", "day")


class AtCounter(Row):
    """A row of one counter, by its id or by its name."""

    counter_id = text("窗口", "counter; or its name")
    hall_id = text("大厅", "hall of a counter by name; for --admit-units")
    hall_name = text("大厅名称", "name of the hall; stands for an empty hall_id")
    counter_name = text("窗口名称", "name of the counter; stands for an empty counter_id")

    @dy.rule()
    def no_counter(cls) -> pl.Expr:
        return pl.any_horizontal(pl.col("counter_id", "counter_name").is_not_null())


class Rating(AtCounter):
    """One rating of one service. Grade 5 is best, always. A row without a grade is no rating."""

    rating_id = text("评价编号", "id of the rating", needed=True)
    case_id = text("办件编号或票号", "case or ticket that was rated", needed=True)
    served_at = moment("服务时间", "when the service ended; default: rated_at")
    rated_at = moment("评价时间", "when it was rated", needed=True)
    grade = dy.Int8(nullable=False, min=1, max=5, metadata={"zh": "满意度", "en": "grade, 5 best"})
    origin = text("评价来源", "active, or default (系统默认评价); default: active")
    channel = text("评价渠道", "channel")
    desk_no = text("窗口号", "desk")
    item_id = text("事项", "service item")
    staff_id = text("经办人", "staff member")


class Ticket(Row):
    """One queue ticket at the counter that finished it, named by id or by hall and desk."""

    ticket_id = text("票号", "id of the ticket", needed=True)
    counter_id = text("窗口", "counter; or its name; or hall and desk_no")
    hall_id = text("大厅", "hall of the desk, or of a counter by name; for --admit-units")
    hall_name = text("大厅名称", "name of the hall; stands for an empty hall_id")
    counter_name = text("窗口名称", "name of the counter; stands for an empty counter_id")
    taken_at = moment("取号时间", "when the ticket was taken", needed=True)
    called_at = moment("叫号时间", "when it was called")
    finished_at = moment("办理完成时间", "when it was finished")
    status = text("状态", "waiting, served, abandoned, suspended or transferred", needed=True)
    channel = text("取号方式", "onsite, booked, online")
    desk_no = text("窗口号", "desk")
    item_id = text("事项", "service item")
    staff_id = text("窗口人员", "staff member")

    @dy.rule()
    def no_counter_and_no_desk(cls) -> pl.Expr:
        named = pl.any_horizontal(pl.col("counter_id", "counter_name").is_not_null())
        hall = pl.any_horizontal(pl.col("hall_id", "hall_name").is_not_null())
        return named | (hall & pl.col("desk_no").is_not_null())

    @dy.rule()
    def called_before_taken(cls) -> pl.Expr:
        return (pl.col("called_at") >= pl.col("taken_at")).fill_null(value=True)

    @dy.rule()
    def finished_before_called(cls) -> pl.Expr:
        start = pl.coalesce("called_at", "taken_at")
        return (pl.col("finished_at") >= start).fill_null(value=True)


class Case(AtCounter):
    """One version of a case: received by a counter, decided by a department."""

    case_id = text("办件编号", "id of the case", needed=True)
    counter_id = text("受理窗口", "counter that received it; or its name")
    department_id = text("审批部门", "department that decides; default: the counter's own")
    department_name = text("审批部门名称", "its name; stands for an empty department_id")
    item_id = text("事项", "service item")
    case_kind = text("办件类型", "immediate (即办件) or promised (承诺件)")
    channel = text("申报来源", "channel")
    received_at = moment("收件时间", "when it was received", needed=True)
    accepted_at = moment("受理时间", "when it was accepted")
    closed_at = moment("办结时间", "when it was closed; empty: open")
    due_at = moment("承诺办结时间", "when it is due; default: from the limits")
    due_is_date = flag("期限为日期", "the due time is a date and ends with its day")
    promised_limit = whole("承诺时限", "promised limit; default: of the item", min=0)
    promised_unit = text("承诺时限单位", "workday (工作日) or day (自然日)")
    statutory_limit = whole("法定时限", "statutory limit; default: of the item", min=0)
    statutory_unit = text("法定时限单位", "workday or day")
    clock_stops = text(
        "特别程序(暂停计时)", "start/end;start/end in ISO times, an open end allowed"
    )
    ticket_id = text("票号", "ticket that led to the case")
    state = text("办理状态", "open, suspended or closed; default: what the dates tell")
    updated_at = moment("更新时间", "when the source changed the row; a later one may correct")

    @dy.rule()
    def closed_before_accepted(cls) -> pl.Expr:
        start = pl.coalesce("accepted_at", "received_at")
        return (pl.col("closed_at") >= start).fill_null(value=True)

    @dy.rule()
    def closed_without_a_time(cls) -> pl.Expr:
        return (pl.col("state") != "closed").fill_null(value=True) | pl.col(
            "closed_at"
        ).is_not_null()

    @dy.rule()
    def accepted_before_received(cls) -> pl.Expr:
        return (pl.col("accepted_at") >= pl.col("received_at")).fill_null(value=True)


class Inspection(Row):
    """One inspection round (巡查轮次) of a hall."""

    inspection_id = text("巡查编号", "id of the round", needed=True)
    hall_id = text("大厅", "hall; or its name")
    hall_name = text("大厅名称", "name of the hall; stands for an empty hall_id")
    inspector_id = text("巡查人", "inspector")
    started_at = moment("巡查时间", "when the round began", needed=True)
    counters = text("巡查窗口", "'all', or counter ids joined by ';'")
    counter_names = text("巡查窗口名称", "the same by names; stands for empty counters")
    findings_n = whole("发现问题数", "number of findings, 0 for none", min=0)

    @dy.rule()
    def no_counters(cls) -> pl.Expr:
        return pl.any_horizontal(pl.col("counters", "counter_names").is_not_null())

    @dy.rule()
    def no_hall(cls) -> pl.Expr:
        return pl.any_horizontal(pl.col("hall_id", "hall_name").is_not_null())


class Finding(AtCounter):
    """One finding (问题) at a counter, with the points that its rule deducts."""

    finding_id = text("问题编号", "id of the finding", needed=True)
    inspection_id = text("巡查编号", "round in which it was found")
    found_at = moment("发现时间", "when it was found", needed=True)
    rule_code = text("扣分条款", "rule of the scheme", needed=True)
    points = dy.Float64(
        nullable=False, min=0, metadata={"zh": "扣分", "en": "points deducted, two decimals"}
    )
    staff_id = text("责任人", "staff member")
    closed_at = moment("整改完成时间", "when it was put right")


class Tally(Row):
    """A sum (填报数) that a unit without a system reports for a month or a day; 0 must be said."""

    tally_id = text("填报编号", "id of the tally; default: unit, span, measure and source")
    counter_id = text("窗口", "counter; empty: the tally is of the whole hall")
    hall_id = text("大厅", "hall; of a counter's tally for --admit-units")
    hall_name = text("大厅名称", "name of the hall, for --admit-units")
    counter_name = text("窗口名称", "name of the counter, for --admit-units")
    day = dy.Date(nullable=True, metadata={"zh": "日期", "en": "the day; or month"})
    month = dy.String(
        nullable=True,
        regex=r"^(19|20)\d{2}-(0[1-9]|1[0-2])$",
        metadata={"zh": "月份", "en": "the month as 2019-08; or day"},
    )
    measure = text("计数项", "which sum", needed=True)
    n = whole("数量", "the sum", min=0, nullable=False)
    source = text("填报来源", "who reports")
    updated_at = moment("更新时间", "when it was reported; a later one corrects")

    @dy.rule()
    def no_counter_and_no_hall(cls) -> pl.Expr:
        named = ("counter_id", "counter_name", "hall_id", "hall_name")
        return pl.any_horizontal(pl.col(named).is_not_null())

    @dy.rule()
    def not_one_of_day_and_month(cls) -> pl.Expr:
        return pl.col("day").is_null() != pl.col("month").is_null()


@dataclass(frozen=True)
class Contract:
    """A log or reference table: its schema, its id, what its day is, and the codes it allows.

    `either`: pairs of fields of which every row needs one, first the id and then its name.
    """

    name: str
    kind: str  # event | record | reference
    schema: type[dy.Schema]
    id_column: str
    day_column: str | None
    codes: dict[str, tuple[str, ...]]
    either: tuple[tuple[str, str], ...] = ()

    @property
    def fields(self) -> dict[str, dy.Column]:
        """Fields that a source can deliver (without the line)."""
        return {n: c for n, c in self.schema.columns().items() if n != "line"}

    @property
    def needed(self) -> tuple[str, ...]:
        """Fields that every row must have."""
        return tuple(name for name, column in self.fields.items() if not column.nullable)


LIMIT_CODES = {"promised_unit": UNITS, "statutory_unit": UNITS}
KINDS = ("immediate", "promised")
COUNTER_OR_NAME = (("counter_id", "counter_name"),)
ROUND_OR_NAMES = (("hall_id", "hall_name"), ("counters", "counter_names"))
CONTRACTS = {
    contract.name: contract
    for contract in (
        Contract(
            "ratings",
            "event",
            Rating,
            "rating_id",
            "rated_at",
            {"origin": ("active", "default")},
            COUNTER_OR_NAME,
        ),
        Contract(
            "tickets",
            "event",
            Ticket,
            "ticket_id",
            "taken_at",
            {"status": ("waiting", "served", "abandoned", "suspended", "transferred")},
        ),
        Contract(
            "cases",
            "record",
            Case,
            "case_id",
            "received_at",
            {"state": ("open", "suspended", "closed"), "case_kind": KINDS, **LIMIT_CODES},
            COUNTER_OR_NAME,
        ),
        Contract(
            "inspections", "event", Inspection, "inspection_id", "started_at", {}, ROUND_OR_NAMES
        ),
        Contract("findings", "event", Finding, "finding_id", "found_at", {}, COUNTER_OR_NAME),
        # Its day or month is looked at apart: either may stand in a row.
        Contract("tallies", "record", Tally, "tally_id", None, {"measure": tuple(REPORTABLE)}),
        Contract("exemptions", "event", Exemption, "exemption_id", "starts_at", EXEMPTION_CODES),
        *(Contract(name, **vars(loop)) for name, loop in LOOP_CONTRACTS.items()),
        *(
            Contract(name, "event", schema, key, day, codes)
            for name, (schema, key, day, codes) in CONDUCT_CONTRACTS.items()
        ),
        *(
            Contract(name, "reference", schema, key, None, codes)
            for name, (schema, key, codes) in REFERENCE_CONTRACTS.items()
        ),
    )
}
