"""差评闭环: decisions on ratings, and what of the redress of bad ones counts when."""

from tests.spec.paragraphs import Text, city

RATED = """
  rating_id | counter_id | rated_at         | grade
  R1        | C01        | 2019-08-05 10:00 | 1
  R2        | C01        | 2019-08-06 10:00 | 2
  R3        | C01        | 2019-08-28 10:00 | 1
  R4        | C02        | 2019-08-05 10:00 | 5
"""
REDRESS = """
  rectification_id | rating_id | opened_at        | rectified_at     | replied_at
  Z1               | R1        | 2019-08-05 10:00 | 2019-08-10 10:00 | 2019-08-11 10:00
"""

PARAGRAPHS = (
    city(
        Text("恶意差评须有认定，认定后不计", "A malicious rating is decided out, then it is out"),
        Text(
            "认定写明理由和认定人；原始行保留，各率不再计入。",
            "The decision has grounds and a name; the row stays, the rates are without it.",
        ),
        ratings="""
          rating_id | counter_id | grade
          R1        | C01        | 1
          R2        | C01        | 2
          R3        | C01        | 5
        """,
        voids="""
          rating_id | void_reason
          R1        | malicious
        """,
        metric="bad_rate",
        expect="""
          counter | n | d | value
          C01     | 1 | 2 | 0.5
        """,
    ),
    city(
        Text("未到期的整改不降低整改率", "Redress that is not due lowers nothing"),
        Text(
            "期限 15 日：8 月 5 日的已整改，6 日的已逾期，28 日的未到期，不在分母。"
            "没有差评的窗口没有整改率，不是满分也不是零分。",
            "Fifteen days: the one of 5 August is put right, that of the 6th is overdue, that of "
            "the 28th is not due and outside d. Without a bad rating there is no rate.",
        ),
        ratings=RATED,
        rectifications=REDRESS,
        as_of="2019-08-31",
        expect="""
          counter | metric                     | n | d | value | state
          C01     | rectification_rate         | 1 | 2 | 0.5   | few
          C01     | on_time_rectification_rate | 1 | 2 | 0.5   | few
          C02     | rectification_rate         | 0 | 0 |       | none
        """,
    ),
)
