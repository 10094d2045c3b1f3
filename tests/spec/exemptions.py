"""豁免: what a power cut or a failure of a system lifts, and nothing else."""

from tests.spec.paragraphs import Text, city

PARAGRAPHS = (
    city(
        Text("半天豁免，只免这半天的项目", "Half a day is lifted, and only its items"),
        Text(
            "停电半天内的问题列出而不计分，停电之前和之后的照常。",
            "Findings of the half day without power are listed and cost nothing; "
            "what came before and after counts.",
        ),
        inspections="""
          inspection_id | started_at
          P1            | 2019-08-14 09:00
        """,
        findings="""
          counter_id | found_at         | points
          C01        | 2019-08-14 11:59 | 1
          C01        | 2019-08-14 12:00 | 2
          C01        | 2019-08-14 17:59 | 4
          C01        | 2019-08-14 18:00 | 0.5
        """,
        exemptions="""
          starts_at        | ends_at          | cause
          2019-08-14 12:00 | 2019-08-14 18:00 | power_cut
        """,
        schemes={
            "half_day": """
            base = 100
            [[item]]
            id = "checks"
            kind = "deduct"
            events = "findings"
            rule = [{ code = "*", points = "recorded" }]
            """
        },
        expect="""
          counter | checks | score
          C01     | -1.5   | 98.50
        """,
        lines="""
          counter | item   | line   | points
          C01     |        | base   | 100
          C01     | checks | event  | -1
          C01     | checks | event  | -0.5
          C01     | checks | exempt | 0
          C01     | checks | exempt | 0
        """,
    ),
)
