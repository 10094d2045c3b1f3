"""Bytes into text, in bounded pieces, by the profile's encoding; nothing is guessed in silence.

A UTF-8 byte order mark says what the file is and is always believed. UTF-8 Chinese often decodes as
GB18030 without an error, into other characters, so that mistake is looked for and named.
"""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from data.errors import HallscoreError

ENOUGH = 4  # so many Chinese characters that are whole UTF-8 by chance: not in a GB18030 file
OTHERS = {"utf-8": "gb18030", "gb18030": "utf-8"}


def decoded(stream: IO[bytes], path: Path, encoding: str, size: int = 8 << 20) -> Iterator[str]:
    """Text in pieces of about `size` bytes; HallscoreError with line and bytes where it is not."""
    packed = stream.read(size)
    if packed.startswith(codecs.BOM_UTF8):
        encoding, packed = "utf-8", packed[len(codecs.BOM_UTF8) :]
    if encoding == "gb18030":
        _refuse_utf8(packed, path)
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 0
    while True:
        try:
            text = decoder.decode(packed, final=not packed)
        except UnicodeDecodeError as error:
            raise _wrong(error, path, encoding, lines) from None
        lines += packed.count(b"\n")
        if text:
            yield text
        if not packed:
            return
        packed = stream.read(size)


def _refuse_utf8(packed: bytes, path: Path) -> None:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(packed)
    except UnicodeDecodeError:
        return
    places = [at for at, letter in enumerate(text) if "\u4e00" <= letter <= "\u9fff"][:ENOUGH]
    if len(places) < ENOUGH:
        return
    seen = text[places[0]].encode()
    raise HallscoreError(
        f"{path}, line {text.count(chr(10), 0, places[0]) + 1}: the bytes {seen!r} are UTF-8, not "
        "gb18030. The profile says encoding = 'gb18030'; the source wrote 'utf-8'. Correct the "
        "profile."
    )


def _wrong(error: UnicodeDecodeError, path: Path, encoding: str, lines: int) -> HallscoreError:
    line = lines + error.object[: error.start].count(b"\n") + 1
    seen = error.object[error.start : error.start + 4]
    return HallscoreError(
        f"{path}, line {line}: the bytes {seen!r} are not {encoding}. The profile says encoding = "
        f"{encoding!r}; {_nearest_encoding(error.object, encoding)}"
    )


def _nearest_encoding(packed: bytes, encoding: str) -> str:
    """What the bytes may be instead, by trying."""
    if packed.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "this is UTF-16 (Excel's 'Unicode text'). Save it as CSV UTF-8."
    other = OTHERS[encoding]
    try:
        codecs.getincrementaldecoder(other)().decode(packed)
    except UnicodeDecodeError:
        return f"it is not {other!r} either. Save the file as UTF-8."
    return (
        f"did the source write {other!r}? Correct the profile, or save the file in that encoding."
    )
