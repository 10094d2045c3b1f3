"""Who is there: Zhuzhou's halls, some 6,000 counters, departments, desks, staff, items, hours."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

DIVISIONS = Path(__file__).parent.parent / "reference" / "zhuzhou_divisions_2020.csv"
# What the city itself does not count as a hall; data/reference/SOURCES.md says why.
LEFT_OUT = (
    "430201000000",
    "430223400000",
    "430223400498",
    "430223401000",
    "430223401498",
    "430281400000",
    "430281400498",
    "430224500598",
    "430225400598",
    "430225401598",
    "430281134222",
)
LEVELS = ("city", "county", "township", "village")
HALL_NAME = {
    "city": "{}政务服务中心",
    "county": "{}政务服务中心",
    "township": "{}便民服务中心",
    "village": "{}便民服务站",
}
# name, business family, how many weeks of work its hardest item takes
DEPARTMENTS = (
    ("综合窗口", "综合"),
    ("公安局", "公安"),
    ("人力资源和社会保障局", "社保"),
    ("医疗保障局", "医保"),
    ("市场监督管理局", "市场"),
    ("税务局", "税务"),
    ("不动产登记中心", "不动产"),
    ("自然资源和规划局", "规划"),
    ("住房和城乡建设局", "建设"),
    ("民政局", "民政"),
    ("卫生健康委员会", "卫健"),
    ("教育局", "教育"),
    ("交通运输局", "交通"),
    ("农业农村局", "农业"),
    ("林业局", "农业"),
    ("水利局", "农业"),
    ("生态环境局", "环保"),
    ("应急管理局", "应急"),
    ("发展和改革委员会", "投资"),
    ("工业和信息化局", "投资"),
    ("商务局", "投资"),
    ("财政局", "投资"),
    ("司法局", "司法"),
    ("文化旅游广电体育局", "文旅"),
    ("城市管理和综合执法局", "城管"),
    ("住房公积金管理中心", "公积金"),
    ("退役军人事务局", "民政"),
    ("残疾人联合会", "民政"),
    ("气象局", "应急"),
    ("烟草专卖局", "市场"),
    ("消防救援支队", "应急"),
    ("供水公司", "水电气"),
    ("供电公司", "水电气"),
    ("燃气公司", "水电气"),
    ("档案馆", "司法"),
    ("统计局", "投资"),
    ("新闻出版局", "文旅"),
    ("民族宗教事务局", "民政"),
    ("人民防空办公室", "建设"),
    ("行政审批服务局", "综合"),
)
VILLAGE_FAMILIES = (0, 9, 2, 3)  # 综合, 民政, 社保, 医保: small stations do simple business
TOWNSHIP_DEPARTMENTS = (0, 1, 2, 3, 9, 10, 13, 26, 4, 8)
ITEMS_EACH = 8
LIMITS = (1, 3, 5, 7, 10, 15, 20)
DESKS_MOST = 6
YEARLY = {"city": 600_000, "county": 720_000, "township": 455_000, "village": 225_000}
SPREAD = {"city": 0.55, "county": 0.7, "township": 0.8, "village": 0.9}


@dataclass(frozen=True)
class Town:
    """Reference frames, and per counter (in order of `no`) the arrays that drive the simulation."""

    frames: dict[str, pl.DataFrame]
    counter_ids: pl.Series
    level: np.ndarray  # 0 city … 3 village
    department: np.ndarray  # place in DEPARTMENTS
    hall: np.ndarray  # place in the frame of halls
    daily: np.ndarray  # expected tickets on an ordinary working day
    desks: np.ndarray
    first_desk: np.ndarray  # number over the counter's first desk
    saturday: np.ndarray  # open on Saturdays (出入境 and 户籍)
    truth: pl.DataFrame


def halls() -> pl.DataFrame:
    """hall_id, name, level, division_code, parent_id of the 1,506 halls."""
    divisions = pl.read_csv(DIVISIONS, infer_schema=False)
    kept = divisions.filter(~pl.col("code").is_in(LEFT_OUT))
    named = pl.coalesce(
        *(pl.when(level=level).then(pl.format(form, "name")) for level, form in HALL_NAME.items())
    )
    top = pl.col("level") == "city"
    return kept.select(
        hall_id="code",
        name=named,
        level="level",
        division_code="code",
        parent_id=pl.when(~top).then("parent_code"),
    )


def _departments_of(level: str, rng: np.random.Generator) -> list[int]:
    if level == "city":
        return [0] * 6 + list(range(1, len(DEPARTMENTS)))
    if level == "county":
        others = rng.choice(np.arange(10, len(DEPARTMENTS)), size=22, replace=False)
        return [0] * 4 + list(range(1, 10)) + sorted(int(one) for one in others)
    if level == "township":
        return list(TOWNSHIP_DEPARTMENTS)
    return list(VILLAGE_FAMILIES[: 3 + int(rng.random() < 0.27)])


def _counters(places: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    rows: list[tuple[str, str, str, str, str, int, int, int]] = []
    for at, (hall_id, level) in enumerate(places.select("hall_id", "level").iter_rows()):
        for number, department in enumerate(_departments_of(level, rng), start=1):
            name, family = DEPARTMENTS[department]
            label = f"{number}号综合窗口" if department == 0 else f"{name}窗口"
            rows.append(
                (
                    f"{hall_id}-{number:02d}",
                    label,
                    hall_id,
                    f"D{department:02d}",
                    family,
                    at,
                    LEVELS.index(level),
                    department,
                )
            )
    names = ["counter_id", "name", "hall_id", "department_id", "family", "at", "lv", "dep"]
    return pl.DataFrame(rows, schema=names, orient="row")


def _items(rng: np.random.Generator) -> pl.DataFrame:
    rows = []
    for place in range(len(DEPARTMENTS)):
        for number in range(ITEMS_EACH):
            simple = number < 4
            limit = int(rng.choice(LIMITS)) if not simple else None
            unit = "day" if limit is not None and rng.random() < 0.08 else "workday"
            legal = None if limit is None else int(limit * rng.choice([2, 2, 3]))
            rows.append(
                {
                    "item_id": f"I{place:02d}{number:02d}",
                    "name": f"{DEPARTMENTS[place][0]}事项{number + 1}",
                    "department_id": f"D{place:02d}",
                    "case_kind": "immediate" if simple else "promised",
                    "statutory_limit": legal,
                    "statutory_unit": None if legal is None else unit,
                    "promised_limit": limit,
                    "promised_unit": None if limit is None else unit,
                }
            )
    return pl.DataFrame(rows, infer_schema_length=None)


def _truth(counters: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The known true quality of each counter: what estimates are to be tested against."""
    count = counters.height
    bad = 1 / (1 + np.exp(-(-5.6 + 0.8 * rng.standard_normal(count))))
    return counters.select("counter_id").with_columns(
        bad_probability=bad,
        response_probability=np.clip(rng.normal(0.63, 0.08, count), 0.2, 0.9),
        handling_minutes=np.exp(rng.normal(np.log(8.0), 0.25, count)),
        late_probability=1 / (1 + np.exp(-(-3.6 + 0.7 * rng.standard_normal(count)))),
        patience_minutes=np.exp(rng.normal(np.log(55.0), 0.15, count)),
        finding_probability=0.004 * rng.gamma(1.5, 1 / 1.5, count),
    )


