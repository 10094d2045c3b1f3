"""What an assessment scheme (考核办法) is: entity, period, items, vetoes, awards, roll-ups."""

from datetime import date
from fractions import Fraction
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from data.errors import nearest
from metrics.catalogue import Strict, Text, catalogue
from metrics.points import PLACES, Exact, Units, step_of
from metrics.scheme_items import KINDS, AnyItem, AwaitedItem, DeductItem, MetricItem

Entity = Literal["counter", "staff", "chief", "department", "hall"]
Span = Literal["day", "week", "month", "quarter", "year"]
LENGTHS = ("day", "week", "month", "quarter", "year")


class Unread(Strict):
    """Points whose clauses the source leaves unreadable: they are not scored, not invented."""

    points: Annotated[Units, Field(gt=0)]
    note: Text


class Dual(Strict):
    """A second entity whom every deduction and bonus hits too, by a fixed ratio."""

    entity: Literal["chief"]
    ratio: Annotated[Exact, Field(gt=0)]


class Veto(Strict):
    """A fact that overrides the score (一票否决), and for how long.

    `source` findings or vetoes: an event of rule `code`. metric: its n is above `above`.
    `effect` no_award: keeps its rank, gets no award; apart: is not ranked; zero: scores 0.
    """

    id: str
    label: Text
    source: Literal["findings", "vetoes", "metric"]
    code: str | None = None
    metric: str | None = None
    above: int = Field(default=0, ge=0)
    scope: Literal["month", "quarter", "year"]
    effect: Literal["no_award", "apart", "zero"]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        by_metric = self.source == "metric"
        if by_metric != (self.metric is not None) or by_metric == (self.code is not None):
            raise ValueError("a veto names a `code` of its events, or a `metric`, not both")
        if self.metric is not None and self.metric not in catalogue():
            raise ValueError(f"unknown metric {self.metric!r}.{nearest(self.metric, catalogue())}")
        return self


class Award(Strict):
    """A list by rank: red (红旗窗口, 红榜) from the top, black (黑榜) from the bottom.

    `count` or `share` of the ranked of each frame (share: rounded down, at least 1). `needs`:
    so many awards of the list `of` in the months before (年度候选), or an award in the same period.
    """

    id: str
    label: Text
    list: Literal["red", "black"] = "red"
    period: Span
    count: int | None = Field(default=None, ge=1)
    share: Annotated[Exact, Field(gt=0, le=1)] | None = None
    within: Literal["frame", "hall", "all"] = "frame"
    least: Units | None = None  # least score
    of: str | None = None
    needs: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.count is None) == (self.share is None) and self.of is None:
            raise ValueError("an award has a quota: `count` or `share`")
        if self.count is not None and self.share is not None:
            raise ValueError("an award has one quota: `count` or `share`")
        return self


class LastPlaces(Strict):
    """What follows from the last places in several periods running (连续末位)."""

    id: str
    label: Text
    last: int = Field(ge=1)  # how many places from the end
    periods: int = Field(ge=2)


class RollUp(Strict):
    """How a longer period follows from the scores of shorter ones.

    mean: of the scored ones; sum: of all; weighted: the mean times `share`, and the ballots of
    `electorate` at the year's end for the rest. `least`: so many scored ones are needed.
    `part`: who was there for a part only: as_is; scaled (a sum times all / scored); apart.
    """

    to: Literal["week", "month", "quarter", "year"]
    of: Literal["day", "week", "month", "quarter"]
    rule: Literal["mean", "sum", "weighted"]
    least: int = Field(default=1, ge=1)
    part: Literal["as_is", "scaled", "apart"] = "as_is"
    share: Annotated[Exact, Field(gt=0, lt=1)] | None = None
    electorate: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if LENGTHS.index(self.to) <= LENGTHS.index(self.of):
            raise ValueError(f"a roll-up to {self.to} of {self.of} is none")
        weighted = self.rule == "weighted"
        if weighted != (self.share is not None and self.electorate is not None):
            raise ValueError("`weighted`, and only that, has `share` and `electorate`")
        if self.part == "scaled" and self.rule != "sum":
            raise ValueError("only a sum is `scaled`")
        return self


