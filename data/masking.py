"""Personal numbers: what looks like a citizen's ID or mobile number leaves no trace in clear."""

import re

import polars as pl
import xxhash

ID_NUMBER = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
MOBILE = re.compile(r"(?<!\d)(?:86[- ]?)?1[3-9]\d{9}(?!\d)")
MASKS = ("[ID number]", "[phone number]")
SUSPICIOUS = r"\d{11}"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_id_number(text: str) -> bool:
    """Whether the text is a resident ID number with a right check digit (GB 11643-1999)."""
    if ID_NUMBER.fullmatch(text) is None:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == text[17].upper()


def mask_text(text: str) -> str:
    """The text with ID numbers and mobile numbers blotted out."""
    without = ID_NUMBER.sub(lambda match: MASKS[0] if is_id_number(match[0]) else match[0], text)
    return MOBILE.sub(MASKS[1], without)


def mask_series(texts: pl.Series) -> pl.Series:
    """Every text as `mask_text` gives it; nulls stay."""
    if not texts.str.contains(SUSPICIOUS).any():
        return texts
    return texts.map_elements(mask_text, return_dtype=pl.String)


def _code(number: str) -> str:
    return "p-" + xxhash.xxh3_64_hexdigest(number.upper().encode())


def _coded(text: str) -> str:
    return ID_NUMBER.sub(
        lambda match: _code(match[0]) if is_id_number(match[0]) else match[0], text
    )


def pseudonymise(ids: pl.Series) -> pl.Series:
    """Ids in which a citizen's ID number is replaced by a code; equal numbers get equal codes."""
    long = ids.filter(ids.str.len_bytes() >= 18)
    if not len(long):
        return ids
    likely = long.filter(long.str.contains(r"\d{17}[\dXx]")).unique().drop_nulls().to_list()
    codes = {one: code for one in likely if (code := _coded(one)) != one}
    return ids.replace(list(codes), list(codes.values())) if codes else ids
