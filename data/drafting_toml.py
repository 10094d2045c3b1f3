"""A draft and its confirmed choices as the TOML of a profile; what is open stands as "?"."""

import json
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from data.drafting import Draft
from data.drafting_bytes import WHY
from data.drafting_choices import ZONE, Choices, is_moment, sources_of, zone_of
from data.drafting_codes import NONE, Target, asks_table, tables
from data.drafting_dates import Reading, positions, readings
from data.drafting_looks import ColumnLook
from data.drafting_match import REASONS, Suggestion
from data.drafting_sample import PERSONAL
from data.masking import mask_text
from data.profile import Constant, Interval, Joined, Source, source_columns
from data.undecided import OPEN

MOST_CODES = 60
NAMED = "; 该列像是姓名，请改用工号 / it seems to hold names: ask the source for staff numbers"


def toml_of(draft: Draft, choices: Choices) -> str:
    """The profile's text. It loads once no key holds "?" any more."""
    sources = sources_of(draft, choices)
    parts = [
        _head(draft, choices),
        _log_keys(draft, choices),
        _columns(draft, choices, sources),
        _dates(draft, choices, sources),
        *_codes(draft, choices, sources),
    ]
    return "\n".join("\n".join(lines) + "\n" for part in parts if (lines := list(part)))


def quoted(text: str) -> str:
    """A TOML string; JSON escapes what TOML must, too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _head(draft: Draft, choices: Choices) -> Iterator[str]:
    settings = choices.settings
    extent = "all" if draft.whole else "the first"
    yield '# 起草的导入方案：值为 "?" 的各项须由人确认后方可使用。'
    yield '# A drafted profile: every "?" waits for a person; until then nothing is read with it.'
    yield f"# Drafted from {quoted(mask_text(draft.file))}, {extent} {draft.rows} rows."
    name = quoted(settings.get("name", "draft"))
    yield f"name = {name}"
    yield f"title = {{ zh = {name}, en = {name} }}"
    yield f"source = {quoted(mask_text(draft.file))}"
    yield f"timezone = {quoted(settings.get('timezone', ZONE))}  # 时间所在时区 / zone"
    yield from _text_settings(draft, settings)
    yield from _missing(draft, settings.get("missing"))
    yield 'absent_columns = "refused"'
    yield "\n[period]"
    yield f"every = {quoted(settings.get('every', 'month'))}  # 报送周期 / what one delivery spans"
    if "level" in settings:
        yield f"\n[units]\nlevel = {quoted(settings['level'])}"
    if draft.sheet:
        yield f"\n[workbook]\nsheet = {quoted(draft.sheet)}"


def _text_settings(draft: Draft, settings: dict[str, str]) -> Iterator[str]:
    guess = draft.guess
    if guess.why:
        said = WHY[guess.why].format(at=guess.at)
        yield f"# 编码 / encoding: {said}. Proposed: {guess.encoding or 'none'}"
        yield f"encoding = {quoted(settings.get('encoding', OPEN))}"
    if guess.cells:
        for delimiter, (cells, same, lines) in guess.cells.items():
            told = f"{cells} cells in line 1, as many in {same} of {lines} lines"
            yield f"# {quoted(delimiter)}: {told}"
        yield f"# 分隔符 / delimiter, proposed: {quoted(guess.delimiter)}"
        yield f"delimiter = {quoted(settings.get('delimiter', OPEN))}"


def _missing(draft: Draft, chosen: str | None) -> Iterator[str]:
    if chosen is None and draft.blanks:
        seen = ", ".join(map(quoted, draft.blanks))
        yield f"# 表示没有值的写法 / seen that may mean no value: {seen}"
        yield f'# proposed: missing = ["", {seen}]'
        yield f"missing = {quoted(OPEN)}"
        return
    spellings = [one for one in (chosen or "").split(",") if one not in ("", NONE)]
    yield f"missing = [{', '.join(map(quoted, ['', *spellings]))}]"


def _log_keys(draft: Draft, choices: Choices) -> Iterator[str]:
    """The log's own keys: the codes that mean "not rated"."""
    unrated = [code for code, one in choices.codes.get("grade", {}).items() if one == NONE]
    if draft.log == "ratings" and unrated:
        yield "[ratings]"
        yield f"no_rating = [{', '.join(map(quoted, unrated))}]"


def _columns(draft: Draft, choices: Choices, sources: dict[str, Source]) -> Iterator[str]:
    yield f"[{draft.log}.columns]  # 左：本系统字段；右：来源列名 / ours = theirs"
    for name in draft.contract.fields:
        if name in sources:
            shown = _source(sources[name], choices.dates.get(name, OPEN))
            yield f"{name} = {shown}{_reason(draft, name, choices)}"
        elif name in draft.contract.needed:
            yield f"# {name}: {_label(draft, name)}{_candidates(draft, name)}"
            yield f"{name} = {quoted(OPEN)}"
        elif name in draft.matches.also and name not in choices.columns:
            also = draft.matches.also[name]
            shown = _source(also.source, OPEN)
            yield f"# {name} = {shown}  # profile {also.detail} reads it so, too"
    used = {column for source in sources.values() for column in source_columns(source)}
    if rest := [column for column in draft.looks if column not in used]:
        yield f"# 未使用的列 / not read: {', '.join(map(quoted, rest))}"


def _source(source: Source, form: str) -> str:
    if isinstance(source, Joined):
        names = ", ".join(map(quoted, source.join))
        return f"{{ join = [{names}], sep = {quoted(source.sep)} }}"
    if isinstance(source, Interval):
        start, end = quoted(source.start), quoted(source.end)
        return f"{{ from = {start}, to = {end}, format = {quoted(form)} }}"
    if isinstance(source, Constant):
        return f"{{ value = {quoted(source.value)} }}"
    return quoted(source)