class Scheme(Strict):
    """An assessment scheme. Full points = base + the weights of its items + what is unreadable.

    `none`, `missing`: what becomes of an item without business or without a report: its weight is
    spread over the others, it counts in full, or for zero, or the unit is withheld. `floor` item:
    no item goes below 0; total: the score does not; none: nothing holds it.
    """

    TAGS: ClassVar[frozenset[str]] = frozenset(KINDS)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: Text
    version: str
    valid_from: date
    valid_to: date | None = None  # the first day on which it no longer holds
    source: str = ""
    why: Text | None = None
    entity: Entity = "counter"
    period: Span = "month"
    frame: Literal["level", "hall", "all"] = "level"
    publish: Literal["official", "tiers"]
    full: Annotated[Units, Field(gt=0)] = 1_000_000
    base: Annotated[Units, Field(ge=0)] = 0
    max: Annotated[Units, Field(gt=0)] | None = None
    bonus_cap: Annotated[Units, Field(ge=0)] | None = None
    floor: Literal["none", "item", "total"] = "total"
    decimals: int = Field(default=2, ge=0, le=PLACES)
    rounding: Literal["item", "total"] = "item"
    min_n: int = Field(default=0, ge=0)
    min_observed: Annotated[Exact, Field(ge=0, le=1)] = Fraction(0)
    small: Literal["apart", "ranked"] = "apart"
    none: Literal["spread", "full", "zero"] = "spread"
    missing: Literal["withhold", "spread", "zero"] = "withhold"
    ties: tuple[str, ...] = ()
    dual: Dual | None = None
    unread: tuple[Unread, ...] = ()
    items: tuple[AnyItem, ...] = Field(alias="item", min_length=1)
    vetoes: tuple[Veto, ...] = Field(alias="veto", default=())
    awards: tuple[Award, ...] = Field(alias="award", default=())
    last_places: tuple[LastPlaces, ...] = Field(alias="last_places", default=())
    rollups: tuple[RollUp, ...] = Field(alias="rollup", default=())

    @property
    def step(self) -> int:
        """Units of the last printed decimal."""
        return step_of(self.decimals)

    @property
    def readable(self) -> int:
        """Full points in units without what is unreadable: the score is out of these."""
        return self.full - sum(one.points for one in self.unread)

    def in_force(self, day: date) -> bool:
        """Whether this version holds on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    @model_validator(mode="after")
    def _named(self) -> Self:
        for item in self.items:
            if not item.id:
                name = item.metric if isinstance(item, MetricItem) else item.kind
                object.__setattr__(item, "id", name)
        ids = [item.id for item in self.items]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"item {twice[0]!r} stands there twice; give one of them an `id`")
        return self

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        weights = sum(item.weight for item in self.items)
        unread = sum(one.points for one in self.unread)
        total = self.base + weights + unread
        if total != self.full:
            raise ValueError(
                f"base {_text(self.base)} + weights {_text(weights)} + unreadable "
                f"{_text(unread)} = {_text(total)}; expected full = {_text(self.full)}"
            )
        for item in self.items:
            if self.rounding == "item" and item.weight % self.step:
                raise ValueError(
                    f"item {item.id!r}: the weight has more than {self.decimals} decimals"
                )
        if self.max is not None and self.max < self.full:
            raise ValueError(f"max {_text(self.max)} is less than full {_text(self.full)}")
        return self

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise ValueError(f"valid_to {self.valid_to} is not after valid_from {self.valid_from}")
        own = LENGTHS.index(self.period)
        for award in self.awards:
            if LENGTHS.index(award.period) < own:
                raise ValueError(
                    f"award {award.id!r}: its period ({award.period}) is shorter than the scheme's"
                )
            if award.of is not None and award.of not in {one.id for one in self.awards}:
                ids = [one.id for one in self.awards]
                raise ValueError(
                    f"award {award.id!r}: unknown award {award.of!r}.{nearest(award.of, ids)}"
                )
        spans = [(self.period, one.to) for one in self.rollups]
        if any(LENGTHS.index(low) >= LENGTHS.index(high) for low, high in spans):
            raise ValueError("a roll-up leads from the scheme's period to a longer one")
        return self

    @model_validator(mode="after")
    def _vetoes_possible(self) -> Self:
        for veto in self.vetoes:
            if LENGTHS.index(veto.scope) < LENGTHS.index(self.period):
                raise ValueError(
                    f"veto {veto.id!r}: its scope ({veto.scope}) is shorter than the period of the "
                    f"scheme ({self.period}): it could never end inside one"
                )
            if veto.effect == "no_award" and not self.awards:
                raise ValueError(f"veto {veto.id!r}: takes awards, but the scheme has none")
        return self

    @model_validator(mode="after")
    def _claims_once(self) -> Self:
        """A finding scores once only: no two deductions may take the same events."""
        taken: dict[tuple[str, str], str] = {}
        for item in (one for one in self.items if isinstance(one, DeductItem)):
            for rule in item.rules:
                key = (item.events, rule.code)
                if taken.setdefault(key, item.id) != item.id:
                    raise ValueError(
                        f"items {taken[key]!r} and {item.id!r} both take {item.events} of code "
                        f"{rule.code!r}: an event scores once only"
                    )
        return self

    @model_validator(mode="after")
    def _breaks_ties(self) -> Self:
        known = {*catalogue(), *(item.id for item in self.items)}
        for name in self.ties:
            if name not in known:
                raise ValueError(f"ties: unknown metric or item {name!r}.{nearest(name, known)}")
        return self

    @property
    def awaited(self) -> bool:
        """Whether every item waits for a source that is not taken in yet."""
        return all(isinstance(item, AwaitedItem) for item in self.items)


def _text(units: int) -> str:
    return f"{units / 10_000:g}"
