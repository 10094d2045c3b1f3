"""sources.toml: who delivers what; a wrong key is one message that names it."""

from pathlib import Path

import pytest

from data.errors import HallscoreError
from data.sources import load_sources, profile_of, source_of

QUEUE = '[sources.queue]\nlog = "tickets"\nprofile = "canonical"\n'


def written(home: Path, text: str) -> Path:
    (home / "sources.toml").write_text(text, "utf-8")
    return home


def test_a_home_without_the_file_has_no_sources(tmp_path: Path) -> None:
    assert load_sources(tmp_path) == {}


def test_a_source_names_its_log_and_its_profile(tmp_path: Path) -> None:
    source = source_of(written(tmp_path, QUEUE), "queue")
    assert (source.log, profile_of(tmp_path, source)) == ("tickets", "canonical")


def test_a_profile_beside_the_file_goes_first(tmp_path: Path) -> None:
    (tmp_path / "queue.toml").write_text("", "utf-8")
    home = written(tmp_path, QUEUE.replace('"canonical"', '"queue.toml"'))
    assert profile_of(home, source_of(home, "queue")) == str(tmp_path / "queue.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (QUEUE.replace("tickets", "ticket"), "unknown log 'ticket'.*'tickets'"),
        (QUEUE + 'ownr = "x"\n', "unknown key .*ownr.*'owner'"),
        (QUEUE.replace('log = "tickets"\n', ""), "log.*missing"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(HallscoreError, match=said):
        load_sources(written(tmp_path, text))


def test_an_unknown_source_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(HallscoreError, match=r"'queu'.*Did you mean 'queue'"):
        source_of(written(tmp_path, QUEUE), "queu")
