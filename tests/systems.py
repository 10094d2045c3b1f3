"""Five source systems of a city, none of which asked us: its August in five formats.

The rows are those of the simulated city (canonical parquet logs); only forms and names differ:

- ratings.csv       好差评: GB18030, 1 is best, slashes in the dates
- tickets.xls       排队叫号: an html table named .xls, a title row, a total row
- inspections.xlsx  日巡查 of city and county halls: two-line headers, names only, some misspelt
- rounds/findings.jsonl  日巡查 of townships and villages, with ids
- cases.sql         办件: a table for MariaDB
"""

import json
from datetime import date
from html import escape
from pathlib import Path

import polars as pl
import xlsxwriter

FIRST, AFTER = date(2019, 8, 1), date(2019, 9, 1)
REFERENCES = ("halls", "departments", "counters", "desks", "items", "staff", "opening_hours")
# How the inspectors' clerk writes some names; everything else is written as in the tables.
MISSPELT = {
    "荷塘区政务服务中心": "荷塘区政务中心",
    "攸县政务服务中心": "攸县政务服务大厅",
}


def month_of(simulated: Path, log: str, time: str) -> pl.DataFrame:
    """Rows of a log whose time lies in August."""
    frames = [pl.read_parquet(path) for path in sorted(simulated.glob(f"{log}-*.parquet"))]
    day = pl.col(time).dt.date()
    return pl.concat(frames).filter(day >= FIRST, day < AFTER).sort(frames[0].columns[0])


def texts(frame: pl.DataFrame, form: str) -> pl.DataFrame:
    """Every column as text, times in the given form, nothing for null."""
    return frame.with_columns(
        pl.col(name).dt.strftime(form) if kind == pl.Datetime else pl.col(name).cast(pl.String)
        for name, kind in frame.schema.items()
    ).with_columns(pl.all().fill_null(""))


def write_ratings(simulated: Path, out: Path) -> Path:
    """GB18030 csv with Chinese headings; 1 is 非常满意."""
    rows = texts(month_of(simulated, "ratings", "rated_at"), "%Y/%m/%d %H:%M:%S")
    told = rows.select(
        pl.col("rating_id").alias("评价流水号"),
        pl.col("case_id").alias("业务流水号"),
        pl.col("counter_id").alias("窗口编码"),
        pl.col("served_at").alias("办理时间"),
        pl.col("rated_at").alias("评价时间"),
        (6 - pl.col("grade").cast(pl.Int8)).cast(pl.String).alias("满意度"),
        pl.col("origin").replace_strict({"active": "主动", "default": "默认"}).alias("评价方式"),
    )
    path = out / "ratings.csv"
    path.write_bytes(told.write_csv().encode("gb18030"))
    return path


def write_tickets(simulated: Path, out: Path) -> Path:
    """An html table that calls itself a workbook."""
    rows = texts(month_of(simulated, "tickets", "taken_at"), "%Y-%m-%d %H:%M:%S")
    states = {"served": "已办结", "abandoned": "弃号", "suspended": "挂起", "transferred": "转办"}
    columns = {
        "票号": rows["ticket_id"],
        "窗口编码": rows["counter_id"],
        "取号时间": rows["taken_at"],
        "叫号时间": rows["called_at"],
        "办结时间": rows["finished_at"],
        "状态": rows["status"].replace(states),
    }
    head = "".join(f"<td>{name}</td>" for name in columns)
    cells = pl.DataFrame(columns).select(
        pl.concat_str(
            pl.lit("<tr>"), *(pl.format("<td>{}</td>", name) for name in columns), pl.lit("</tr>")
        )
    )
    body = "\n".join(cells.to_series().to_list())
    title = f'<tr><td colspan="{len(columns)}">2019年8月排队叫号明细</td></tr>'
    total = f"<tr><td>合计</td><td>{rows.height}</td><td></td><td></td><td></td><td></td></tr>"
    path = out / "tickets.xls"
    path.write_text(
        '<html><head><meta charset="utf-8"></head><body><table border="1">'
        f"{title}\n<tr>{head}</tr>\n{body}\n{total}</table></body></html>",
        "utf-8",
    )
    return path


