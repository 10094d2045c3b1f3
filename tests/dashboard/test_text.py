"""Words: both languages are complete, each in its own script, none missing, none unused."""

import re
from pathlib import Path
from string import Formatter

import pytest

from dashboard.text import LANGUAGES, Words, keys_of
from data.contracts import CONTRACTS
from data.entry import ENTERED
from data.errors import HallscoreError
from metrics.catalogue import catalogue
from metrics.entities import LEVELS
from metrics.scheme_files import scheme, schemes

ROOM = Path(__file__).parents[2] / "dashboard"
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
# The switch names the other language in that language.
OTHER_SCRIPT = {"app.other_language"}
NAMES = re.compile(r"\b(Hallscore|Excel|CSV)\b|\{\w+\}")
FULL = re.compile(r"words\(\s*\"([a-z_]+\.[a-z_]+)\"")
PREFIX = re.compile(r"words\(\s*f\"([a-z_]+\.)\{")


def code() -> str:
    return "\n".join(path.read_text("utf-8") for path in ROOM.rglob("*.py"))


def test_both_languages_have_the_same_keys():
    assert set(keys_of("zh")) == set(keys_of("en"))


def test_a_text_has_the_same_parts_in_both_languages():
    def parts(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    chinese, english = keys_of("zh"), keys_of("en")
    differing = {key for key in chinese if parts(chinese[key]) != parts(english[key])}
    assert differing == set()


def test_english_texts_hold_no_chinese():
    mixed = {key: text for key, text in keys_of("en").items() if CHINESE.search(text)}
    assert set(mixed) == OTHER_SCRIPT


def test_chinese_texts_hold_no_english_but_names():
    latin = {
        key: text
        for key, text in keys_of("zh").items()
        if re.search("[A-Za-z]", NAMES.sub("", text))
    }
    assert set(latin) == OTHER_SCRIPT


def test_every_key_in_the_code_exists():
    known = keys_of("zh")
    assert {key for key in FULL.findall(code()) if key not in known} == set()
    assert all(any(key.startswith(prefix) for key in known) for prefix in PREFIX.findall(code()))


def test_every_log_and_table_has_its_name():
    """The pages ask for the name of whatever was delivered, also of a log that is new."""
    for lang in LANGUAGES:
        assert all(Words(lang)(f"log.{name}") for name in CONTRACTS)


def test_every_code_that_can_be_entered_has_a_word():
    """The form would show the bare code on a Chinese page."""
    codes = {code for log in ENTERED for known in CONTRACTS[log].codes.values() for code in known}
    assert len(codes) > 20
    for lang in LANGUAGES:
        assert {code for code in codes if f"entry_code.{code}" not in keys_of(lang)} == set()


def test_no_key_is_unused():
    source = code()
    used, prefixes = set(FULL.findall(source)), tuple(PREFIX.findall(source))
    literals = set(re.findall(r"\"([a-z_]+\.[a-z_]+)\"", source))
    unused = {key for key in keys_of("zh") if key not in used | literals}
    assert {key for key in unused if not key.startswith(prefixes)} == set()


def test_every_word_of_the_catalogue_and_the_schemes_has_a_text():
    wanted = {f"good.{one.good}" for one in catalogue().values()}
    wanted |= {f"owner.{one.attributed_to}" for one in catalogue().values()}
    wanted |= {f"publish.{scheme(name).publish}" for name in schemes()}
    wanted |= {f"level.{level}" for level in (*LEVELS, "all")}
    assert wanted - set(keys_of("zh")) == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_missing_key_is_an_error_that_names_the_nearest(lang):
    with pytest.raises(HallscoreError, match=r"ranking\.titel.*ranking\.title"):
        Words(lang)("ranking.titel")
