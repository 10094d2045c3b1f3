"""Every line of a file comes back: as a row with its true line, or as a reject that says why."""

import csv
import gzip
import io
import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from data.csv_chunks import read_csv_chunks
from data.errors import HallscoreError
from data.readers import RawChunk, read_chunks

HEAD = "id,said,place\n"


def chunks(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> Iterator[RawChunk]:
    return read_chunks(path, encoding, delimiter)


def all_of(path: Path, encoding: str = "utf-8", delimiter: str = ",") -> RawChunk:
    parts = list(chunks(path, encoding, delimiter))
    rows = pl.concat([part.rows for part in parts], how="diagonal_relaxed")
    return RawChunk(rows, pl.concat([part.rejects for part in parts]))


def written(folder: Path, text: str, name: str = "f.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def lines_of(chunk: RawChunk) -> list[int]:
    return chunk.rows["_line"].to_list()


def test_the_line_of_a_row_is_where_it_begins_in_the_file(tmp_path: Path) -> None:
    """The header is line 1; a field of three lines moves the rows behind it by two."""
    text = HEAD + 'a,one,x\nb,"two\nthree\nfour",y\nc,"five, six",z\n'
    assert lines_of(all_of(written(tmp_path, text))) == [2, 3, 6]


def test_windows_line_ends_and_a_missing_last_one_change_nothing(tmp_path: Path) -> None:
    plain = all_of(written(tmp_path, HEAD + "a,1,x\nb,2,y\n"))
    other = all_of(written(tmp_path, (HEAD + "a,1,x\nb,2,y").replace("\n", "\r\n")))
    assert plain.rows.equals(other.rows)


def test_a_ragged_row_is_a_reject_and_the_rows_around_it_are_read(tmp_path: Path) -> None:
    got = all_of(written(tmp_path, HEAD + "a,1,x\nb,2\nc,3,z\nd,4,x,y\n"))
    assert lines_of(got) == [2, 4]
    assert got.rejects.select("line", "reason", "detail").rows() == [
        (3, "ragged_row", "2 fields, the header has 3"),
        (5, "ragged_row", "4 fields, the header has 3"),
    ]


def test_inches_in_a_field_swallow_no_row(tmp_path: Path) -> None:
    """A quote inside a field is a letter; two of them are no bracket around the rows between."""
    lines = [f"{n},{'5' + chr(34) + ' pipe' if n in (3, 30) else 'x'},y\n" for n in range(50)]
    got = all_of(written(tmp_path, HEAD + "ragged\n" + "".join(lines)))
    assert lines_of(got) == list(range(3, 53))
    assert got.rows["said"][3] == '5" pipe'


@pytest.mark.parametrize("opened", ['b,"open,x', 'b,x,"open', '"open,b,x'])
def test_an_open_quote_costs_its_own_line_only(opened: str, tmp_path: Path) -> None:
    rows = "".join(f'{n},"q, r",y\n' for n in range(5))
    got = all_of(written(tmp_path, HEAD + rows + opened + "\n" + rows))
    assert got.rows.height == 10
    assert got.rejects.select("line", "reason").rows() == [(7, "open_quote")]


def test_an_open_quote_that_closes_in_a_later_row_gives_the_rows_between_back(
    tmp_path: Path,
) -> None:
    got = all_of(written(tmp_path, HEAD + 'a,"open,x\nb,2,y\nc,3,z\nd,4",x,y\n'))
    assert lines_of(got) == [3, 4]
    assert got.rejects["reason"].to_list() == ["open_quote", "ragged_row"]


CELLS = ("x", "yy", "", '5" p', '5"', '"q"', '"q,r"', '"q\ns"', '"d""e"', '"open', '"ab"c', '""')


def any_text(seed: int) -> str:
    draw = random.Random(seed)
    rows = []
    for _ in range(draw.randint(1, 6)):
        width = 3 if draw.random() < 0.9 else draw.choice((1, 2, 4))
        odd = [draw.choice(CELLS) if draw.random() < 0.3 else "x" for _ in range(width)]
        rows.append(",".join(odd))
    return "\n".join(rows) + "\n"


def by_csv(text: str) -> list[tuple[str, ...]] | None:
    """What Python's strict reader makes of the text, None where it refuses."""
    try:
        return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True)]
    except csv.Error:
        return None


def test_no_text_however_broken_loses_a_line() -> None:
    """400 small files: each line belongs to one row or one reject; whole files read as csv does."""
    for seed in range(400):
        text = any_text(seed)
        stream = io.BytesIO((HEAD + text).encode())
        parts = list(read_csv_chunks(stream, Path("f.csv"), "utf-8", ","))
        rows = pl.concat([part for part, _ in parts], how="diagonal")
        taken = {
            line: 1 + sum((cell or "").count("\n") for cell in cells)
            for *cells, line in rows.select("id", "said", "place", "_line").rows()
        }
        for _, part in parts:
            taken |= {line: 1 + raw.count("\n") for line, _, _, raw in part.rows()}
        covered = [at for line, used in taken.items() for at in range(line, line + used)]
        filled = {at for at, line in enumerate((HEAD + text).split("\n"), 1) if line.strip()} - {1}
        assert filled <= set(covered), text
        assert len(covered) == len(set(covered)), text
        whole = by_csv(text)
        if whole is not None and all(len(row) == 3 for row in whole):
            cells = [tuple(cell or "" for cell in row) for row in rows.drop("_line").rows()]
            assert cells == whole, text


