"""The logs of the rating loop (差评闭环): decisions that void a rating, and redress of bad ones."""

from dataclasses import dataclass

import dataframely as dy
import polars as pl

from data.contract_fields import Row, calendar_day, flag, moment, text

STAGES = ("signed", "verified", "rectified", "replied", "called_back")
STATES = ("open", "signed", "verified", "rectified", "replied", "closed")
VOID_REASONS = ("mistaken", "malicious", "test")
VERDICTS = ("upheld", "unfounded", "mistaken", "malicious")
UPHELD = ("upheld",)  # of the verdicts, those under which a bad rating stays one
COMPLEXITIES = ("simple", "complex")


class Void(Row):
    """A decision that a rating does not count (误评、恶意、测试), with its reason and grounds."""

    void_id = text("认定编号", "id of the decision", needed=True)
    rating_id = text("评价编号", "rating that does not count", needed=True)
    void_reason = text("认定类型", "mistaken (误评), malicious (恶意) or test (测试)", needed=True)
    grounds = text("认定理由", "why; masked, and never printed", needed=True)
    decided_by = text("认定人", "who decided", needed=True)
    decided_on = calendar_day("认定日期", "day of the decision", needed=True)


class Rectification(Row):
    """One version of the redress of a bad rating: 签收 → 核实 → 整改 → 反馈、回访 → 复评."""

    rectification_id = text("整改编号", "id of the redress; default: rating_id")
    rating_id = text("评价编号", "the bad rating", needed=True)
    counter_id = text("窗口", "counter; default: that of the rating")
    hall_id = text("大厅", "hall of a counter by name; for --admit-units")
    hall_name = text("大厅名称", "name of the hall; stands for an empty hall_id")
    counter_name = text("窗口名称", "name of the counter; stands for an empty counter_id")
    opened_at = moment("差评时间", "when the bad rating was made or sent out", needed=True)
    complexity = text("复杂程度", "simple or complex; default: simple")
    signed_at = moment("签收时间", "when it was signed for")
    verified_at = moment("核实时间", "when it was verified")
    verdict = text("核实结论", "upheld, unfounded, mistaken or malicious; default: upheld")
    rectified_at = moment("整改时间", "when the matter was put right")
    replied_at = moment("反馈时间", "when the citizen had a reply")
    called_back_at = moment("回访时间", "when the citizen was called back")
    callback_satisfied = flag("回访满意", "whether the citizen was content then")
    rerated_at = moment("复评时间", "when the citizen rated again")
    rerated_grade = dy.Int8(
        nullable=True, min=1, max=5, metadata={"zh": "复评满意度", "en": "second grade, 5 best"}
    )
    clock_stops = text("暂停计时", "start/end;start/end in ISO times, an open end allowed")
    owner = text("责任单位", "unit that puts it right")
    preset = text("时限规则", "name of the deadlines; default: of the home")
    state = text("状态", "open, signed, …, closed; default: what the times tell")
    updated_at = moment("更新时间", "when the source changed the row; a later one may correct")

    @dy.rule()
    def signed_before_opened(cls) -> pl.Expr:
        return _not_before("signed_at", "opened_at")

    @dy.rule()
    def verified_before_signed(cls) -> pl.Expr:
        return _not_before("verified_at", "opened_at", "signed_at")

    @dy.rule()
    def rectified_before_verified(cls) -> pl.Expr:
        return _not_before("rectified_at", "opened_at", "signed_at", "verified_at")

    @dy.rule()
    def replied_before_rectified(cls) -> pl.Expr:
        before = ("opened_at", "signed_at", "verified_at", "rectified_at")
        return _not_before("replied_at", *before)

    # Zhejiang calls back first, Jining before the reply: the place of the call is not fixed.
    @dy.rule()
    def called_back_before_opened(cls) -> pl.Expr:
        return _not_before("called_back_at", "opened_at")

    @dy.rule()
    def rerated_before_opened(cls) -> pl.Expr:
        return _not_before("rerated_at", "opened_at")

    @dy.rule()
    def rerated_without_a_time(cls) -> pl.Expr:
        return pl.col("rerated_grade").is_null() | pl.col("rerated_at").is_not_null()

    @dy.rule()
    def ended_without_a_time(cls) -> pl.Expr:
        timed = pl.any_horizontal(pl.col(name).is_not_null() for name in ENDS)
        return (pl.col("state") != "closed").fill_null(value=True) | timed


ENDS = ("verified_at", "rectified_at", "replied_at", "called_back_at")
ORDER = ("opened_at", "signed_at", "verified_at", "rectified_at", "replied_at")


def _not_before(name: str, *earlier: str) -> pl.Expr:
    return (pl.col(name) >= pl.max_horizontal(*earlier)).fill_null(value=True)


# The fields that a refusal by a rule shows.
COMPARED_IN_LOOP = {
    "signed_before_opened": ("signed_at", "opened_at"),
    "verified_before_signed": ("verified_at", "signed_at", "opened_at"),
    "rectified_before_verified": ("rectified_at", *ORDER[2::-1]),
    "replied_before_rectified": ("replied_at", *ORDER[3::-1]),
    "called_back_before_opened": ("called_back_at", "opened_at"),
    "rerated_before_opened": ("rerated_at", "opened_at"),
    "rerated_without_a_time": ("rerated_grade", "rerated_at"),
    "ended_without_a_time": ("state", *ENDS),
}


@dataclass(frozen=True)
class LoopContract:
    """What data.contracts says of a log, in its order of fields."""

    kind: str
    schema: type[dy.Schema]
    id_column: str
    day_column: str
    codes: dict[str, tuple[str, ...]]


LOOP_CONTRACTS = {
    "voids": LoopContract("event", Void, "void_id", "decided_on", {"void_reason": VOID_REASONS}),
    "rectifications": LoopContract(
        "record",
        Rectification,
        "rectification_id",
        "opened_at",
        {"complexity": COMPLEXITIES, "verdict": VERDICTS, "state": STATES},
    ),
}
