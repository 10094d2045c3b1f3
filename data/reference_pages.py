"""Reference pages of contracts and profiles, generated from the code that rules."""

from data.contracts import CONTRACTS, Contract
from data.profile import Constant, Interval, Joined, LogPart, Profile, Source, load_profile, shipped
from data.refusals import KEYLESS

KINDS = {
    "event": "事件 event: never changes",
    "record": "记录 record: progresses, every version is kept",
    "reference": "参照表 reference table",
}


def contract_markdown() -> str:
    """docs/reference/contracts.md: the fields of every log and reference table."""
    head = (
        "# 数据契约 Contracts\n\n"
        "Generated from `data/contracts.py`; do not edit. A profile maps a source's columns to "
        "these fields; the profile `canonical` reads files that have these very columns. Times are "
        "`YYYY-MM-DD HH:MM:SS` there, dates `YYYY-MM-DD`.\n"
    )
    return "\n".join([head, *(_contract(contract) for contract in CONTRACTS.values())])


def _contract(contract: Contract) -> str:
    doc = (contract.schema.__doc__ or "").strip().splitlines()[0]
    lines = [
        f"## `{contract.name}`\n",
        f"{doc} {KINDS[contract.kind]}; id `{contract.id_column}`.\n",
        "| field | 中文 | meaning | type | needed |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, column in contract.fields.items():
        told = column.metadata or {}
        allowed = contract.codes.get(name)
        kind = " / ".join(allowed) if allowed else type(column).__name__.lower()
        needed = _needed(name, contract)
        lines.append(
            f"| `{name}` | {told.get('zh', '')} | {told.get('en', '')} | {kind} | {needed} |"
        )
    rules = [rule for rule in dir(contract.schema) if rule in _rules(contract)]
    refusals = sorted({"missing_key" if rule in KEYLESS else rule for rule in rules})
    if refusals:
        lines += ["", "Rows are refused (quarantine) for: " + ", ".join(f"`{r}`" for r in refusals)]
    return "\n".join(lines) + "\n"


def _needed(field: str, contract: Contract) -> str:
    """Whether every row has the field: yes, or one of it and its other."""
    for pair in contract.either:
        if field in pair:
            return f"this or `{pair[pair.index(field) - 1]}`"
    return "yes" if field in contract.needed else ""


def _rules(contract: Contract) -> set[str]:
    fields = set(contract.schema.column_names())
    own = {name for kind in contract.schema.__mro__ for name in vars(kind)}
    plain = {name for name in own if not name.startswith("_")} - fields
    return {name for name in plain if name not in dir(_BARE) and "_" in name}


_BARE = CONTRACTS["departments"].schema.__mro__[1]


def profile_markdown() -> str:
    """docs/reference/profiles.md: whose columns and codes each shipped profile reads."""
    head = (
        "# 数据源配置 Profiles\n\n"
        "Generated from `data/profiles/*.toml`; do not edit. Copy `template.toml` for a source of "
        "your own.\n"
    )
    ours = [load_profile(name) for name in shipped() if name != "canonical"]
    return "\n".join([head, *(_profile(profile) for profile in ours)])


def _profile(profile: Profile) -> str:
    lines = [
        f"## `{profile.name}` {profile.title.get('zh', '')} · {profile.title.get('en', '')}\n",
        f"Source: {profile.source}. Zone {profile.timezone}, encoding {profile.encoding}, one "
        f"delivery per {profile.period.every}.\n",
    ]
    for log, part in profile.logs.items():
        lines += [f"### {log}\n", "| field | column | format or codes |", "| --- | --- | --- |"]
        lines += [_line(name, source, part) for name, source in part.columns.items()]
        if part.no_rating:
            lines.append(f"| (no rating) | | {', '.join(part.no_rating)} |")
        lines.append("")
    return "\n".join(lines)


def _line(name: str, source: Source, part: LogPart) -> str:
    codes = part.codes.get(name)
    form = part.dates.get(name, "")
    if codes:
        form = ", ".join(f"{code} → {ours}" for code, ours in codes.items())
    return f"| `{name}` | {_source(source)} | {form} |"


def _source(source: Source) -> str:
    if isinstance(source, Joined):
        return f" {source.sep} ".join(source.join)
    if isinstance(source, Constant):
        return f"always {source.value}"
    if isinstance(source, Interval):
        return f"{source.start} … {source.end} ({source.format})"
    return source
