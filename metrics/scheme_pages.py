"""Reference pages of the schemes, generated from the files that rule."""

from collections.abc import Iterator

from metrics.catalogue import metric
from metrics.points import UNIT
from metrics.scheme_files import all_schemes
from metrics.scheme_items import label_of
from metrics.scheme_model import Award, LastPlaces, RollUp, Scheme, Veto
from metrics.scheme_words import (
    Words,
    heading,
    item_sentence,
    points,
    remarks,
    rule_sentences,
)


def schemes_markdown() -> str:
    """docs/reference/schemes.md: the list of the schemes that ship."""
    head = (
        "# 考核办法 Schemes\n\n"
        "Generated from `metrics/schemes/*.toml`; do not edit. Each has a page of its own. "
        "How to write another: [schemes](../how-to/schemes.md).\n\n"
        "| id | 名称 | name | 对象 assessed | 周期 period | 公布 published |\n"
        "| --- | --- | --- | --- | --- | --- |"
    )
    zh, en = Words("zh"), Words("en")
    rows = []
    for name, versions in sorted(all_schemes().items()):
        one = versions[-1]
        told = [
            f"{zh(f'{key}.{value}')} {en(f'{key}.{value}')}"
            for key, value in (("entity", one.entity), ("span", one.period))
        ]
        rows.append(
            f"| [`{name}`](schemes/{name}.md) | {one.label.zh} | {one.label.en} | "
            f"{told[0]} | {told[1]} | {zh(f'publish.{one.publish}')} |"
        )
    return "\n".join([head, *rows, ""])


def scheme_pages() -> dict[str, str]:
    """docs/reference/schemes/<id>.md by name: Chinese, then English, all versions."""
    return {f"{name}.md": _page(versions) for name, versions in sorted(all_schemes().items())}


def _page(versions: tuple[Scheme, ...]) -> str:
    last = versions[-1]
    lines = [
        f"# {last.label.zh} {last.label.en} `{last.id}`\n",
        f"Generated from `metrics/schemes/{last.id}.toml`; do not edit.\n",
    ]
    for lang in ("zh", "en"):
        lines.append(f"## {'中文' if lang == 'zh' else 'English'}\n")
        for one in reversed(versions):
            lines.append(scheme_text(one, lang))
    return "\n".join(lines)


def scheme_text(chosen: Scheme, lang: str) -> str:
    """A scheme in words as markdown, in one language."""
    words = Words(lang)
    lines = [f"- {line}" for line in _head(chosen, words)]
    lines += ["", f"**{words('head.items')}**", ""]
    for item in chosen.items:
        lines.append(f"- {heading(item, words)}")
        lines.append(f"  - {item_sentence(item, words)}")
        lines += [f"  - {line}" for line in rule_sentences(item, words)]
        lines += [f"  - {line}" for line in remarks(item, words)]
    lines += ["", f"**{words('head.rules')}**", ""]
    lines += [f"- {line}" for line in _rules(chosen, words)]
    return "\n".join(lines) + "\n"


def _head(chosen: Scheme, words: Words) -> Iterator[str]:
    if chosen.valid_to is None:
        yield words("head.version", chosen.version, chosen.valid_from)
    else:
        yield words("head.until", chosen.version, chosen.valid_from, chosen.valid_to)
    yield words(
        "head.about",
        words(f"entity.{chosen.entity}"),
        words(f"span.{chosen.period}"),
        words(f"frame.{chosen.frame}"),
        words(f"publish.{chosen.publish}"),
    )
    weights = sum(item.weight for item in chosen.items)
    yield words("head.points", *(points(one) for one in (chosen.full, chosen.base, weights)))
    for part in chosen.unread:
        yield words("head.unread", points(part.points), words.of(part.note))
    if chosen.unread:
        yield words("head.readable", points(chosen.readable))
    if chosen.source:
        yield words("head.source", chosen.source)
    if chosen.why is not None:
        yield words("head.why", words.of(chosen.why))
    if chosen.note is not None:
        yield words("head.note", words.of(chosen.note))


def _rules(chosen: Scheme, words: Words) -> Iterator[str]:
    yield from _bounds(chosen, words)
    yield from _states(chosen, words)
    if chosen.frame == "peers":
        yield _peers(chosen, words)
    names = words.comma.join(_tie(chosen, name, words) for name in chosen.ties)
    yield words("rule.ties", names) if chosen.ties else words("rule.shared")
    if chosen.dual is not None:
        yield words("rule.dual", f"1 : {float(chosen.dual.ratio):g}")
    yield from _eligible(chosen, words)
    for veto in chosen.vetoes:
        yield _read(_veto(veto, words), veto, words)
    for award in chosen.awards:
        yield _read(_award(chosen, award, words), award, words)
    for last in chosen.last_places:
        told = words("rule.last", last.periods, last.last, words.of(last.label))
        yield _read(told, last, words)
    for rollup in chosen.rollups:
        yield _read(_rollup(rollup, words), rollup, words)
    if not chosen.rollups:
        yield words("rule.default_rollup", words(f"span.{chosen.period}"))


