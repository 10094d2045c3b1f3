"""月评比: the score of a month from its items, who is ranked, and where."""

from tests.spec.paragraphs import Chapter, Text, city

HALVES = """
small = "ranked"
[[item]]
id = "timely"
metric = "on_time_rate"
weight = 60
mapping = [[0.8, 0], [1, 1]]
[[item]]
id = "rated"
metric = "active_good_rate"
weight = 40
mapping = [[0.8, 0], [1, 1]]
"""
STAFF = """
base = 100
entity = "staff"
[[item]]
id = "conduct"
kind = "deduct"
events = "findings"
rule = [{ code = "P1", points = "recorded" }]
"""
EFFICIENCY = """
base = 100
[[item]]
id = "faults"
kind = "deduct"
events = "findings"
rule = [{ code = "E1", points = "recorded" }]
"""

CHAPTER = Chapter(
    "monthly",
    Text("月评比", "Monthly ranking"),
    (
        city(
            Text("比率按公布的折线折算成分", "A rate becomes points by a published line"),
            Text(
                "80% 得零分，100% 得满分，其间直线；分数与别的窗口无关。",
                "80 % is nothing, 100 % is full, straight between; nobody else plays a part.",
            ),
            cases="""
              counter_id | closed_at  | promised_limit | times
              C01        | 2019-08-06 | 5              | 19
              C01        | 2019-08-20 | 5              | 1
            """,
            ratings="""
              counter_id | grade | times
              C01        | 5     | 9
              C01        | 1     | 1
            """,
            schemes={"by_lines": HALVES},
            expect="""
              counter | timely | rated | score
              C01     | 45     | 20    | 65.00
            """,
        ),
        city(
            Text("没有业务的项目，权重按比例分给其他项", "Without business the weight is spread"),
            Text(
                "没有办件的窗口只按评价计分，满分仍是 100。",
                "A counter without cases is scored on its ratings, still out of 100.",
            ),
            cases="""
              counter_id | closed_at  | promised_limit
              C02        | 2019-08-06 | 5
            """,
            ratings="""
              counter_id | grade | times
              C01        | 5     | 9
              C01        | 1     | 1
              C02        | 5     | 10
            """,
            schemes={"weight_spread": HALVES},
            expect="""
              counter | timely | rated | score
              C01     |        | 50    | 50.00
              C02     | 60     | 40    | 100.00
            """,
        ),
        city(
            Text("三个相等的权重，也要加满 100", "Three equal weights add up to 100 too"),
            Text(
                "分不尽的百分之一给排在前面的项目：33.34、33.33、33.33。",
                "The hundredth that is over goes to the first: 33.34, 33.33, 33.33.",
            ),
            cases="""
              counter_id | closed_at  | promised_limit
              C02        | 2019-08-06 | 5
            """,
            ratings="""
              counter_id | grade | times
              C01        | 5     | 10
            """,
            schemes={
                "thirds_spread": """
                small = "ranked"
                [[item]]
                id = "first_part"
                metric = "active_good_rate"
                weight = 20
                mapping = [[0, 0], [1, 1]]
                [[item]]
                id = "second_part"
                metric = "bad_rate"
                weight = 20
                mapping = [[0, 1], [1, 0]]
                [[item]]
                id = "third_part"
                metric = "good_rate"
                weight = 20
                mapping = [[0, 0], [1, 1]]
                [[item]]
                id = "timely"
                metric = "on_time_rate"
                weight = 40
                mapping = [[0, 0], [1, 1]]
                """
            },
            expect="""
              counter | first_part | second_part | third_part | score
              C01     | 33.34      | 33.33       | 33.33      | 100.00
            """,
        ),
        city(
            Text("百分之一分的一半，向上舍入", "Half a hundredth rounds up"),
            Text(
                "10 分的 0.25% 是 0.025 分，得 0.03 分，不受二进制小数影响。",
                "0.25 % of 10 points are 0.025, so 0.03, however binary writes it.",
            ),
            ratings="""
              counter_id | grade | times
              C01        | 2     | 1
              C01        | 5     | 399
            """,
            schemes={
                "half_up": """
                full = 10
                [[item]]
                id = "bad"
                metric = "bad_rate"
                weight = 10
                mapping = [[0, 0], [1, 1]]
                """
            },
            expect="""
              counter | bad  | score
              C01     | 0.03 | 0.03
            """,
        ),
        city(
            Text(
                "只对总分舍入时，列出一行“舍入”", "Where only the total is rounded, a line says so"
            ),
            Text(
                "两项各 33.3333 分，总分 66.6666，取整为 67，舍入 0.3334。",
                "Two items of 33.3333 are 66.6666; a whole number is 67, and 0.3334 is the rest.",
            ),
            ratings="""
              counter_id | grade | times
              C01        | 5     | 2
              C01        | 1     | 1
            """,
            schemes={
                "total_rounded": """
                small = "ranked"
                decimals = 0
                rounding = "total"
                [[item]]
                id = "good"
                metric = "active_good_rate"
                weight = 50
                mapping = [[0, 0], [1, 1]]
                [[item]]
                id = "not_bad"
                metric = "bad_rate"
                weight = 50
                mapping = [[0, 1], [1, 0]]
                """
            },
            expect="""
              counter | good    | not_bad | score
              C01     | 33.3333 | 33.3333 | 67
            """,
            lines="""
              counter | item    | line     | points
              C01     | good    | value    | 33.3333
              C01     | not_bad | value    | 33.3333
              C01     |         | rounding | 0.3334
            """,
        ),
        city(
            Text("并列就是并列", "A tie is a tie"),
            Text(
                "打印出来的分数相同，名次相同，其后空出名次：1、2、2、4。",
                "Equal printed scores share a rank and the next is left out: 1, 2, 2, 4.",
            ),
            inspections="""
              inspection_id
              P1
            """,
            findings="""
              counter_id | points
              C01        | 0
              C02        | 3
              C03        | 3
              C04        | 5
            """,
            schemes={"ties_shared": EFFICIENCY.replace('"E1"', '"A1"')},
            expect="""
              counter | score  | rank
              C01     | 100.00 | 1
              C02     | 97.00  | 2
              C03     | 97.00  | 2
              C04     | 95.00  | 4
            """,
        ),
        city(
            Text("基础分、加分封顶、扣分不封顶（WE-2）", "Base, capped bonus, no floor (WE-2)"),
            Text(
                "迟到两次 −2、缺签一次 −2、擅离岗 20 分钟 −3，加分 7 封顶 5：98 分；"
                "扣 130、加 3：−27 分。",
                "Late twice −2, a missing sign −2, away 20 minutes −3, a bonus of 7 capped at 5: "
                "98. Deductions of 130 and a bonus of 3: −27.",
            ),
            staff="""
              staff_id | counter_id
              S1       | C01
              S2       | C02
            """,
            attendance="""
              staff_id | counter_id | kind    | minutes | times
              S1       | C01        | present |         | 20
              S1       | C01        | late    | 8       | 2
              S1       | C01        | no_sign |         | 1
              S1       | C01        | away    | 20      | 1
              S2       | C02        | absent  |         | 26
            """,
            bonuses="""
              counter_id | points
              C01        | 7
              C02        | 3
            """,
            schemes={
                "we2": """
                base = 100
                bonus_cap = 5
                floor = "none"
                [[item]]
                id = "attendance"
                kind = "deduct"
                events = "attendance"
                [[item.rule]]
                code = "late"
                points = 1
                below_minutes = 11
                [[item.rule]]
                code = "no_sign"
                points = 2
                [[item.rule]]
                code = "away"
                points = 3
                min_minutes = 15
                [[item.rule]]
                code = "absent"
                points = 5
                [[item]]
                id = "bonus"
                kind = "bonus"
                rule = [{ code = "*", points = "recorded" }]
                """
            },
            expect="""
              counter | attendance | bonus | score
              C01     | -7         | 7     | 98.00
              C02     | -130       | 3     | -27.00
            """,
        ),
        city(
            Text("按权重合成（WE-3）", "A composite by weights (WE-3)"),
            Text(
                "窗口效能 96、窗口人员 92、值班长投票 88、服务对象投票 90："
                "28.8 + 27.6 + 17.6 + 18.0 = 92.0。",
                "Efficiency 96, staff 92, duty officers 88, clients 90: 28.8 + 27.6 + 17.6 + 18.0 "
                "= 92.0.",
            ),
            staff="""
              staff_id | counter_id
              S1       | C01
              S2       | C01
            """,
            inspections="""
              inspection_id
              P1
            """,
            findings="""
              counter_id | staff_id | rule_code | points
              C01        |          | E1        | 4
              C01        | S1       | P1        | 10
              C01        | S2       | P1        | 6
            """,
            votes="""
              counter_id | electorate    | score | ballots
              C01        | duty_officers | 88    | 3
              C01        | clients       | 85    | 10
              C01        | clients       | 95    | 10
            """,
            schemes={
                "we3": """
                [[item]]
                id = "efficiency"
                kind = "score"
                scheme = "we3_efficiency"
                weight = 30
                [[item]]
                id = "people"
                kind = "mean"
                of = "staff"
                scheme = "we3_staff"
                weight = 30
                [[item]]
                id = "duty_officers"
                kind = "vote"
                electorate = "duty_officers"
                weight = 20
                [[item]]
                id = "clients"
                kind = "vote"
                electorate = "clients"
                weight = 20
                """,
                "we3_efficiency": EFFICIENCY,
                "we3_staff": STAFF,
            },
            expect="""
              counter | efficiency | people | duty_officers | clients | score
              C01     | 28.8       | 27.6   | 17.6          | 18      | 92.00
            """,
        ),
        city(
            Text("满意度均值与同事、领导测评（WE-4）", "Mean of grades, peers, leaders (WE-4)"),
            Text(
                "60×10、30×8、8×6、2×4 的均值 8.96；同事 9.2；领导 8.8："
                "4.48 + 2.76 + 1.76 = 9.00。",
                "60×10, 30×8, 8×6 and 2×4 have the mean 8.96; peers 9.2; leaders 8.8: 4.48 + 2.76 "
                "+ 1.76 = 9.00.",
            ),
            staff="""
              staff_id | counter_id
              S1       | C01
            """,
            ratings="""
              counter_id | staff_id | grade | times
              C01        | S1       | 5     | 60
              C01        | S1       | 4     | 30
              C01        | S1       | 3     | 8
              C01        | S1       | 2     | 2
            """,
            votes="""
              counter_id | staff_id | electorate | score | scale
                         | S1       | peers      | 9.2   | 10
                         | S1       | leaders    | 8.8   | 10
            """,
            schemes={
                "we4": """
                entity = "staff"
                full = 10
                [[item]]
                id = "satisfaction"
                kind = "mean"
                of = "grades"
                full = 10
                grades = { 5 = 10, 4 = 8, 3 = 6, 2 = 4, 1 = 0 }
                weight = 5
                [[item]]
                id = "peers"
                kind = "vote"
                electorate = "peers"
                weight = 3
                [[item]]
                id = "leaders"
                kind = "vote"
                electorate = "leaders"
                weight = 2
                """
            },
            expect="""
              staff | satisfaction | peers | leaders | score
              S1    | 4.48         | 2.76  | 1.76    | 9.00
            """,
        ),
        city(
            Text(
                "窗口得分是人员均值；一次“不满意”即出局（WE-7）",
                "The mean of the staff; one bad key press and it is out (WE-7)",
            ),
            Text(
                "三人 92、88、96，窗口 92.0。另一窗口 97.0，有人按了“不满意”，另列，不排名。",
                "Three people with 92, 88 and 96: the counter has 92.0. Another has 97.0 and one "
                "bad rating: it is listed apart, whatever its score.",
            ),
            ratings="""
              counter_id | grade
              C01        | 5
              C02        | 5
              C02        | 2
            """,
            staff="""
              staff_id | counter_id
              S1       | C01
              S2       | C01
              S3       | C01
              S4       | C02
            """,
            inspections="""
              inspection_id
              P1
            """,
            findings="""
              counter_id | staff_id | rule_code | points
              C01        | S1       | P1        | 8
              C01        | S2       | P1        | 12
              C01        | S3       | P1        | 4
              C02        | S4       | P1        | 3
            """,
            schemes={
                "we7": """
                [[item]]
                id = "people"
                kind = "mean"
                of = "staff"
                scheme = "we7_staff"
                weight = 100
                [[veto]]
                id = "any_bad"
                label = { zh = "有不满意", en = "A bad rating" }
                source = "metric"
                metric = "bad_rate"
                scope = "month"
                effect = "apart"
                """,
                "we7_staff": STAFF,
            },
            expect="""
              counter | people | score | rank | veto
              C01     | 92     | 92.00 | 1    |
              C02     | 97     | 97.00 |      | any_bad
            """,
        ),
    ),
)
