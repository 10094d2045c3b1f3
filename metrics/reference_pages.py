"""Reference pages of the metrics, generated from the files that rule."""

from collections.abc import Mapping

from metrics.catalogue import Metric, catalogue

KINDS = {
    "count": "计数 count",
    "stock": "存量 stock",
    "ratio": "比率 ratio",
    "mean": "均值 mean",
    "quantile": "分位数 quantile",
}
GOOD = {"high": "越高越好 high", "low": "越低越好 low", "none": "不分高低 neither"}
UNITS = {
    "share": "0–1",
    "count": "件 number",
    "s": "秒 seconds",
    "points": "分 points",
    "score": "0–100",
}

CHANCE = {
    "events": "每件一次是非 each event is a yes or no",
    "levels": "每件一个等级 each event is one of some levels",
    "days": "按日波动 sums vary by day",
    "values": "分位数的位次 the rank of the quantile",
    "none": "事实，不估计 a fact, not estimated",
}


def catalogue_markdown() -> str:
    """docs/reference/metrics.md: one section per metric, Chinese and English together."""
    head = (
        "# 指标目录 Metrics\n\n"
        "Generated from `metrics/catalogue/*.toml`; do not edit. "
        "A value is n / d of sums, never a mean of rates.\n\n"
        "States: number, `few` (base below the least base), `none` (no business, 本期无业务), "
        "`missing` (not reported, 数据未报送), `suppressed`.\n"
    )
    return "\n".join([head, *(_metric(one) for one in catalogue().values())])


def _metric(one: Metric) -> str:
    lines = [
        f"## `{one.id}` {one.label.zh} · {one.label.en}\n",
        f"- 口径 variant: {one.variant.zh} · {one.variant.en}",
        f"- 类型 kind: {KINDS[one.kind]}; 单位 unit: {UNITS[one.unit]}",
        f"- 公式 formula: {formula(one)}",
        f"- 方向 good: {GOOD[one.good]}",
        f"- 有意义的最小差异 smallest difference that matters: {_matters(one)}",
        f"- 偶然性 what chance does: {CHANCE[one.drawn]}",
        f"- 最少样本 least base: {one.min_n or '—'}",
        f"- 归属日 dated by: {one.dated_by}; 成熟期 matures after: {one.matures_after} days",
        f"- 归属 attributed to: {one.attributed_to}",
        f"- 为何 why: {one.why.zh} {one.why.en}",
        f"- 可能的偏差 gaming: {one.gaming.zh} {one.gaming.en}",
        f"- 来源 source: {one.source.zh} · {one.source.en}",
        f"- 下次复核 next review: {one.next_review}\n",
    ]
    return "\n".join(lines)


def _matters(one: Metric) -> str:
    if one.matters is None:
        return "—"
    if one.matters.odds is not None:
        return f"比数比 odds × {one.matters.odds:g}"
    unit = "" if one.unit == "share" else f" ({UNITS[one.unit]})"
    return f"{one.matters.difference:g}{unit}"


def formula(one: Metric) -> str:
    """The sums of a metric as a formula: `(a + b) / d`."""
    if one.histogram:
        return f"`{one.percent} % nearest rank of {one.histogram}`"
    n = _sum(one.numerator)
    if not one.denominator:
        return f"`{n}`"
    d = _sum(one.denominator)
    if one.divide_by > 1:
        d = f"{one.divide_by} × ({d})"
    return f"`({n}) / ({d})`"


def _sum(terms: Mapping[str, int]) -> str:
    text = ""
    for name, weight in terms.items():
        sign = "−" if weight < 0 else "+"
        factor = "" if abs(weight) == 1 else f"{abs(weight)} "
        lead = ("−" if weight < 0 else "") if not text else f" {sign} "
        text += f"{lead}{factor}{name}"
    return text
