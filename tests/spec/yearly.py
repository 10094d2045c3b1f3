"""年汇总: what the months of a year make, and what a veto takes for the rest of it."""

from tests.spec.paragraphs import Chapter, Text, city

BASE = """
base = 100
floor = "none"
{more}
[[item]]
id = "checks"
kind = "deduct"
events = "findings"
rule = [{ code = "*", points = "recorded" }]
"""
ROUNDS = """
  inspection_id | started_at | counters
  P1            | 2019-07-10 | C01;C02
  P2            | 2019-08-10 | C01;C02
  P3            | 2019-09-10 | C01
"""
FAULTS = """
  counter_id | found_at   | points
  C01        | 2019-07-10 | 4
  C02        | 2019-07-10 | 1
  C01        | 2019-08-10 | 2
  C02        | 2019-08-10 | 2
  C01        | 2019-09-10 | 1.01
"""


def rolled(text: str) -> str:
    return BASE.replace("{more}\n", "") + text


CHAPTER = Chapter(
    "yearly",
    Text("年汇总", "The year"),
    (
        city(
            Text(
                "没有写明时，取有效月份的均值", "Unless it says otherwise: the mean of valid months"
            ),
            Text(
                "只除以有得分的月份；三个月合计 292.99，先加后除，只舍入一次。",
                "Divided by the months that have a score; added first, divided last, rounded once.",
            ),
            inspections=ROUNDS,
            findings=FAULTS,
            schemes={"year_plain": rolled("")},
            period="2019",
            as_of="2019-12-31",
            expect="""
              counter | m07   | m08   | m09   | scored | rolled | rank
              C01     | 96.00 | 98.00 | 98.99 | 3      | 97.66  | 2
              C02     | 99.00 | 98.00 |       | 2      | 98.50  | 1
            """,
        ),
        city(
            Text("有效月份不足的不排名", "Too few months, no place"),
            Text(
                "方案要求至少三个有效月份。",
                "The scheme asks for three scored months at least.",
            ),
            inspections=ROUNDS,
            findings=FAULTS,
            schemes={
                "year_least": rolled(
                    """
                    [[rollup]]
                    to = "year"
                    of = "month"
                    rule = "mean"
                    least = 3
                    """
                )
            },
            period="2019",
            as_of="2019-12-31",
            expect="""
              counter | scored | rolled | state  | rank
              C01     | 3      | 97.66  | number | 1
              C02     | 2      |        | few    |
            """,
        ),
        city(
            Text("累计计分，不满期的按比例折算", "A sum, scaled for who was there in part"),
            Text(
                "两个月的合计乘以三个月、除以两个月。",
                "The sum of two months times three, over two.",
            ),
            inspections=ROUNDS,
            findings=FAULTS,
            schemes={
                "year_sum": rolled(
                    """
                    [[rollup]]
                    to = "year"
                    of = "month"
                    rule = "sum"
                    part = "scaled"
                    """
                )
            },
            period="2019",
            as_of="2019-12-31",
            expect="""
              counter | scored | rolled | rank
              C01     | 3      | 292.99 | 2
              C02     | 2      | 295.50 | 1
            """,
        ),
        city(
            Text("办法在八月改了：每个月按当月的版本", "A scheme that changes in August"),
            Text(
                "七月按旧版记录扣分，八月起每个问题扣 5 分；全年是各月之均值。",
                "July by the old version, as recorded; from August each finding costs 5; the year "
                "is the mean of the months.",
            ),
            inspections=ROUNDS,
            findings=FAULTS,
            schemes={
                "year_two": "valid_to = 2019-08-01\n" + rolled(""),
                "year_two_next": 'id = "year_two"\nvalid_from = 2019-08-01\nversion = "2"\n'
                + rolled("").replace('"recorded"', "5"),
            },
            period="2019",
            as_of="2019-12-31",
            expect="""
              counter | m07   | m08   | m09   | rolled
              C01     | 96.00 | 95.00 | 95.00 | 95.33
              C02     | 99.00 | 95.00 |       | 97.00
            """,
        ),
        city(
            Text(
                "一次曝光，全年评优作废（WE-6）",
                "One exposure voids the awards of the year (WE-6)",
            ),
            Text(
                "七月被曝光的窗口八月排第一，窗口和首席代表仍然不评优，由下一名递补。",
                "Exposed in July, the counter is first in August: neither it nor its chief is "
                "given an award, the next one moves up.",
            ),
            alone=True,
            staff="""
              staff_id | counter_id | chief
              S1       | C01        | true
              S2       | C02        | true
              S3       | C03        | true
            """,
            inspections="""
              inspection_id | started_at
              P1            | 2019-07-10
              P2            | 2019-08-10
            """,
            findings="""
              counter_id | found_at   | rule_code | points
              C01        | 2019-07-10 | exposure  | 15
              C02        | 2019-08-10 | A1        | 2
              C03        | 2019-08-10 | A1        | 3
            """,
            schemes={
                "we6_year": """
                base = 100
                dual = { entity = "chief", ratio = "1/2" }
                [[item]]
                id = "conduct"
                kind = "deduct"
                events = "findings"
                rule = [{ code = "exposure", points = 15 }, { code = "*", points = "recorded" }]
                [[veto]]
                id = "exposed"
                label = { zh = "曝光", en = "Exposed" }
                source = "findings"
                code = "exposure"
                scope = "year"
                effect = "no_award"
                [[award]]
                id = "red_flag"
                label = { zh = "红旗窗口", en = "Red flag" }
                period = "month"
                count = 1
                """
            },
            expect="""
              counter | score  | rank | veto
              C01     | 100.00 | 1    | exposed
              C02     | 98.00  | 2    |
              C03     | 97.00  | 3    |
            """,
            chiefs="""
              chief | score
              S1    | 100.00
              S2    | 99.00
              S3    | 98.50
            """,
            titles="""
              award    | counter
              red_flag | C02
            """,
            chief_titles="""
              award    | chief
              red_flag | S2
            """,
        ),
    ),
)
