"""Who may see which halls. Every function that makes a frame takes a Scope."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from data.errors import HallscoreError, nearest

INTAKE = "intake"  # the right to settle what came in: replays, aliases
PERSONS = "persons"  # the right to see single members of staff


@dataclass(frozen=True)
class Scope:
    """A user and the halls whose subtrees are theirs; None means the whole city."""

    user: str
    hall_ids: frozenset[str] | None
    # Frames never depend on rights: two scopes that see the same are the same.
    rights: frozenset[str] = field(default=frozenset(), compare=False)


class _User(BaseModel):
    model_config = ConfigDict(extra="forbid")
    halls: list[str] | str
    rights: list[str] = []


def scope_for(home: Path, user: str | None) -> Scope:
    """The scope of a user of <home>/access.toml; without a user the local operator sees all.

    An unknown user is refused, also where there is no access.toml.
    """
    if user is None:
        return Scope("local", None, frozenset([INTAKE, PERSONS]))
    path = home / "access.toml"
    if not path.exists():
        raise HallscoreError(f"--as {user!r}: there is no {path}; write the users and halls there.")
    users = _users(path)
    if user not in users:
        raise HallscoreError(
            f"--as {user!r}: {path} knows no such user; it knows {', '.join(users)}."
            f"{nearest(user, users)}"
        )
    halls, rights = users[user].halls, frozenset(users[user].rights)
    if halls == "all":
        return Scope(user, None, rights)
    if isinstance(halls, str):
        raise HallscoreError(
            f'{path}: users.{user}.halls is {halls!r}; write "all" or a list of ids.'
        )
    return Scope(user, frozenset(halls), rights)


def _users(path: Path) -> dict[str, _User]:
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        return {name: _User.model_validate(one) for name, one in content.get("users", {}).items()}
    except tomllib.TOMLDecodeError as error:
        raise HallscoreError(f"{path}: not valid TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise HallscoreError(
            f"{path}: {place}: {first['msg']}. Keys are halls and rights."
        ) from None


def visible_halls(halls: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Halls (with parent_id) inside the subtrees of the scope."""
    if scope.hall_ids is None:
        return halls
    seen = set(scope.hall_ids)
    while True:
        below = set(halls.filter(pl.col("parent_id").is_in(list(seen)))["hall_id"])
        if below <= seen:
            return halls.filter(pl.col("hall_id").is_in(list(seen)))
        seen |= below
