"""缺数: no business, not reported, too little, and what a score makes of each."""

from tests.spec.paragraphs import Chapter, Text, city

BOTH = """
small = "ranked"
{policy}
[[item]]
id = "timely"
metric = "on_time_rate"
weight = 60
mapping = [[0, 0], [1, 1]]
[[item]]
id = "rated"
metric = "active_good_rate"
weight = 40
mapping = [[0, 0], [1, 1]]
"""
RATED = """
  counter_id | grade | times
  C01        | 5     | 4
  C01        | 1     | 1
  C02        | 5     | 5
"""
CASES = """
  counter_id | closed_at  | promised_limit
  C02        | 2019-08-06 | 5
"""


def policy(text: str) -> str:
    return BOTH.replace("{policy}", text)


CHAPTER = Chapter(
    "absence",
    Text("缺数", "What is not there"),
    (
        city(
            Text("没有业务不是零", "No business is not zero"),
            Text(
                "办件已报送而本窗口没有办件：打印“/”，不是 0%，也不是 100%。",
                "Cases were delivered and this counter had none: printed “/”, not 0 %, not 100 %.",
            ),
            cases=CASES,
            ratings=RATED,
            metric="on_time_rate",
            expect="""
              counter | value | state
              C01     |       | none
            """,
        ),
        city(
            Text("没有报送不是没有业务", "Not reported is not without business"),
            Text(
                "办件日志从未报送：打印“—”，欠报单位另列。",
                "The log of cases never came: printed “—”, and who owes it is listed.",
            ),
            ratings=RATED,
            alone=True,
            metric="on_time_rate",
            expect="""
              counter | value | state
              C01     |       | missing
              C02     |       | missing
            """,
        ),
        city(
            Text("样本太少照样有数", "Too few still have a value"),
            Text(
                "少于最低样本的比率有值，标“样本不足”，不参加排名。",
                "A rate below the least base has a value, is marked, and is not ranked.",
            ),
            ratings=RATED,
            metric="active_good_rate",
            expect="""
              counter | n | d | value | state
              C01     | 4 | 5 | 0.8   | few
            """,
        ),
        city(
            Text("样本太少的窗口不排名", "Who has too little is not ranked"),
            Text(
                "方案的最低样本为 5：四件评价的窗口没有得分。",
                "The scheme asks for a base of 5: a counter with four ratings has no score.",
            ),
            ratings="""
              counter_id | grade | times
              C01        | 5     | 4
              C02        | 5     | 30
            """,
            schemes={
                "least_base": """
                min_n = 5
                [[item]]
                id = "rated"
                metric = "active_good_rate"
                weight = 100
                mapping = [[0, 0], [1, 1]]
                """
            },
            expect="""
              counter | score  | state  | rank
              C01     |        | few    |
              C02     | 100.00 | number | 1
            """,
        ),
        city(
            Text("无业务的项目：权重分给其他项", "No business: the weight is spread"),
            Text("默认规则。", "As schemes do unless they say otherwise."),
            cases=CASES,
            ratings=RATED,
            schemes={"none_spread": policy('none = "spread"')},
            expect="""
              counter | timely | rated | score
              C01     |        | 80    | 80.00
            """,
        ),
        city(
            Text("无业务的项目：得满分", "No business: full points"),
            Text("有的办法这样写。", "Some schemes say so."),
            cases=CASES,
            ratings=RATED,
            schemes={"none_full": policy('none = "full"')},
            expect="""
              counter | timely | rated | score
              C01     | 60     | 32    | 92.00
            """,
        ),
        city(
            Text("无业务的项目：得零分", "No business: nothing"),
            Text(
                "有的通报这样做：没有可评办件的单位“各项指标均未得分”。",
                "A real bulletin does so: who had no case to rate “scored on no index”.",
            ),
            cases=CASES,
            ratings=RATED,
            schemes={"none_zero": policy('none = "zero"')},
            expect="""
              counter | timely | rated | score
              C01     | 0      | 32    | 32.00
            """,
        ),
        city(
            Text("未报送的项目：暂不评分", "Not reported: withheld"),
            Text(
                "默认规则：不报送不得利，补报后再评。",
                "As schemes do unless they say otherwise: silence does not pay.",
            ),
            ratings=RATED,
            alone=True,
            schemes={"missing_withheld": policy("")},
            expect="""
              counter | score | state
              C01     |       | missing
              C02     |       | missing
            """,
        ),
        city(
            Text("等待来源的项目永远是缺数", "An item that awaits its source is missing"),
            Text(
                "尚未接入的来源不估计、不补满；方案规定分摊时按其余项目评分。",
                "A source that is not taken in is neither estimated nor made full; where the "
                "scheme spreads, the others count.",
            ),
            ratings=RATED,
            schemes={
                "awaits": """
                small = "ranked"
                missing = "spread"
                [[item]]
                id = "rated"
                metric = "active_good_rate"
                weight = 40
                mapping = [[0, 0], [1, 1]]
                [[item]]
                id = "hotline"
                kind = "awaited"
                label = { zh = "热线工单", en = "Hotline orders" }
                awaits = "hotline orders"
                weight = 60
                """
            },
            expect="""
              counter | rated | hotline | score
              C01     | 80    |         | 80.00
            """,
        ),
    ),
)
