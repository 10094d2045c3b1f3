"""What stands behind the points of an assessment scheme: attendance, bonuses, votes and vetoes."""

import dataframely as dy
import polars as pl

from data.contract_fields import Row, calendar_day, flag, marks, moment, text, whole

FULL_MARKS = 100
SHIFTS = ("am", "pm", "full")
# 到岗、迟到、早退、缺签、旷工、请假、擅离岗、回局不签
KINDS = ("present", "late", "early", "no_sign", "absent", "leave", "away", "not_back")
LEAVES = ("annual", "sick", "personal", "official", "other")
ENTITY = ("counter_id", "counter_name", "staff_id", "hall_id", "hall_name", "department_id")


class Attendance(Row):
    """One shift of one member of staff (考勤). Its kind is given, or derived by `derive_kind`."""

    attendance_id = text("考勤编号", "id of the shift's record", needed=True)
    staff_id = text("窗口人员", "staff member", needed=True)
    counter_id = text("窗口", "counter; default: that of the table `staff` on the day")
    hall_id = text("大厅", "hall of a counter by name; for --admit-units")
    hall_name = text("大厅名称", "name of the hall; stands for an empty hall_id")
    counter_name = text("窗口名称", "name of the counter; stands for an empty counter_id")
    attended_on = calendar_day("考勤日期", "the day", needed=True)
    shift = text("班次", "am (上午), pm (下午) or full (全天)")
    kind = text(
        "考勤结果",
        "present (到岗), late (迟到), early (早退), no_sign (缺签), absent (旷工), leave (请假), "
        "away (擅离岗) or not_back (回局不签); needed, unless the profile sets derive_kind",
    )
    minutes = whole("分钟数", "minutes late, early or away", min=0)
    leave_kind = text("请假类别", "annual, sick, personal, official or other")
    approved = flag("已批准", "whether the leave was approved")
    due_in = moment("应签到时间", "when to sign in")
    due_out = moment("应签退时间", "when to sign out")
    in_at = moment("签到时间", "when the person signed in")
    out_at = moment("签退时间", "when the person signed out")

    @dy.rule()
    def no_kind(cls) -> pl.Expr:
        return pl.col("kind").is_not_null()

    @dy.rule()
    def out_before_in(cls) -> pl.Expr:
        signed, due = pl.col("out_at") >= pl.col("in_at"), pl.col("due_out") >= pl.col("due_in")
        return signed.fill_null(value=True) & due.fill_null(value=True)

    @dy.rule()
    def leave_kind_without_leave(cls) -> pl.Expr:
        return pl.col("leave_kind").is_null() | (pl.col("kind") == "leave").fill_null(value=True)


class OfEntity(Row):
    """A row of a counter, a member of staff, a hall or a department; it must name one of them."""

    counter_id = text("窗口", "counter; or its name")
    hall_id = text("大厅", "hall; or of a counter by name; for --admit-units")
    hall_name = text("大厅名称", "name of the hall; stands for an empty hall_id")
    counter_name = text("窗口名称", "name of the counter; stands for an empty counter_id")
    staff_id = text("窗口人员", "staff member")
    department_id = text("部门", "department")

    @dy.rule()
    def no_entity(cls) -> pl.Expr:
        return pl.any_horizontal(pl.col(ENTITY).is_not_null())


class Bonus(OfEntity):
    """Points that were added (加分) by a rule of the scheme."""

    bonus_id = text("加分编号", "id of the bonus", needed=True)
    given_on = calendar_day("加分日期", "the day for which it counts", needed=True)
    rule_code = text("加分条款", "rule of the scheme", needed=True)
    points = marks("加分", "points added, two decimals")
    reason = text("事由", "why, in short; personal numbers are masked")
    decided_by = text("决定单位", "who decided")


class Vote(OfEntity):
    """A ballot, or several equal ones (投票、测评), on a counter, a person or a unit."""

    vote_id = text("测评编号", "id of the ballot", needed=True)
    voted_on = calendar_day("测评日期", "the day", needed=True)
    electorate = text(
        "投票人群",
        "who votes, a free code: duty_officers (值班长), staff (值班员), clients (服务对象), "
        "peers, leaders, committee …",
        needed=True,
    )
    score = marks("测评得分", "marks given, two decimals")
    scale = marks("满分", "full marks; default: 100", nullable=True, min=0.01)
    ballots = whole("票数", "how many equal ballots the row stands for; default: 1", min=1)

    @dy.rule()
    def score_above_scale(cls) -> pl.Expr:
        return pl.col("score") <= pl.col("scale").fill_null(FULL_MARKS)


class Veto(OfEntity):
    """A fact that costs a whole assessment (一票否决)."""

    veto_id = text("否决编号", "id of the fact", needed=True)
    happened_on = calendar_day("发生日期", "when it happened", needed=True)
    rule_code = text(
        "否决条款",
        "exposure, sanction, quarrel, upheld_complaint … as the scheme says",
        needed=True,
    )
    finding_id = text("问题编号", "the same event as this finding")
    decided_by = text("认定单位", "who decided")
    decided_on = calendar_day("认定日期", "when it was decided")

    @dy.rule()
    def decided_before_it_happened(cls) -> pl.Expr:
        return (pl.col("decided_on") >= pl.col("happened_on")).fill_null(value=True)


# name -> schema, id, day, codes
CONDUCT_CONTRACTS: dict[str, tuple[type[Row], str, str, dict[str, tuple[str, ...]]]] = {
    "attendance": (
        Attendance,
        "attendance_id",
        "attended_on",
        {"shift": SHIFTS, "kind": KINDS, "leave_kind": LEAVES},
    ),
    "bonuses": (Bonus, "bonus_id", "given_on", {}),
    "votes": (Vote, "vote_id", "voted_on", {}),
    "vetoes": (Veto, "veto_id", "happened_on", {}),
}
