"""Errors of the program in the words of the page: what was seen, where, and what to do."""

import re

from dashboard.text import Words
from data.errors import HallscoreError

# The message as the terminal prints it, and the text of the page that says the same.
KNOWN = {
    "no_version": r"--scheme '(?P<scheme>[^']*)': no version holds on (?P<day>[\d-]+)\. "
    r"There are: (?P<known>.*)\.",
    "no_scheme": r"--scheme '(?P<scheme>[^']*)': no such scheme\..*Known: (?P<known>.*)\.",
    "no_user": r"--as '(?P<user>[^']*)': (?P<path>\S+) knows no such user; it knows "
    r"(?P<known>[^.]*)\.",
    "no_users": r"--as '(?P<user>[^']*)': there is no (?P<path>\S+);",
    "no_hall": r"access\.toml, user '(?P<user>[^']*)': hall '(?P<hall>[^']*)' is not in the",
    "no_home": r"(?P<path>.+): no store here\.",
    "other_format": r"(?P<path>.+): store format '(?P<seen>[^']*)'; this version reads format "
    r"'(?P<known>[^']*)'",
    "persons": r"user '(?P<user>[^']*)' may not see scores of persons",
    "access": r"(?P<path>\S*access\.toml): (?P<seen>.*)",
    "no_metric": r"metric '(?P<metric>[^']*)' .*(is not in the catalogue|has no )",
}


def reason(error: HallscoreError, words: Words) -> str:
    """The error in the language of the page; the general sentence for one that has no text yet."""
    message = " ".join(str(error).split())
    for name, pattern in KNOWN.items():
        found = re.match(pattern, message)
        if found is not None:
            return words(f"reason.{name}", **found.groupdict())
    return words("reason.other")