def named(simulated: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Halls (with their level) and counters under the names that the inspectors write."""
    halls = pl.read_parquet(simulated / "halls.parquet").select(
        "hall_id", "level", hall=pl.col("name").replace(MISSPELT)
    )
    counters = pl.read_parquet(simulated / "counters.parquet")
    return halls, counters.select("counter_id", "hall_id", counter="name")


def rounds_and_findings(simulated: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rounds with level and hall name; findings with level, hall and counter name."""
    halls, counters = named(simulated)
    rounds = month_of(simulated, "inspections", "started_at").join(halls, on="hall_id")
    placed = counters.join(halls, on="hall_id")
    findings = month_of(simulated, "findings", "found_at").join(placed, on="counter_id")
    return rounds.sort("inspection_id"), findings.sort("finding_id")


def write_inspections(simulated: Path, out: Path) -> Path:
    """Two sheets with a title, a merged two-line header, names only, and a total."""
    rounds, findings = rounds_and_findings(simulated)
    upper = pl.col("level").is_in(["city", "county"])
    path = out / "inspections.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet("巡查记录")
        sheet.merge_range(0, 0, 0, 5, "政务服务大厅日巡查台账（2019年8月）")
        sheet.write_row(1, 0, ["编号", "巡查"])
        sheet.merge_range(1, 1, 1, 2, "巡查")
        sheet.merge_range(1, 3, 1, 4, "对象")
        sheet.write(1, 5, "结果")
        sheet.write_row(2, 0, ["编号", "人员", "时间", "大厅", "窗口", "问题数"])
        told = rounds.filter(upper)
        wanted = ("inspection_id", "inspector_id", "started_at", "hall", "counters", "findings_n")
        for line, row in enumerate(told.select(wanted).iter_rows(), 3):
            all_named = "全部" if row[4] == "all" else row[4]
            sheet.write_row(line, 0, [*row[:2]])
            sheet.write_datetime(line, 2, row[2])
            sheet.write_row(line, 3, [row[3], all_named, row[5]])
        sheet.write_row(told.height + 3, 0, ["合计", "", "", "", "", told["findings_n"].sum()])
        _write_findings(book, findings.filter(upper))
    return path


def _write_findings(book: xlsxwriter.Workbook, told: pl.DataFrame) -> None:
    sheet = book.add_worksheet("问题清单")
    sheet.merge_range(0, 0, 0, 7, "日巡查问题清单（2019年8月）")
    sheet.write_row(1, 0, ["编号", "编号", "时间", "对象", "对象", "问题", "问题", "整改"])
    sheet.merge_range(1, 3, 1, 4, "对象")
    sheet.merge_range(1, 5, 1, 6, "问题")
    heads = ["问题编号", "巡查编号", "发现时间", "大厅", "窗口", "条款", "扣分", "整改时间"]
    sheet.write_row(2, 0, heads)
    for line, row in enumerate(told.iter_rows(named=True), 3):
        sheet.write_row(line, 0, [row["finding_id"], row["inspection_id"]])
        sheet.write_datetime(line, 2, row["found_at"])
        sheet.write_row(line, 3, [row["hall"], row["counter"], row["rule_code"], row["points"]])
        if row["closed_at"] is not None:
            sheet.write_datetime(line, 7, row["closed_at"])


def write_village_rounds(simulated: Path, out: Path) -> list[Path]:
    """Two jsonl files of an app that keeps ids."""
    rounds, findings = rounds_and_findings(simulated)
    lower = pl.col("level").is_in(["township", "village"])
    paths = []
    for name, frame in (
        ("rounds", rounds.drop("hall", "level")),
        ("findings", findings.drop("hall", "level", "counter", "hall_id")),
    ):
        keep = (rounds if name == "rounds" else findings).select(lower.alias("lower"))["lower"]
        path = out / f"{name}.jsonl"
        rows = texts(frame.filter(keep), "%Y-%m-%dT%H:%M:%S").to_dicts()
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        path.write_text("\n".join(lines) + "\n", "utf-8")
        paths.append(path)
    return paths


def write_cases(simulated: Path, out: Path) -> Path:
    """The table `banjian` of the case system, as a script for its MariaDB server.

    All cases that were open in August: a case that was received in July may close in August.
    """
    frames = [pl.read_parquet(path) for path in sorted(simulated.glob("cases-*.parquet"))]
    rows = pl.concat(frames).filter(pl.col("received_at").dt.date() < AFTER).sort("case_id")
    # What the system does not know yet on the last evening of August.
    later = pl.col("closed_at").dt.date() >= AFTER
    rows = rows.with_columns(closed_at=pl.when(~later).then("closed_at"))
    names = {
        "case_id": "bjbh VARCHAR(40) PRIMARY KEY",
        "counter_id": "ckbm VARCHAR(20)",
        "department_id": "bmbm VARCHAR(12)",
        "item_id": "sxbm VARCHAR(12)",
        "case_kind": "bjlx VARCHAR(10)",
        "received_at": "sjsj DATETIME",
        "accepted_at": "slsj DATETIME",
        "closed_at": "bjsj DATETIME",
        "ticket_id": "ph VARCHAR(40)",
        "clock_stops": "tz VARCHAR(400)",
    }
    changed = pl.max_horizontal("received_at", "accepted_at", "closed_at")
    told = texts(rows.select(*names, gxsj=changed), "%Y-%m-%d %H:%M:%S")
    columns = ", ".join([*names.values(), "gxsj DATETIME NOT NULL, KEY (gxsj)"])
    lines = [f"CREATE TABLE banjian ({columns}) CHARACTER SET utf8mb4;"]
    values = ["(" + ", ".join(_sql(cell) for cell in row) + ")" for row in told.iter_rows()]
    lines += [
        "INSERT INTO banjian VALUES\n" + ",\n".join(values[at : at + 500]) + ";"
        for at in range(0, len(values), 500)
    ]
    path = out / "cases.sql"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def _sql(cell: str) -> str:
    return "NULL" if cell == "" else "'" + escape(cell, quote=False).replace("'", "''") + "'"


def write_systems(simulated: Path, out: Path) -> None:
    """All five systems of a simulated city (the folder with its parquet logs)."""
    out.mkdir(parents=True)
    write_ratings(simulated, out)
    write_tickets(simulated, out)
    write_inspections(simulated, out)
    write_village_rounds(simulated, out)
    write_cases(simulated, out)
