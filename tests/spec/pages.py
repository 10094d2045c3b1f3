"""The rules as pages: every paragraph with its tables, in Chinese or in English."""

from textwrap import dedent

from data.contracts import CONTRACTS
from metrics.catalogue import catalogue
from tests.spec.chapters import CHAPTERS
from tests.spec.paragraphs import Chapter, Paragraph, Table

INTRO = {
    "zh": (
        "# 规则\n\n"
        "本页由 `tests/spec` 生成，请勿手改。每一条规则都是输入和输出的小表；产品（导入 → DuckDB）"
        "与另写的裁判程序必须给出表中的每一个数。\n\n"
        "没有写的列用平常值：一次服务、一次按键、到岗一天。考核办法只写与本条有关的部分。\n"
    ),
    "en": (
        "# Rules\n\n"
        "This page is generated from `tests/spec`; do not edit. Each rule is small tables in and "
        "out; the product (ingest → DuckDB) and a referee written apart must give every number in "
        "them.\n\n"
        "Columns that are not written have ordinary values: one service, one key press, one day on "
        "duty. A scheme shows only what matters to its rule.\n"
    ),
}
ASKED = {
    "zh": {
        "metric": "指标",
        "period": "时期",
        "as_of": "数据截至",
        "scheme": "考核办法",
        "in": "输入",
        "expect": "结果",
        "lines": "逐行",
        "chiefs": "首席代表",
        "titles": "评优",
        "chief_titles": "首席代表评优",
    },
    "en": {
        "metric": "Metric",
        "period": "period",
        "as_of": "as of",
        "scheme": "Scheme",
        "in": "In",
        "expect": "Out",
        "lines": "Line by line",
        "chiefs": "Chief representatives",
        "titles": "Awards",
        "chief_titles": "Awards of chief representatives",
    },
}
LOGS = {
    "halls": ("大厅", "halls"),
    "departments": ("部门", "departments"),
    "counters": ("窗口", "counters"),
    "staff": ("窗口人员", "staff"),
    "ratings": ("评价", "ratings"),
    "tickets": ("取号", "tickets"),
    "cases": ("办件", "cases"),
    "inspections": ("巡查轮次", "inspection rounds"),
    "findings": ("巡查问题", "findings"),
    "attendance": ("考勤", "attendance"),
    "bonuses": ("加分", "bonuses"),
    "votes": ("测评", "votes"),
    "vetoes": ("一票否决", "vetoes"),
    "voids": ("评价认定", "voided ratings"),
    "rectifications": ("差评整改", "redress of bad ratings"),
    "exemptions": ("豁免", "exemptions"),
}
COLUMNS = {
    "times": ("行数", "rows"),
    "counter": ("窗口", "counter"),
    "chief": ("首席代表", "chief"),
    "staff": ("人员", "staff"),
    "case": ("办件", "case"),
    "metric": ("指标", "metric"),
    "value": ("值", "value"),
    "state": ("状态", "state"),
    "score": ("得分", "score"),
    "rank": ("名次", "rank"),
    "deadline": ("期限", "deadline"),
    "on_time": ("按时", "on time"),
    "estimated": ("推算", "estimated"),
    "item": ("项目", "item"),
    "line": ("行", "line"),
    "points": ("分", "points"),
    "award": ("评优", "award"),
    "veto": ("否决", "veto"),
    "rolled": ("年汇总", "year"),
    "scored": ("有效月数", "months scored"),
}
CELLS = {
    "yes": "是",
    "no": "否",
    "true": "是",
    "number": "有数",
    "few": "样本不足",
    "none": "本期无业务",
    "missing": "数据未报送",
    "active": "主动",
    "default": "默认",
    "workday": "工作日",
    "day": "自然日",
    "present": "到岗",
    "late": "迟到",
    "no_sign": "缺签",
    "away": "擅离岗",
    "absent": "旷工",
    "malicious": "恶意",
    "base": "基础分",
    "full": "项目满分",
    "event": "逐件",
    "per_round": "按轮",
    "evidence": "依据",
    "exempt": "豁免",
    "cap": "封顶",
    "floor": "保底",
    "max": "总分上限",
    "rounding": "舍入",
    "veto": "一票否决",
}


def rules_page(language: str) -> str:
    """docs/reference/rules.zh.md or rules.en.md."""
    return "\n".join([INTRO[language], *(_chapter(one, language) for one in CHAPTERS)])


def rules_zh() -> str:
    """The rules in Chinese."""
    return rules_page("zh")


def rules_en() -> str:
    """The rules in English."""
    return rules_page("en")


def _chapter(chapter: Chapter, language: str) -> str:
    parts = [_paragraph(one, language) for one in chapter.paragraphs]
    return "\n".join([f"## {getattr(chapter.title, language)}\n", *parts])


def _paragraph(one: Paragraph, language: str) -> str:
    said = ASKED[language]
    parts = [f"### {getattr(one.title, language)}\n", f"{getattr(one.why, language)}\n"]
    for log, told in one.tables.items():
        parts += [f"{said['in']} · {_either(LOGS[log], language)}\n", _table(told, log, language)]
    for name, body in one.schemes.items():
        parts += [f"{said['scheme']} `{name}`\n", f"```toml\n{dedent(body).strip()}\n```\n"]
    span = f"{said['period']} {one.period}, {said['as_of']} {one.as_of}"
    metric = f" · {_metric(one.metric, language)}" if one.metric else ""
    for name, told in one.answers.items():
        parts += [f"**{said[name]}**{metric} ({span})\n", _table(told, "", language)]
    return "\n".join(parts)


def _table(told: Table, log: str, language: str) -> str:
    head = [_column(name, log, language) for name in told.columns]
    rows = [[_cell(name, row[name], language) for name in told.columns] for row in told.rows]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _column(name: str, log: str, language: str) -> str:
    if name in COLUMNS and name != "points":
        return _either(COLUMNS[name], language)
    fields = CONTRACTS[log].schema.columns() if log else {}
    if name not in fields:
        known = _either(COLUMNS[name], language) if name in COLUMNS else f"`{name}`"
        return known if name not in ("n", "d") else name
    labels = fields[name].metadata or {}
    return str(labels["zh"]) if language == "zh" else name.removesuffix("_id").replace("_", " ")


def _cell(column: str, cell: str, language: str) -> str:
    if column == "metric":
        return _metric(cell, language)
    return CELLS.get(cell, cell) if language == "zh" else cell.replace("_", " ")


def _metric(name: str, language: str) -> str:
    return str(getattr(catalogue()[name].label, language))


def _either(words: tuple[str, str], language: str) -> str:
    return words[0] if language == "zh" else words[1]
