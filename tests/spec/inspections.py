"""巡查: rounds, findings, and what they cost."""

from tests.spec import exemptions
from tests.spec.paragraphs import Chapter, Text, city

PER_EVENT = """
base = 70
missing = "spread"
[[item]]
id = "checks"
kind = "deduct"
events = "findings"
weight = 30
rule = [{ code = "*", points = "recorded" }]
"""
PER_ROUND = PER_EVENT.replace('"findings"\n', '"findings"\nper = "round"\nrounds = 4\n')
ROUNDS = """
  inspection_id | started_at       | counters
  P1            | 2019-08-05 10:00 | C01;C02
  P2            | 2019-08-12 10:00 | C01;C02
  P3            | 2019-08-19 10:00 | C01
  P4            | 2019-08-26 10:00 | C01
"""
FAULTS = """
  counter_id | found_at         | points
  C01        | 2019-08-05 10:00 | 1
  C01        | 2019-08-12 10:00 | 1
  C01        | 2019-08-19 10:00 | 1
  C01        | 2019-08-26 10:00 | 1
  C02        | 2019-08-05 10:00 | 1
  C02        | 2019-08-12 10:00 | 1
"""

CHAPTER = Chapter(
    "inspections",
    Text("巡查", "Inspections"),
    (
        city(
            Text("按次扣分：查得多，扣得多", "Per event: who is inspected more often loses more"),
            Text(
                "四轮四个问题扣 4 分，两轮两个问题扣 2 分。",
                "Four rounds with a fault each cost 4, two rounds with a fault each cost 2.",
            ),
            inspections=ROUNDS,
            findings=FAULTS,
            schemes={"per_event": PER_EVENT},
            expect="""
              counter | checks | score
              C01     | 26     | 96.00
              C02     | 28     | 98.00
            """,
        ),
        city(
            Text("按轮扣分：每轮问题相同，扣分相同", "Per round: the same faults cost the same"),
            Text(
                "扣分总和除以覆盖本窗口的轮次，再乘以方案规定的四轮。",
                "All points over the rounds that covered it, times the four of the scheme.",
            ),
            inspections=ROUNDS,
            findings=FAULTS,
            schemes={"per_round": PER_ROUND},
            expect="""
              counter | checks | score
              C01     | 26     | 96.00
              C02     | 26     | 96.00
            """,
        ),
        city(
            Text("本期没有巡查，是缺数，不是满分", "No round is missing, not full marks"),
            Text(
                "没有被巡查的窗口，本项不计；整个方案只靠巡查时，不排名。",
                "A counter that nobody inspected has no value here; a scheme of inspections "
                "alone does not rank it.",
            ),
            inspections="""
              inspection_id | counters
              P1            | C01
            """,
            counters="""
              counter_id
              C01
              C02
            """,
            findings="""
              counter_id | points
              C01        | 2.5
            """,
            schemes={"no_round": PER_EVENT},
            expect="""
              counter | score | state
              C01     | 97.50 | number
              C02     |       | missing
            """,
        ),
        city(
            Text("巡查过、没有问题，才是满分", "A clean round is full marks"),
            Text(
                "有轮次而没有问题，本项满分。",
                "A round without a finding leaves the item whole.",
            ),
            inspections="""
              inspection_id | counters
              P1            | C01
            """,
            counters="""
              counter_id
              C01
            """,
            schemes={"clean_round": PER_EVENT},
            expect="""
              counter | checks | score
              C01     | 30     | 100.00
            """,
        ),
        city(
            Text("每轮扣分只舍入一次", "What is divided by rounds is rounded once"),
            Text(
                "1 分除以三轮再乘四轮是 1.3333…，本项得 28.67，不经过中间舍入。",
                "1 point over three rounds times four is 1.3333…; the item is 28.67, and nothing "
                "is rounded on the way.",
            ),
            inspections="""
              inspection_id | started_at | counters
              P1            | 2019-08-05 | C01
              P2            | 2019-08-06 | C01
              P3            | 2019-08-07 | C01
            """,
            findings="""
              counter_id | points
              C01        | 1
            """,
            schemes={"thirds": PER_ROUND},
            expect="""
              counter | checks | score
              C01     | 28.67  | 98.67
            """,
        ),
        city(
            Text("封顶：一项最多扣这么多", "A cap: an item takes no more than this"),
            Text(
                "超出封顶的部分由一行补回；每一条问题仍然列出。",
                "A line gives back what is above the cap; each finding stays listed.",
            ),
            inspections="""
              inspection_id | counters
              P1            | C01
            """,
            findings="""
              finding_id | counter_id | points
              F1         | C01        | 8
              F2         | C01        | 7
            """,
            schemes={"capped": PER_EVENT.replace("weight", "cap = 10\nweight")},
            expect="""
              counter | checks | score
              C01     | 20     | 90.00
            """,
            lines="""
              counter | item   | line  | points
              C01     |        | base  | 70
              C01     | checks | full  | 30
              C01     | checks | event | -8
              C01     | checks | event | -7
              C01     | checks | cap   | 5
            """,
        ),
        city(
            Text(
                "一次曝光，窗口扣 15，首席代表扣 7.5（WE-6）",
                "One exposure: the counter loses 15, its chief 7.5 (WE-6)",
            ),
            Text(
                "每一笔扣分同时落在窗口和首席代表身上，首席代表按一半计算。",
                "Every deduction hits the counter and, by half, its chief representative.",
            ),
            staff="""
              staff_id | counter_id | chief
              S1       | C01        | true
              S2       | C02        | true
            """,
            inspections="""
              inspection_id
              P1
            """,
            findings="""
              counter_id | rule_code | points
              C01        | exposure  | 15
            """,
            schemes={
                "we6": """
                base = 100
                dual = { entity = "chief", ratio = "1/2" }
                [[item]]
                id = "conduct"
                kind = "deduct"
                events = "findings"
                rule = [{ code = "exposure", points = 15 }, { code = "*", points = "recorded" }]
                """
            },
            expect="""
              counter | conduct | score
              C01     | -15     | 85.00
              C02     | 0       | 100.00
            """,
            chiefs="""
              chief | conduct | score
              S1    | -7.5    | 92.50
              S2    | 0       | 100.00
            """,
        ),
        *exemptions.PARAGRAPHS,
    ),
)