def _reason(draft: Draft, name: str, choices: Choices) -> str:
    chosen = draft.matches.chosen.get(name)
    by_hand = name in choices.columns
    if by_hand and (chosen is None or choices.columns[name] != chosen.source):
        return f"  # {_label(draft, name)}; 人工选定 / chosen by hand"
    if chosen is None:
        return "  # workday (工作日) or day (自然日)"
    look = draft.looks[chosen.plain] if chosen.plain else None
    named = name in PERSONAL and look is not None and look.private
    return f"  # {_label(draft, name)}; {why(chosen)}{NAMED if named else ''}"


def why(one: Suggestion) -> str:
    """Score and reason of a suggestion in words."""
    detail = quoted(one.detail) if one.reason in ("synonym", "like", "label") else one.detail
    return f"{one.score:.2f}: {REASONS[one.reason].format(detail=detail)}"


def _label(draft: Draft, name: str) -> str:
    label = draft.contract.fields[name].metadata or {}
    return f"{label['zh']} / {label['en']}"


def _candidates(draft: Draft, name: str) -> str:
    those = draft.matches.candidates.get(name, [])
    listed = "; ".join(f"{_source(one.source, OPEN)} ({why(one)})" for one in those)
    return f". Candidates: {listed}" if listed else ". No column looks like it"


def _dates(draft: Draft, choices: Choices, sources: dict[str, Source]) -> Iterator[str]:
    timed = {
        name: source
        for name, source in sources.items()
        if isinstance(source, Interval)
        or (is_moment(draft.log, name) and not isinstance(source, Constant))
    }
    zone = zone_of(choices)
    for name, source in timed.items():
        if isinstance(source, Interval):
            yield f"# 方案中 {name} 的 format / the format of {name} above:"
            yield from _readings(draft.looks[source.start], zone)
    formats = [name for name, source in timed.items() if not isinstance(source, Interval)]
    if formats or any(is_moment(draft.log, name) for name in draft.contract.needed):
        yield f"[{draft.log}.dates]  # 每列一种格式，绝不逐行猜 / one format per column"
    for name in formats:
        source = timed[name]
        if isinstance(source, str):
            yield from _readings(draft.looks[source], zone)
        yield f"{name} = {quoted(choices.dates.get(name, OPEN))}"
    for name in draft.contract.needed:
        if is_moment(draft.log, name) and name not in sources:
            yield f"{name} = {quoted(choices.dates.get(name, OPEN))}"


def _readings(look: ColumnLook, zone: ZoneInfo) -> Iterator[str]:
    """What was seen in a column of times, and each format that reads it."""
    yield f"# {quoted(look.name)}: {', '.join(map(quoted, look.examples)) or 'all cells are empty'}"
    found = readings(look, zone)
    for one in found:
        yield f"#   {quoted(one.form)}: {said_of(one)}"
    if len(found) > 1 and (largest := positions(look, found)) is not None:
        yield f"#   {places_said(largest)}"
    if not found and look.filled:
        yield "#   no known format reads these values"


def said_of(one: Reading) -> str:
    """What a format makes of a column."""
    failed = f", fails for {one.failed}" if one.failed else ""
    return (
        f"{one.example} is {_day(one.read_as)}; reads {one.read} values{failed}, "
        f"from {_day(one.first)} to {_day(one.last)}"
    )


def places_said(largest: tuple[int, int, int]) -> str:
    """Which of the three places of a date can be what."""
    listed = ", ".join(f"place {at} up to {most}" for at, most in enumerate(largest, start=1))
    return f"the largest numbers: {listed}; no month is above 12, so several formats are possible"


def _day(moment: datetime) -> str:
    midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return moment.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M:%S")


def _codes(draft: Draft, choices: Choices, sources: dict[str, Source]) -> Iterator[Iterator[str]]:
    if "grade" in draft.contract.fields and not isinstance(sources.get("grade"), str):
        yield iter(
            [f"[{draft.log}.codes.grade]  # 先选定满意度列 / first choose the column of grade"]
        )
    for name, source in sources.items():
        if isinstance(source, str) and asks_table(draft.log, name, draft.looks[source]):
            yield _table(draft, name, draft.looks[source], choices.codes.get(name, {}))


def _table(draft: Draft, name: str, look: ColumnLook, chosen: dict[str, Target]) -> Iterator[str]:
    if name == "grade":
        yield "# 方向须由人确认：哪个代码最好？ The direction is always asked: which code is best?"
    elif name in draft.contract.codes:
        yield f"# {name}: {', '.join(draft.contract.codes[name])}"
    yield f"[{draft.log}.codes.{name}]"
    possible = tables(draft.log, name, look)
    seen = [code for code, _rows in look.codes]
    if look.private:
        yield "# 该列可能是个人信息，不列出 / may be about persons: its values are not listed"
    codes = [*seen, *(code for code in chosen if code not in seen)]
    for code in codes[:MOST_CODES]:
        entry = chosen.get(code, OPEN)
        if entry == NONE and name == "grade":
            continue
        shown = entry if isinstance(entry, int) else quoted(entry)
        said = [f"{one.origin} {one.codes[code]!r}" for one in possible if code in one.codes]
        rows = look.counts.get(code, 0)
        yield f"{quoted(mask_text(code))} = {shown}  # {rows} rows" + "".join(
            f"; {one}" for one in said
        )
    if len(codes) > MOST_CODES:
        yield f"# {len(codes) - MOST_CODES} more values: is this the right column?"
