"""The catalogue: what each metric is, whose it is, when it is final, and what it may tempt to."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from data.errors import HallscoreError, nearest
from data.toml_files import load_toml
from metrics.measure_files import MeasureFile, homes_of_measures

FOLDER = Path(__file__).parent / "catalogue"
WAITS = "waits"


def _terms(given: Any) -> Any:
    """'a', ['a', 'b'] and { a = 1, b = -1 } all mean a weighted sum of measures."""
    if isinstance(given, str):
        return {given: 1}
    if isinstance(given, list):
        return dict.fromkeys(given, 1)
    return given


Terms = Annotated[dict[str, int], BeforeValidator(_terms)]


class Strict(BaseModel):
    """A table of a TOML file; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Text(Strict):
    """The same sentence in both languages; `text["zh"]` reads one of them."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def __getitem__(self, lang: str) -> str:
        return {"zh": self.zh, "en": self.en}[lang]


class Matters(Strict):
    """The smallest difference that matters: in the metric's own unit, or as a ratio of odds.

    Never 0: with enough events any two units differ, and a call of all of them says nothing.
    """

    difference: float | None = Field(default=None, gt=0)
    odds: float | None = Field(default=None, gt=1)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.difference is None) == (self.odds is None):
            raise ValueError("expected `difference` or `odds`, and only one of them")
        return self


# What chance does to a value: each event of d is a yes or no; each is one of some levels; the sums
# of a day vary together; the values behind a quantile do; none: a fact that is not drawn.
Chance = Literal["events", "levels", "days", "values", "none"]


class Metric(Strict):
    """One metric. n and d are weighted sums of measures; the value is n / d, never a mean of rates.

    A quantile has neither: it names its histogram and the percent. `matures_after` is the number of
    days after the service from which a value can no longer change in the ordinary course.
    """

    id: str
    label: Text
    variant: Text
    kind: Literal["count", "stock", "ratio", "mean", "quantile"]
    unit: Literal["share", "count", "s", "points", "score"]
    numerator: Terms = Field(default_factory=dict)
    denominator: Terms = Field(default_factory=dict)
    divide_by: int = Field(default=1, ge=1)
    histogram: Literal["waits"] | None = None
    percent: int | None = Field(default=None, ge=1, le=99)
    good: Literal["high", "low", "none"]
    matters: Matters | None = None
    chance: Chance | None = None
    min_n: int | None = Field(default=None, ge=1)
    dated_by: Literal[
        "served", "rated", "received", "closed", "taken", "inspected", "attended", "due", "end"
    ]
    matures_after: int = Field(ge=0)
    attributed_to: Literal["counter", "department"]
    why: Text
    gaming: Text
    source: Text
    next_review: date
    example: tuple[dict[str, Any], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        known = homes_of_measures()
        for name in (*self.numerator, *self.denominator):
            if name not in known:
                raise ValueError(f"unknown measure {name!r}.{nearest(name, known)}")
        quantile = self.kind == "quantile"
        if quantile != (self.histogram is not None and self.percent is not None):
            raise ValueError("a quantile, and only a quantile, has `histogram` and `percent`")
        if quantile == bool(self.numerator):
            raise ValueError("every metric but a quantile has a `numerator`")
        if (self.kind in ("ratio", "mean")) != bool(self.denominator):
            raise ValueError("ratios and means, and only they, have a `denominator`")
        if (self.kind in ("count", "stock")) != (self.matters is None):
            raise ValueError("ratios, means and quantiles, and only they, say what `matters`")
        return self

    @property
    def drawn(self) -> Chance:
        """What chance does to the value: as the file says, else by the kind."""
        if self.chance is not None:
            return self.chance
        if self.kind == "mean":
            return "levels" if set(self.denominator.values()) == {1} and self.graded else "days"
        return {"ratio": "events", "quantile": "values"}.get(self.kind, "none")  # type: ignore[return-value]

    @property
    def graded(self) -> bool:
        """Whether the value is a mean of the five grades."""
        return all("_grade_" in name for name in self.numerator)

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the sums that the metric needs."""
        names = (self.histogram,) if self.histogram else (*self.numerator, *self.denominator)
        return tuple(dict.fromkeys(names))

    @property
    def files(self) -> tuple[MeasureFile, ...]:
        """The measure files that hold them."""
        homes = homes_of_measures()
        return tuple({homes[name].name: homes[name] for name in self.measures}.values())

    def divide(self, sums: Mapping[str, int]) -> tuple[int, int | None, float | None]:
        """n, d and value of given sums: the rule for one unit, used by the worked examples."""
        n = _weigh(self.numerator, sums)
        if not self.denominator:
            return n, None, float(n)
        d = _weigh(self.denominator, sums)
        return n, d, float(Fraction(n, d * self.divide_by)) if d else None


def _weigh(terms: Mapping[str, int], sums: Mapping[str, int]) -> int:
    return sum(weight * sums[name] for name, weight in terms.items())


@cache
def catalogue() -> Mapping[str, Metric]:
    """All metrics by id, in the order of their ids."""
    return read_catalogue(FOLDER)


def read_catalogue(folder: Path) -> Mapping[str, Metric]:
    """The metrics of a folder; each file is named after its id."""
    found: dict[str, Metric] = {}
    for path in sorted(folder.glob("*.toml")):
        one = load_toml(path, Metric)
        if one.id != path.stem:
            raise HallscoreError(
                f"{path}: key 'id' is {one.id!r}; expected {path.stem!r}, the name of the file."
            )
        found[one.id] = one
    return found


def metric(name: str) -> Metric:
    """The metric of that id; an unknown one raises HallscoreError with the nearest."""
    known = catalogue()
    if name not in known:
        raise HallscoreError(
            f"metric {name!r} is not in the catalogue.{nearest(name, known)} "
            f"Known: {', '.join(known)}."
        )
    return known[name]


def past_review(metrics: Iterable[Metric], day: date) -> list[Metric]:
    """The metrics whose definition should have been reviewed before `day`."""
    return [one for one in metrics if one.next_review < day]
