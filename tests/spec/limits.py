"""时限: deadlines in working days, what is late, and what it costs."""

from tests.spec.paragraphs import Chapter, Text, city

LATE = """
base = 70
floor = "item"
[[item]]
id = "efficiency"
kind = "deduct"
events = "late_cases"
per = "workday"
weight = 30
rule = [{ code = "late", points = 2 }]
"""

CHAPTER = Chapter(
    "limits",
    Text("时限", "Time limits"),
    (
        city(
            Text(
                "9 月 25 日起五个工作日，是 10 月 8 日",
                "Five working days from 25 September are 8 October",
            ),
            Text(
                "9 月 29 日（周日）调休上班，10 月 1 日至 7 日放假；收件当日不计。",
                "Sunday the 29th is worked, 1 to 7 October are off; the day of receipt is out.",
            ),
            cases="""
              case_id | received_at | promised_limit | promised_unit
              K1      | 2019-09-25  | 5              | workday
              K2      | 2019-09-25  | 5              | day
            """,
            period="2019-10",
            as_of="2019-10-31",
            expect="""
              case | deadline   | on_time | estimated
              K1   | 2019-10-08 |         | no
              K2   | 2019-09-30 |         | no
            """,
        ),
        city(
            Text("超期按工作日扣分（WE-5）", "Points for each working day overdue (WE-5)"),
            Text(
                "期限 10 月 8 日，10 月 10 日办结，超期两个工作日，每日 2 分，扣 4 分。"
                "只按周一至周五计算的日历会得出期限 10 月 2 日、超期 6 日、扣 12 分。",
                "Due on 8 October and closed on the 10th: two working days at 2 points are −4. A "
                "Monday-to-Friday calendar would say due on 2 October, six days late, −12.",
            ),
            cases="""
              case_id | received_at | closed_at  | promised_limit
              K1      | 2019-09-25  | 2019-10-10 | 5
            """,
            period="2019-10",
            as_of="2019-10-31",
            schemes={"we5": LATE},
            expect="""
              counter | efficiency | score
              C01     | 26         | 96.00
            """,
            lines="""
              counter | item       | line  | points
              C01     |            | base  | 70
              C01     | efficiency | full  | 30
              C01     | efficiency | event | -4
            """,
        ),
        city(
            Text("最后一天还在期限之内", "The last day is still in time"),
            Text(
                "期限当日办结为按时，次日办结为超期。",
                "Closed on the day of the deadline is on time; on the next day it is late.",
            ),
            cases="""
              case_id | received_at | closed_at        | promised_limit
              K1      | 2019-08-05  | 2019-08-12 16:59 | 5
              K2      | 2019-08-05  | 2019-08-13 09:01 | 5
            """,
            expect="""
              case | deadline   | on_time | estimated
              K1   | 2019-08-12 | yes     | no
              K2   | 2019-08-12 | no      | no
            """,
        ),
        city(
            Text("未到期的在办件不降低按时率", "Open and not yet due lowers nothing"),
            Text(
                "按时办结率只看已办结的；含在办口径只加上已经超期的。",
                "The on-time rate looks at closed cases; with the open ones only those overdue are "
                "added.",
            ),
            cases="""
              case_id | received_at | closed_at  | promised_limit
              K1      | 2019-08-05  | 2019-08-07 | 5
              K2      | 2019-08-05  |            | 5
              K3      | 2019-08-30  |            | 20
            """,
            as_of="2019-08-31",
            expect="""
              counter | metric                 | n | d | value
              C01     | on_time_rate           | 1 | 1 | 1
              C01     | on_time_rate_incl_open | 1 | 2 | 0.5
            """,
        ),
        city(
            Text("没有日历的年份：期限为推算", "A year without a calendar: an estimate"),
            Text(
                "放假通知未发布的年份按周一至周五推算，标明“推算”，不中断计算。",
                "Where holidays are not announced Monday to Friday count, the deadline is marked "
                "estimated, and nothing stops.",
            ),
            cases="""
              case_id | received_at | promised_limit
              K1      | 2026-12-28  | 10
            """,
            period="2027-01",
            as_of="2027-01-31",
            expect="""
              case | deadline   | on_time | estimated
              K1   | 2027-01-11 |         | yes
            """,
        ),
        city(
            Text("项目扣完为止", "An item cannot go below nothing"),
            Text(
                "每项下限为零时，超出的扣分由一行“保底”补回。",
                "Where the floor is the item's, a line gives back what is below zero.",
            ),
            cases="""
              case_id | received_at | closed_at  | promised_limit
              K1      | 2019-08-01  | 2019-08-29 | 1
            """,
            schemes={"floor_of_item": LATE},
            expect="""
              counter | efficiency | score
              C01     | 0          | 70.00
            """,
            lines="""
              counter | item       | line  | points
              C01     |            | base  | 70
              C01     | efficiency | full  | 30
              C01     | efficiency | event | -38
              C01     | efficiency | floor | 8
            """,
        ),
    ),
)
