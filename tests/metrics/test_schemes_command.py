"""hallscore schemes: the list, words, checks and differences, and the how-to that shows them."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from town import Town

from hallscore import main
from metrics.scheme_files import FOLDER, schemes

ROOT = FOLDER.parent.parent
HOW_TO = (ROOT / "docs/how-to/schemes.md").read_text("utf-8")


def run(home: Path, *arguments: str) -> int:
    """The command in this process; its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "schemes", *arguments])
    return int(ended.value.code or 0)


def test_the_list_as_json_has_every_scheme_with_its_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For other programs: one object per version."""
    assert run(tmp_path, "list", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == list(schemes())
    keys = {"id", "version", "entity", "period", "publish", "source", "label"}
    assert all(keys <= set(row) for row in rows)


@pytest.mark.parametrize(("lang", "said"), [("zh", "扣完为止"), ("en", "No item goes below zero")])
def test_a_scheme_is_shown_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, said: str
) -> None:
    """In the language that was asked for."""
    assert run(tmp_path, "show", "p05_hall", "--lang", lang) == 0
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "p05_hal"], "Did you mean 'p05_hall'"),
        (["show", "first@7"], "has versions 1"),
        (["show", "first", "--lang", "de"], "known are zh, en"),
        (["diff", "first", "frist"], "Did you mean 'first'"),
        (["check", "nowhere.toml"], "no such file"),
    ],
)
def test_a_wrong_name_ends_with_code_2_and_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """As all refusals."""
    assert run(tmp_path, *arguments) == 2
    assert said in capsys.readouterr().err


def test_a_wrong_file_is_refused_and_a_right_one_tells_codes_that_no_item_takes(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A finding that scores nowhere is a hole in the scheme, not a wrong file."""
    found = {"found_at": "2019-08-05 10:00:00", "counter_id": "c-tax", "points": "1"}
    town.deliver(
        "findings",
        [
            {"finding_id": "1", "rule_code": "fee", **found},
            {"finding_id": "2", "rule_code": "smoking", **found},
        ],
    )
    text = (FOLDER / "p02_county.toml").read_text("utf-8").replace('"p02_county"', '"ours"')
    mine = tmp_path / "ours.toml"
    mine.write_text(
        text.replace(
            '[[item.rule]]\npoints = "recorded"\n\n[[item]]\nid     = "extra"',
            '[[item]]\nid     = "extra"',
        ),
        "utf-8",
    )
    assert run(town.home, "check", str(mine)) == 0
    told = capsys.readouterr().err
    assert "no item takes the 1 findings of code smoking" in told
    assert "code fee" not in told
    extra = '[[item]]\nid     = "extra"'
    rest = f'[[item.rule]]\npoints = "recorded"\n\n{extra}'
    assert rest in text
    mine.write_text(text.replace(rest, extra), "utf-8")
    assert run(town.home, "check", str(mine)) == 0
    told = capsys.readouterr().err
    assert "no item takes the 1 findings of code smoking" in told
    assert "code fee" not in told
    mine.write_text(text.replace("weight = 15", "weight = 16"), "utf-8")
    assert run(town.home, "check", str(mine)) == 2
    assert "expected full = 100" in capsys.readouterr().err


def test_two_schemes_without_a_difference_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty table would leave it open."""
    assert run(tmp_path, "diff", "first", "first") == 0
    assert "no difference" in capsys.readouterr().err
    assert run(tmp_path, "diff", "first", "first", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def blocks(kind: str) -> list[str]:
    """The code blocks of the how-to, without the indentation of its list."""
    found = re.findall(rf"   ```{kind}\n(.*?)   ```", HOW_TO, re.DOTALL)
    return [re.sub(r"(?m)^   ", "", one) for one in found]


def test_the_how_to_works_as_it_is_written(tmp_path: Path) -> None:
    """Its file is a scheme, and each of its commands ends well, in this order."""
    script = tmp_path / "bin" / "hallscore"
    script.parent.mkdir()
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import hallscore; hallscore.main()"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c "{start}" "$@"\n')
    script.chmod(0o755)
    [ours] = blocks("toml")
    (tmp_path / "ours.toml").write_text(ours, "utf-8")
    printed = ""
    for block in blocks("sh"):
        ran = subprocess.run(
            ["sh", "-e", "-c", block],
            cwd=tmp_path,
            env=os.environ | {"PATH": f"{script.parent}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{block}\n{ran.stderr}"
        printed += ran.stdout + ran.stderr
    assert "ours.toml: scheme ours, version 1, is right" in printed
    assert "本市月度考评" in printed
    assert re.search(r"item on_time_rate +weight +40 +50", printed)
