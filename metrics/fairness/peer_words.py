"""Peer groups in words: the name of a group says its level, business family and volume."""

import re

from metrics.fairness.ladder import OTHER

LEVELS = {
    "city": ("市级", "City"),
    "county": ("县级", "County"),
    "township": ("乡镇", "Township"),
    "village": ("村", "Village"),
    "all": ("全部", "All"),
}
OTHERS = ("其他业务", "other business")
BANDS = {
    2: (("小", "low"), ("大", "high")),
    3: (("小", "low"), ("中", "middle"), ("大", "high")),
}
BAND = re.compile(r"(?P<low>\d+)(?:-(?P<high>\d+))?of(?P<bands>\d+)")
MERGED = {
    "": ("", ""),
    "bands": ("相邻业务量档合并", "neighbouring volume bands merged"),
    "volume": ("窗口不足，不分业务量", "too few counters to split by volume"),
    "family": ("窗口不足，并入其他业务", "too few counters: among other business"),
    "level": ("窗口不足，同级合为一组", "too few counters: the level is one group"),
    "new": ("尚无自己的业务量，暂列中档", "no volume of its own yet: in the middle band"),
}


def group_id(level: str, family: str | None, run: tuple[int, int] | None, bands: int) -> str:
    """The name of a group that URLs and files carry: township/民政/2of3."""
    parts = [level] if family is None else [level, family]
    if run is not None:
        low, high = run
        parts.append(f"{low}of{bands}" if low == high else f"{low}-{high}of{bands}")
    return "/".join(parts)


def group_label(group: str, lang: str = "zh") -> str:
    """A group in words: 乡镇·民政·业务量中, Township · 民政 · middle volume.

    Whatever is no name of a peer group is given back as it is.
    """
    at = 0 if lang == "zh" else 1
    level, _, rest = group.partition("/")
    if level not in LEVELS:
        return group
    family, slash, last = rest.rpartition("/")
    band = BAND.fullmatch(last)
    if band is None:
        family, slash, last = rest, "", ""
    elif not slash:
        family = ""
    words = [LEVELS[level][at]]
    if family:
        words.append(OTHERS[at] if family == OTHER else family)
    if band is not None:
        words.append(_band_label(band, lang))
    return ("·" if lang == "zh" else " · ").join(words)


def _band_label(band: re.Match[str], lang: str) -> str:
    low, bands = int(band["low"]), int(band["bands"])
    high = int(band["high"] or low)
    at = 0 if lang == "zh" else 1
    if bands in BANDS:
        first, last = BANDS[bands][low - 1][at], BANDS[bands][high - 1][at]
        if lang == "zh":
            return f"业务量{first}" if low == high else f"业务量{first}至{last}"
        return f"{first} volume" if low == high else f"{first} to {last} volume"
    span = str(low) if low == high else f"{low}–{high}"
    return f"业务量第{span}档（共{bands}档）" if lang == "zh" else f"volume band {span} of {bands}"


def basis_sentence(basis: str | None, lang: str = "zh") -> str:
    """On which volume the groups of a year rest, in a sentence."""
    if basis is None:
        return (
            "尚无一个完整季度的业务量，暂不按业务量分组。"
            if lang == "zh"
            else "No quarter is complete yet: no split by volume."
        )
    if lang == "zh":
        return f"按{basis}业务量分组，全年不变。"
    return f"By the volume of {basis}, the same all year."
