"""Random small logs as cells of files, and random valid schemes over them as text."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from tests.spec.paragraphs import Paragraph, Table, Text

COUNTERS = ("C1", "C2", "C3", "C4")
HALLS = {"C1": "H1", "C2": "H1", "C3": "H2", "C4": "H2", "Z1": "Z"}
START = datetime(2019, 7, 25, 9)
AT = st.integers(0, 44 * 8).map(lambda hours: START + timedelta(hours=3 * hours))
LONG_AFTER = "2019-10-31"
QUARTERS = st.integers(0, 20).map(lambda one: one / 4)
LOGS = ("ratings", "cases", "inspections", "findings")
DAY_OF = {"findings": "found_at", "cases": "closed_at", "ratings": "rated_at"}


def written(moment: datetime | None) -> str:
    return "" if moment is None else str(moment)


@st.composite
def logs(draw: st.DrawFn, counters: tuple[str, ...] = COUNTERS) -> dict[str, list[dict[str, str]]]:
    """Rows of four logs, as cells; the ends of the span are there, so that each log reports."""
    found: dict[str, list[dict[str, str]]] = {name: [] for name in LOGS}
    who = st.sampled_from(counters)
    mark = counters[0]
    for at in range(draw(st.integers(0, 12))):
        found["ratings"].append(
            {
                "rating_id": f"{mark}R{at}",
                "case_id": f"{mark}K{draw(st.integers(0, 9))}",
                "counter_id": draw(who),
                "rated_at": written(draw(AT)),
                "grade": str(draw(st.sampled_from([1, 2, 3, 5, 5]))),
                "origin": draw(st.sampled_from(["active", "active", "default"])),
            }
        )
    for at in range(draw(st.integers(0, 10))):
        received = draw(AT)
        spell = draw(st.none() | st.integers(0, 20 * 8))
        closed = None if spell is None else received + timedelta(hours=3 * spell)
        found["cases"].append(
            {
                "case_id": f"{mark}A{at}",
                "counter_id": draw(who),
                "received_at": written(received),
                "closed_at": written(closed),
                "promised_limit": str(draw(st.integers(1, 9))),
                "promised_unit": draw(st.sampled_from(["workday", "day"])),
            }
        )
    for at in range(draw(st.integers(0, 5))):
        named = draw(st.lists(who, min_size=1, max_size=3, unique=True))
        hall = HALLS[named[0]]
        covered = [one for one in named if HALLS[one] == hall]
        found["inspections"].append(
            {
                "inspection_id": f"{mark}P{at}",
                "hall_id": hall,
                "started_at": written(draw(AT)),
                "counters": draw(st.sampled_from(["all", ";".join(covered)])),
            }
        )
    for at in range(draw(st.integers(0, 8))):
        found["findings"].append(
            {
                "finding_id": f"{mark}F{at}",
                "counter_id": draw(who),
                "found_at": written(draw(AT)),
                "rule_code": draw(st.sampled_from(["A1", "B1", "X9"])),
                "points": str(draw(st.integers(0, 400)) / 100),
            }
        )
    return found


def at_both_ends() -> dict[str, list[dict[str, str]]]:
    """Rows outside the month at either end, so that every log reports on all of it."""
    ends = [written(START), written(START + timedelta(days=44))]
    kept = {"promised_limit": "30", "promised_unit": "day", "closed_at": ""}
    return {
        "ratings": [
            {"rating_id": f"E{at}", "case_id": f"E{at}", "counter_id": "C1", "rated_at": end}
            | {"grade": "5", "origin": "active"}
            for at, end in enumerate(ends * 8)
        ],
        "cases": [
            {"case_id": f"E{at}", "counter_id": "C1", "received_at": end} | kept
            for at, end in enumerate(ends)
        ],
        "inspections": [
            {"inspection_id": f"E{at}", "hall_id": "H1", "started_at": end, "counters": "C1"}
            for at, end in enumerate(ends)
        ],
        "findings": [
            {"finding_id": f"E{at}", "counter_id": "C1", "found_at": end}
            | {"rule_code": "A1", "points": "1"}
            for at, end in enumerate(ends)
        ],
    }


RATES = ("active_good_rate", "bad_rate", "on_time_rate", "points_per_round")
ITEM = "[[item]]\nid = {id!r}\nweight = {weight}\n"


@st.composite
def items(draw: st.DrawFn) -> tuple[list[str], int]:
    """Items as TOML, no event taken by two of them, and the sum of their weights."""
    found, whole = [], 0
    for at, name in enumerate(draw(st.lists(st.sampled_from(RATES), max_size=3, unique=True))):
        weight = draw(st.integers(1, 40))
        ends = sorted(draw(st.lists(st.integers(0, 100), min_size=2, max_size=2, unique=True)))
        pairs = [[end / 100, draw(st.integers(0, 100)) / 100] for end in ends]
        text = ITEM.format(id=f"rate_{at}", weight=weight)
        found.append(text + f'metric = "{name}"\nmapping = {pairs}\n')
        whole += weight
    taking = draw(st.lists(st.sampled_from(sorted(TAKING)), min_size=1, max_size=3, unique=True))
    for name in taking:
        weight = draw(st.sampled_from([0, 10, 25]))
        cap = draw(st.sampled_from(["", "cap = 4\n"]))
        rules = TAKING[name].replace("POINTS", str(draw(QUARTERS)))
        found.append(ITEM.format(id=name, weight=weight) + cap + rules)
        whole += weight
    return found, whole


TAKING = {
    "checks": (
        'kind = "deduct"\nevents = "findings"\n'
        'rule = [{ code = "A1", points = "recorded" }, { code = "B1", points = POINTS }]\n'
    ),
    "others": (
        'kind = "deduct"\nevents = "findings"\nper = "round"\nrounds = 4\n'
        'rule = [{ code = "X9", points = "recorded" }]\n'
    ),
    "late": (
        'kind = "deduct"\nevents = "late_cases"\nper = "workday"\n'
        'rule = [{ code = "late", points = POINTS }]\n'
    ),
    "bad": (
        'kind = "deduct"\nevents = "bad_ratings"\n'
        'rule = [{ code = "1", points = POINTS }, { code = "2", points = 1 }]\n'
    ),
}


@st.composite
def schemes(draw: st.DrawFn) -> str:
    """A valid scheme as the text of its file."""
    texts, whole = draw(items())
    base = draw(st.integers(0 if whole else 1, 50))
    keys = {
        "full": base + whole,
        "base": base,
        "decimals": draw(st.integers(0, 4)),
        "small": '"ranked"',
        "rounding": draw(st.sampled_from(['"item"', '"total"'])),
        "floor": draw(st.sampled_from(['"none"', '"item"', '"total"'])),
        "none": draw(st.sampled_from(['"spread"', '"full"', '"zero"'])),
        "missing": draw(st.sampled_from(['"spread"', '"zero"', '"withhold"'])),
    }
    return "\n".join([*(f"{key} = {one}" for key, one in keys.items()), *texts])


def paragraph_of(*parts: dict[str, list[dict[str, str]]], scheme: str) -> Paragraph:
    """The rows as the tables of a rule, so that product and referee can be asked."""
    rows = {name: [row for part in parts for row in part[name]] for name in LOGS}
    named = {row["counter_id"] for name in LOGS for row in rows[name] if "counter_id" in row}
    rows["counters"] = [
        {"counter_id": one, "hall_id": HALLS[one]} for one in sorted({*COUNTERS, *named})
    ]
    tables = {
        name: Table(tuple(listed[0]), tuple(listed)) for name, listed in rows.items() if listed
    }
    words = Text("随机", "random")
    return Paragraph(
        words, words, tables, {}, {"made": scheme}, "", "2019-08", LONG_AFTER, alone=False
    )
