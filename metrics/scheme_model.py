"""What an assessment scheme (考核办法) is: entity, period, items, vetoes, awards, roll-ups."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from data.errors import HallscoreError, nearest
from metrics.catalogue import Strict, Text, catalogue
from metrics.points import PLACES, Exact, step_of
from metrics.scheme_items import (
    KINDS,
    NOT_OF_STAFF,
    AnyItem,
    AwaitedItem,
    BonusItem,
    DeductItem,
    MetricItem,
    Positive,
    Rule,
    Weight,
)
from metrics.scheme_rules import (
    LENGTHS,
    Award,
    Dual,
    Eligible,
    LastPlaces,
    Peers,
    RollUp,
    Span,
    Unread,
    Veto,
)

__all__ = [
    "LENGTHS",
    "Award",
    "Dual",
    "Eligible",
    "Entity",
    "LastPlaces",
    "Peers",
    "RollUp",
    "Scheme",
    "Span",
    "Unread",
    "Veto",
    "claims_of",
]

Entity = Literal["counter", "staff", "chief", "department", "hall"]


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
    note: Text | None = None  # what the file had to settle itself
    entity: Entity = "counter"
    period: Span = "month"
    frame: Literal["level", "hall", "all", "peers"] = "level"
    peers: Peers = Peers()
    publish: Literal["official", "tiers"]
    full: Weight = 1_000_000
    base: Positive = 0
    max: Weight | None = None
    bonus_cap: Positive | None = None
    floor: Literal["none", "item", "total"] = "total"
    decimals: int = Field(default=2, ge=0, le=PLACES)
    rounding: Literal["item", "total"] = "item"
    matters: Weight | None = None  # the smallest difference of scores that does; default: 1 %
    min_n: int = Field(default=0, ge=0)
    min_observed: Annotated[Exact, Field(ge=0, le=1)] = Fraction(0)
    small: Literal["apart", "ranked"] = "apart"
    none: Literal["spread", "full", "zero"] = "spread"
    missing: Literal["withhold", "spread", "zero"] = "withhold"
    ties: tuple[str, ...] = ()
    eligible: Eligible | None = None
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

    @property
    def least_difference(self) -> int:
        """The smallest difference of scores that matters, in units."""
        return self.readable // 100 if self.matters is None else self.matters

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
        _check_sum(self)
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
        """A finding scores once only: no two items may take the same events."""
        taken: dict[tuple[str, str], str] = {}
        for item in self.items:
            for source, rule in claims_of(item):
                if taken.setdefault((source, rule.code), item.id) != item.id:
                    raise ValueError(
                        f"items {taken[source, rule.code]!r} and {item.id!r} both take {source} of "
                        f"code {rule.code!r}: an event scores once only"
                    )
        return self

    @model_validator(mode="after")
    def _of_persons(self) -> Self:
        """A person's score rests on what names a person: no value is borrowed from the counter."""
        for item in self.items if self.entity == "staff" else ():
            if isinstance(item, MetricItem):
                raise ValueError(
                    f"item {item.id!r}: metric {item.metric!r} is one of counters, it has no value "
                    "of a member of staff; take votes, a mean of grades, or events"
                )
            if isinstance(item, DeductItem) and item.events in NOT_OF_STAFF:
                raise ValueError(
                    f"item {item.id!r}: {item.events} name no member of staff; take findings"
                )
        return self

    @model_validator(mode="after")
    def _breaks_ties(self) -> Self:
        known = {*catalogue(), *(item.id for item in self.items)}
        for name in self.ties:
            if name not in known:
                raise ValueError(f"ties: unknown metric or item {name!r}.{nearest(name, known)}")
        return self

    def elsewhere(self, item: DeductItem | BonusItem) -> frozenset[str]:
        """The codes of the same source that other items name: the rule "*" leaves them alone."""
        (source, _), *_ = claims_of(item)
        others = [claim for one in self.items if one.id != item.id for claim in claims_of(one)]
        return frozenset(rule.code for name, rule in others if name == source)

    def with_weights(self, weights: Mapping[str, float | str | Decimal]) -> Self:
        """The same scheme with other weights (points) of some items: what if?

        They must add up to the full points as before; HallscoreError says what is wrong.
        """
        ids = [item.id for item in self.items]
        for name in weights:
            if name not in ids:
                raise HallscoreError(
                    f"scheme {self.id!r} has no item {name!r}.{nearest(name, ids)} "
                    f"Known: {', '.join(ids)}."
                )
        try:
            items = tuple(_reweighted(item, weights.get(item.id)) for item in self.items)
            changed = self.model_copy(update={"items": items, "version": f"{self.version} what-if"})
            _check_sum(changed)
        except ValueError as error:
            raise HallscoreError(f"scheme {self.id!r}, other weights: {error}.") from None
        return changed

    @property
    def awaited(self) -> bool:
        """Whether every item waits for a source that is not taken in yet."""
        return all(isinstance(item, AwaitedItem) for item in self.items)


def _check_sum(chosen: Scheme) -> None:
    """Base, weights and what is unreadable are the full points; raises ValueError."""
    weights = sum(item.weight for item in chosen.items)
    unread = sum(one.points for one in chosen.unread)
    total = chosen.base + weights + unread
    if total != chosen.full:
        raise ValueError(
            f"base {_text(chosen.base)} + weights {_text(weights)} + unreadable "
            f"{_text(unread)} = {_text(total)}; expected full = {_text(chosen.full)}"
        )
    for item in chosen.items:
        if chosen.rounding == "item" and item.weight % chosen.step:
            raise ValueError(
                f"item {item.id!r}: the weight has more than {chosen.decimals} decimals"
            )
    if chosen.max is not None and chosen.max < chosen.full:
        raise ValueError(f"max {_text(chosen.max)} is less than full {_text(chosen.full)}")


def claims_of(item: object) -> list[tuple[str, Rule]]:
    """(source, rule) of what an item takes; none for items that rest on values."""
    if isinstance(item, DeductItem):
        return [(item.events, rule) for rule in item.rules]
    return [("bonuses", rule) for rule in item.rules] if isinstance(item, BonusItem) else []


def _reweighted(item: AnyItem, weight: float | str | Decimal | None) -> AnyItem:
    if weight is None:
        return item
    fresh = TypeAdapter(type(item).model_fields["weight"].rebuild_annotation())
    try:
        return item.model_copy(update={"weight": fresh.validate_python(weight)})
    except ValidationError as error:
        raise ValueError(f"item {item.id!r}: {error.errors()[0]['msg']}; seen {weight!r}") from None


def _text(units: int) -> str:
    return f"{units / 10_000:g}"