def _states(chosen: Scheme, words: Words) -> Iterator[str]:
    """What becomes of items without a number, of small bases, and how points are rounded."""
    yield words(f"rule.none_{chosen.none}")
    yield words(f"rule.missing_{chosen.missing}")
    if chosen.min_n:
        small = chosen.small == "ranked"
        yield words("rule.min_n_ranked") if small else words("rule.min_n", chosen.min_n)
    if chosen.min_observed:
        yield words("rule.min_observed", f"{float(chosen.min_observed):.0%}")
    yield words("rule.decimals", chosen.decimals, words(f"rule.rounding_{chosen.rounding}"))


def _peers(chosen: Scheme, words: Words) -> str:
    rule = chosen.peers
    keys = words.comma.join(words(f"rule.peers_{one}") for one in rule.by)
    volume = words.of(metric(rule.volume).label)
    return words("rule.peers", keys, volume, rule.bands, rule.least)


def _bounds(chosen: Scheme, words: Words) -> Iterator[str]:
    yield words(f"rule.floor_{chosen.floor}")
    if chosen.max is not None:
        yield words("rule.max", points(chosen.max))
    if chosen.bonus_cap is not None:
        yield words("rule.bonus_cap", points(chosen.bonus_cap))


def _tie(chosen: Scheme, name: str, words: Words) -> str:
    for item in chosen.items:
        if item.id == name:
            return words.of(label_of(item))
    return words.of(metric(name).label)


def _eligible(chosen: Scheme, words: Words) -> Iterator[str]:
    rule = chosen.eligible
    if rule is None:
        return
    if rule.title is not None:
        yield words("rule.title", f"`{rule.title}`")
    out = [*rule.without_named, *rule.without_families]
    if out:
        yield words("rule.without", words.comma.join(out))
    if rule.note is not None:
        yield words.of(rule.note)


def _veto(veto: Veto, words: Words) -> str:
    if veto.metric is not None:
        cause = words("rule.by_metric", f"`{veto.metric}`", veto.above)
    else:
        cause = words("rule.by_code", words(f"item.{veto.source}"), f"`{veto.code}`")
    span, effect = words(f"span.{veto.scope}"), words(f"rule.{veto.effect}")
    return words("rule.veto", words.of(veto.label), cause, span, effect)


def _award(chosen: Scheme, award: Award, words: Words) -> str:
    parts = []
    if award.count is not None:
        parts.append(words(f"rule.within_{award.within}") + " " + words("rule.count", award.count))
    if award.share is not None:
        share = words("rule.share", f"{float(award.share):.0%}")
        parts.append(words(f"rule.within_{award.within}") + " " + share)
    if award.of is not None:
        other = next(one for one in chosen.awards if one.id == award.of)
        parts.append(words("rule.needs", words.of(other.label), award.needs))
    if award.least is not None:
        parts.append(words("rule.least", f"{award.least / UNIT:g}"))
    told = words.comma.join(parts)
    span, kind = words(f"span.{award.period}"), words(f"rule.{award.list}")
    return words("rule.award", kind, words.of(award.label), span, told)


def rollup_sentence(rollup: RollUp, lang: str) -> str:
    """How a longer period follows from shorter ones, as a sentence in one language."""
    return _rollup(rollup, Words(lang))


def _rollup(rollup: RollUp, words: Words) -> str:
    of = words(f"span.{rollup.of}")
    if rollup.rule == "weighted":
        assert rollup.share is not None
        share = f"{float(rollup.share):.0%}"
        told = words("rule.weighted", of, share, f"`{rollup.electorate}`")
    else:
        told = words(f"rule.{rollup.rule}", of)
    if rollup.least > 1:
        told += words("rule.at_least", rollup.least)
    told += words(f"rule.part_{rollup.part}")
    return words("rule.rollup", words(f"span.{rollup.to}"), told)


def _read(told: str, rule: Veto | Award | LastPlaces | RollUp, words: Words) -> str:
    """The sentence, and what of it the source leaves unreadable."""
    return words("rule.unread", told, words.of(rule.unread)) if rule.unread is not None else told
