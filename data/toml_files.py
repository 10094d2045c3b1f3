"""TOML files into pydantic models; an error names the file, the key and the nearest known key."""

import re
import tomllib
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from data.errors import HallscoreError, nearest

Model = TypeVar("Model", bound=BaseModel)


class Strict(BaseModel):
    """A table of a TOML file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def load_toml(path: Path, model: type[Model], exact: bool = False) -> Model:
    """Read one file as `model`; raises HallscoreError on bad TOML, key or value.

    `exact`: numbers with a decimal point arrive as decimals, digit for digit.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal if exact else float)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HallscoreError(f"{path}: not readable as TOML ({error}). Correct the file.") from None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        # A misspelt key is also a missing one; the misspelling is the cause.
        found = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        raise HallscoreError(_sentence(path, found[0], model)) from None


def _sentence(path: Path, found: ErrorDetails, model: type[BaseModel]) -> str:
    tags = getattr(model, "TAGS", ())
    key = ".".join(str(part) for part in found["loc"] if part not in tags)
    if found["type"] == "extra_forbidden":
        known = sorted(_keys(_model_at(model, found["loc"][:-1], tags)))
        last = str(found["loc"][-1])
        return f"{path}: unknown key {key!r}.{nearest(last, known)} Known: {', '.join(known)}."
    if found["type"] == "missing":
        return f"{path}: the key {key!r} is missing. Add it."
    if found["type"] == "union_tag_invalid":
        return _no_such(path, f"{key}.kind", found["ctx"]["tag"], found["ctx"]["expected_tags"])
    if found["type"] == "literal_error":
        return _no_such(path, key, found["input"], found["ctx"]["expected"])
    where = f"key {key!r}: " if key else ""
    said = found["msg"].removeprefix("Value error, ")
    # A whole table says nothing that the sentence has not said.
    ended = said.endswith((".", "?"))
    seen = "" if ended else "."
    if not isinstance(found["input"], dict | list):
        seen = f"{' Seen' if ended else '; seen'} {_shown(found['input'])}."
    return f"{path}: {where}{said}{seen} Correct the file."


def _shown(given: object) -> str:
    return str(given) if isinstance(given, Decimal) else repr(given)


def _no_such(path: Path, key: str, seen: object, expected: str) -> str:
    """A value that is none of the known ones; `expected` quotes these."""
    known = re.findall("'([^']*)'", expected)
    close = nearest(str(seen), known)
    return f"{path}: key {key!r}: seen {seen!r}, not known.{close} Known: {', '.join(known)}."


def _model_at(
    model: type[BaseModel], loc: tuple[int | str, ...], tags: Collection[str]
) -> type[BaseModel]:
    """The table of the file to which a place leads; `model` itself where that is not clear."""
    here = [model]
    for part in loc:
        if isinstance(part, int):
            continue
        if part in tags:
            here = [one for one in here if part in _kinds(one)]
            continue
        fields = [
            declared
            for one in here
            for name, declared in one.model_fields.items()
            if part in (declared.alias, name)
        ]
        here = [inner for declared in fields for inner in _inside(declared.annotation)]
    return here[0] if len(here) == 1 else model


def _kinds(model: type[BaseModel]) -> tuple[str, ...]:
    declared = model.model_fields.get("kind")
    return getattr(declared.annotation, "__args__", ()) if declared is not None else ()


def _keys(model: type[BaseModel]) -> set[str]:
    """Keys of a model and of the models inside it, as they are written in the file."""
    keys: set[str] = set()
    for name, declared in model.model_fields.items():
        keys.add(declared.alias or name)
        for inner in _inside(declared.annotation):
            keys |= _keys(inner)
    return keys


def _inside(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    parts = getattr(annotation, "__args__", ())
    return [model for part in parts for model in _inside(part)]
