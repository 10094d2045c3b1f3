"""What can be said of the ten county halls of the simulated city, as a table for the docs.

    python -m hallscore --home var demo && python benchmarks/ten_halls.py --home var

Prints markdown: per rate and period how many of the 45 pairs are told apart, how many halls may be
first, and how wide a rank set is on average.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

METRICS = ("bad_rate", "on_time_rate", "wait_within_15_rate", "response_rate", "reply_rate")
PERIODS = ("2019-08", "2019-Q3", "2019")


def table(home: Path) -> list[str]:
    """The lines of the table."""
    from metrics.fairness.small_frame import small_frame
    from metrics.periods import parse_period
    from metrics.scope import scope_for

    scope = scope_for(home, None)
    lines = [
        "| rate | period | median d | day correlation | told apart | may be first | mean width |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in METRICS:
        for period in PERIODS:
            told = small_frame(home, name, parse_period(period), "hall", scope, "county")
            ranked = told.units.drop_nulls("rank")
            width = (ranked["rank_high"] - ranked["rank_low"] + 1).mean()
            first = ranked.filter(ranked["rank_low"] == 1).height
            cells = [name, period, f"{ranked['d'].median():,.0f}", f"{told.rho:.4f}"]
            cells += [f"{told.told_apart} of {told.pairs}", str(first), f"{width:.1f}"]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("var"))
    print("\n".join(table(parser.parse_args().home)))