def _daily(counters: pl.DataFrame, tickets: int, rng: np.random.Generator) -> np.ndarray:
    """Expected tickets a working day: log-normal inside a level, levels to their yearly share."""
    level = counters["lv"].to_numpy()
    daily = np.zeros(counters.height)
    share = tickets / sum(YEARLY.values())
    for place, name in enumerate(LEVELS):
        here = level == place
        weight = np.exp(SPREAD[name] * rng.standard_normal(int(here.sum())))
        daily[here] = YEARLY[name] * share / 250 * weight / weight.sum()
    return daily


def build_town(tickets: int, seed: int) -> Town:
    """The town for about `tickets` tickets a year; the same seed gives the same town."""
    rng = np.random.default_rng([seed, 1])
    places = halls()
    counters = _counters(places, rng)
    items = _items(rng)
    truth = _truth(counters, rng)
    daily = _daily(counters, tickets, rng)
    load = daily * truth["handling_minutes"].to_numpy() / (420 * 0.62)
    desks = np.clip(np.ceil(load), 1, DESKS_MOST).astype(np.int64)
    hall = counters["at"].to_numpy()
    first_desk = 1 + np.concatenate(([0], np.cumsum(desks)[:-1]))
    starts = np.unique(hall, return_index=True)[1]
    first_desk = first_desk - (first_desk[starts] - 1)[np.searchsorted(np.unique(hall), hall)]
    family = counters["family"].to_numpy()
    saturday = (family == "公安") & (counters["lv"].to_numpy() < 2)
    return Town(
        frames=_frames(places, counters, items, desks, first_desk, saturday),
        counter_ids=counters["counter_id"],
        level=counters["lv"].to_numpy(),
        department=counters["dep"].to_numpy(),
        hall=hall,
        daily=daily,
        desks=desks,
        first_desk=first_desk,
        saturday=saturday,
        truth=truth,
    )


