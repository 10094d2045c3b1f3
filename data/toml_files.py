"""TOML files into pydantic models; an error names the file, the key and the nearest known key."""

import tomllib
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
    key = ".".join(str(part) for part in found["loc"] if part not in getattr(model, "TAGS", ()))
    if found["type"] == "extra_forbidden":
        known = sorted(_keys(model))
        last = str(found["loc"][-1])
        return f"{path}: unknown key {key!r}.{nearest(last, known)} Known: {', '.join(known)}."
    if found["type"] == "missing":
        return f"{path}: the key {key!r} is missing. Add it."
    where = f"key {key!r}: " if key else ""
    return f"{path}: {where}{found['msg']}; seen {found['input']!r}. Correct the file."


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