def test_blank_lines_are_no_rows_and_still_count(tmp_path: Path) -> None:
    assert lines_of(all_of(written(tmp_path, HEAD + "a,1,x\n\nb,2,y\n"))) == [2, 4]


def test_a_byte_order_mark_is_believed_whatever_the_profile_says(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + "a,户口,x\n", encoding="utf-8-sig")
    for encoding in ("utf-8", "gb18030"):
        assert all_of(path, encoding).rows["said"].to_list() == ["户口"]


def test_gb18030_under_utf8_names_line_bytes_and_the_encoding_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + "a,1,x\nb,户口,y\n", encoding="gb18030")
    with pytest.raises(HallscoreError, match=r"f\.csv, line 3: the bytes .* 'gb18030'\?"):
        all_of(path)


def test_utf8_under_gb18030_is_told_though_every_byte_decodes(tmp_path: Path) -> None:
    """Otherwise 户口迁移 would come in as other characters, without a word."""
    path = written(tmp_path, HEAD + "a,1,x\nb,户口迁移登记,y\n")
    with pytest.raises(HallscoreError, match=r"f\.csv, line 3: .*are UTF-8, not gb18030"):
        all_of(path, "gb18030")


def test_other_encodings_are_not_taken_for_ours(tmp_path: Path) -> None:
    with pytest.raises(HallscoreError, match="UTF-16"):
        all_of(written(tmp_path, HEAD + "a,户口,x\n", encoding="utf-16"))
    with pytest.raises(HallscoreError, match="not 'gb18030' either"):
        all_of(written(tmp_path, HEAD + "a,café ,x\n", encoding="latin-1"))


def test_a_column_twice_in_the_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HallscoreError, match="line 1: column 'id' stands twice"):
        all_of(written(tmp_path, "id,id\n1,2\n"))


def test_a_broken_line_of_jsonl_is_a_reject(tmp_path: Path) -> None:
    text = '{"id": 1, "said": "x"}\n{"id": 2\n\n[3]\n{"id": 4.0, "said": null}\n'
    got = all_of(written(tmp_path, text, "f.jsonl"))
    assert lines_of(got) == [1, 5]
    assert got.rows["id"].to_list() == ["1", "4"]
    assert got.rejects.select("line", "reason").rows() == [
        (2, "unreadable_row"),
        (4, "unreadable_row"),
    ]


@pytest.mark.parametrize(("name", "text"), [("f.csv", ""), ("f.jsonl", ""), ("g.jsonl", "{\n")])
def test_a_file_without_anything_to_read_says_so(name: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(HallscoreError, match=rf"{name}: (empty|no line is a JSON object)"):
        all_of(written(tmp_path, text, name))


def test_a_torn_or_damaged_gzip_file_is_one_message(tmp_path: Path) -> None:
    packed = gzip.compress((HEAD + "".join(f"{n * 7919},x,y\n" for n in range(4000))).encode())
    damaged = bytearray(packed)
    damaged[500] ^= 255
    for number, content in enumerate((packed[:-40], bytes(damaged), b"plain text")):
        path = tmp_path / f"f{number}.csv.gz"
        path.write_bytes(content)
        with pytest.raises(HallscoreError, match="not a whole gzip file"):
            all_of(path)


def test_a_missing_file_names_the_nearest_one(tmp_path: Path) -> None:
    written(tmp_path, HEAD, "ratings_2019-08.csv")
    with pytest.raises(HallscoreError, match=r"Did you mean 'ratings_2019-08\.csv'\?"):
        all_of(tmp_path / "ratings_2019_08.csv")


def test_rows_of_a_workbook_keep_their_numbers_behind_a_blank_row(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for at, row in ((0, ["id", "said"]), (1, ["a", 5]), (4, ["b", 4])):
            sheet.write_row(at, 0, row)
    assert lines_of(all_of(path)) == [2, 5]


def test_a_large_file_comes_in_bounded_pieces(tmp_path: Path) -> None:
    """24 MB in pieces of about 8; the lines run on."""
    path = written(tmp_path, HEAD + "".join(f"{n},{'x' * 70},y\n" for n in range(300_000)))
    seen: list[int] = []
    parts = list(read_chunks(path, "utf-8", ",", lambda done, total: seen.append(done)))
    assert max(part.rows.height for part in parts) < 150_000
    lines = pl.concat([part.rows["_line"] for part in parts])
    assert lines.to_list() == list(range(2, 300_002))
    assert seen == sorted(seen)
    assert seen[-1] == path.stat().st_size
