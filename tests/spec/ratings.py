"""评价: what of a city's ratings counts, and into which rate."""

from tests.spec import loop
from tests.spec.paragraphs import Chapter, Text, city

CHAPTER = Chapter(
    "ratings",
    Text("评价", "Ratings"),
    (
        city(
            Text("默认评价不计入好评", "Default ratings are not praise"),
            Text(
                "只有群众自己按下的评价进入主动评价各率；系统默认的一行不动分子也不动分母。",
                "Only a citizen's own key press enters the active rates; a default row moves "
                "neither n nor d.",
            ),
            ratings="""
              counter_id | grade | origin
              C01        | 5     | active
              C01        | 2     | active
              C01        | 3     | default
            """,
            metric="bad_rate",
            expect="""
              counter | n | d | value
              C01     | 1 | 2 | 0.5
            """,
        ),
        city(
            Text("同一批数据，两种口径（WE-1）", "The same rows, told in two ways (WE-1)"),
            Text(
                "含默认评价时好评率升高，而满意度加权分降低；每个数都要写明口径。",
                "With default ratings the good rate rises and the weighted score falls; each "
                "number says which variant it is.",
            ),
            tickets="""
              counter_id | times
              C01        | 1000
            """,
            ratings="""
              counter_id | grade | origin  | times
              C01        | 5     | active  | 500
              C01        | 4     | active  | 150
              C01        | 3     | active  | 40
              C01        | 2     | active  | 7
              C01        | 1     | active  | 3
              C01        | 3     | default | 120
            """,
            expect="""
              counter | metric                     | n     | d    | value
              C01     | response_rate              | 700   | 1000 | 0.7
              C01     | response_rate_incl_default | 820   | 1000 | 0.82
              C01     | unrated_rate               | 300   | 1000 | 0.3
              C01     | unrated_rate_excl_default  | 180   | 1000 | 0.18
              C01     | active_good_rate           | 690   | 700  | 0.9857
              C01     | good_rate                  | 810   | 820  | 0.9878
              C01     | bad_rate                   | 10    | 700  | 0.0143
              C01     | bad_rate_incl_default      | 10    | 820  | 0.0122
              C01     | active_satisfaction        | 64610 | 700  | 92.30
              C01     | satisfaction_incl_default  | 71810 | 820  | 87.57
            """,
        ),
        city(
            Text("一次一评：先评的算，追评不算", "One service, one rating: the first counts"),
            Text(
                "同一办件的第二次评价只用于衡量整改，不再进入评价各率。",
                "The second rating of a case measures its rectification; it enters no rate again.",
            ),
            ratings="""
              counter_id | case_id | rated_at         | grade
              C01        | K1      | 2019-08-14 10:00 | 1
              C01        | K1      | 2019-08-20 10:00 | 5
              C01        | K2      | 2019-08-14 11:00 | 4
            """,
            metric="bad_rate",
            expect="""
              counter | n | d | value
              C01     | 1 | 2 | 0.5
            """,
        ),
        city(
            Text("先求和，后相除", "Sum first, divide last"),
            Text(
                "一天 1/1、另一天 0/3，合计是 1/4，而不是两天比率的平均 1/2。",
                "1/1 on one day and 0/3 on another are 1/4, never the mean of two rates, 1/2.",
            ),
            ratings="""
              counter_id | rated_at   | grade | times
              C01        | 2019-08-14 | 2     | 1
              C01        | 2019-08-15 | 5     | 3
            """,
            metric="bad_rate",
            expect="""
              counter | n | d | value
              C01     | 1 | 4 | 0.25
            """,
        ),
        city(
            Text("七天之内还会有评价的服务，暂不计入", "A service of the last seven days waits"),
            Text(
                "默认评价在七天后产生；未到期的服务不进分子也不进分母。",
                "Default ratings come after seven days; a service that is not that old is outside "
                "n and d.",
            ),
            ratings="""
              counter_id | rated_at   | grade
              C01        | 2019-08-14 | 5
              C01        | 2019-08-27 | 1
            """,
            as_of="2019-08-31",
            metric="bad_rate",
            expect="""
              counter | n | d | value
              C01     | 0 | 1 | 0
            """,
        ),
        city(
            Text("每一个差评扣分，与比率无关", "Each bad rating costs, whatever the rate"),
            Text(
                "按件扣分的项目只看事实；“不满意”扣 1 分，“非常不满意”扣 2 分。",
                "An item of events looks at facts alone: 1 point for a 2, 2 points for a 1.",
            ),
            ratings="""
              counter_id | grade | origin  | times
              C01        | 5     | active  | 40
              C01        | 2     | active  | 2
              C01        | 1     | active  | 1
              C02        | 5     | active  | 4
              C02        | 3     | default | 9
            """,
            schemes={
                "bad_ones": """
                base = 100
                [[item]]
                kind = "deduct"
                events = "bad_ratings"
                rule = [{ code = "2", points = 1 }, { code = "1", points = 2 }]
                """
            },
            expect="""
              counter | deduct | score
              C01     | -4     | 96.00
              C02     | 0      | 100.00
            """,
        ),
        *loop.PARAGRAPHS,
    ),
)