def _frames(
    places: pl.DataFrame,
    counters: pl.DataFrame,
    items: pl.DataFrame,
    desks: np.ndarray,
    first_desk: np.ndarray,
    saturday: np.ndarray,
) -> dict[str, pl.DataFrame]:
    each = np.repeat(np.arange(counters.height), desks)
    inside = np.arange(len(each)) - np.repeat(np.cumsum(desks) - desks, desks)
    numbered = counters.select("hall_id", "counter_id", "department_id")[each].with_columns(
        desk_no=pl.Series(first_desk[each] + inside).cast(pl.String),
        chief=pl.Series(inside == 0),
    )
    staff = numbered.select(
        pl.concat_str(pl.lit("S"), "counter_id", pl.lit("-"), "desk_no").alias("staff_id"),
        "department_id",
        "counter_id",
        "desk_no",
        "chief",
    )
    return {
        "halls": places,
        "departments": pl.DataFrame(
            {
                "department_id": [f"D{place:02d}" for place in range(len(DEPARTMENTS))],
                "name": [name for name, _ in DEPARTMENTS],
            }
        ),
        "counters": counters.select("counter_id", "name", "hall_id", "department_id", "family"),
        "desks": numbered.select("hall_id", "desk_no", "counter_id"),
        "staff": staff,
        "items": items,
        "opening_hours": _hours(places, counters, saturday),
    }


def _hours(places: pl.DataFrame, counters: pl.DataFrame, saturday: np.ndarray) -> pl.DataFrame:
    """Monday to Friday 9–12 and 13–17; Saturdays for the counters that open then."""
    spans = pl.DataFrame({"opens": ["09:00", "13:00"], "closes": ["12:00", "17:00"]})
    weekdays = pl.DataFrame({"weekday": [1, 2, 3, 4, 5]})
    nobody = pl.lit(None, dtype=pl.String)
    ordinary = places.select("hall_id").join(weekdays, how="cross").join(spans, how="cross")
    extra = counters.filter(pl.Series(saturday)).select("hall_id", "counter_id")
    weekend = extra.join(spans, how="cross").with_columns(weekday=pl.lit(6, dtype=pl.Int64))
    columns = ["hall_id", "counter_id", "weekday", "opens", "closes", "exception"]
    return pl.concat(
        [
            ordinary.with_columns(counter_id=nobody, exception=nobody).select(columns),
            weekend.with_columns(exception=pl.lit("weekend")).select(columns),
        ]
    )
