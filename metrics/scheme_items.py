"""The items of a scheme: rate, volume, mean, vote, score, deduct, bonus, and what is awaited."""

from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from data.errors import nearest
from metrics.catalogue import Strict, Text, catalogue, metric
from metrics.points import Exact, Units

Pairs = tuple[tuple[Exact, Exact], ...]


def _above_zero(units: int) -> int:
    if units <= 0:
        raise ValueError("expected a number above 0")
    return units


def _not_negative(units: int) -> int:
    if units < 0:
        raise ValueError("expected a number that is not negative")
    return units


Weight = Annotated[Units, AfterValidator(_above_zero)]
Positive = Annotated[Units, AfterValidator(_not_negative)]
ANY = "*"  # a rule for every code that no other rule names
RECORDED = "recorded"
EVENTS = ("findings", "attendance", "late_cases", "bad_ratings", "vetoes")
# What of a source can be counted once: a round of inspection, a working day of being late.
PER = {
    "findings": ("event", "round"),
    "attendance": ("event",),
    "late_cases": ("event", "workday"),
    "bad_ratings": ("event",),
    "vetoes": ("event",),
}
# The codes that the house itself gives; the codes of inspectors and offices are their own.
CODES = {
    "attendance": ("late", "early", "no_sign", "absent", "leave", "away", "not_back"),
    "late_cases": ("late",),
    "bad_ratings": ("1", "2"),
}
# A case names the counter that took it, never a person.
NOT_OF_STAFF = ("late_cases",)


def _each(given: Any) -> Any:
    return None if given == RECORDED else given


def code_shaped(given: str) -> str:
    """A rule code as it is; raises ValueError for one that no log could carry."""
    if given != ANY and (not given or ANY in given or any(one.isspace() for one in given)):
        raise ValueError(
            f"{given!r} is no rule code: expected one code without spaces, or {ANY!r} for all that "
            "no other rule names"
        )
    return given


class Rule(Strict):
    """What one event costs (or brings): fixed points, or those that the record carries.

    `code`: rule code of a finding, bonus or veto, or kind of an attendance row; "*" stands for all
    that no other rule names. Bounds of minutes include the lower and exclude the upper end.
    """

    code: str = ANY
    points: Annotated[Positive | None, BeforeValidator(_each)]  # None: as recorded
    label: Text | None = None
    min_minutes: int | None = Field(default=None, ge=0)
    below_minutes: int | None = Field(default=None, ge=1)

    @field_validator("code")
    @classmethod
    def _shaped(cls, given: str) -> str:
        return code_shaped(given)


class Item(Strict):
    """What every item has. `weight`: its full points in units; 0 where it only takes or gives."""

    id: str = Field(default="", pattern=r"^[a-z0-9_]*$")
    label: Text | None = None
    clause: str | None = None  # where the 考核办法 says it
    why: Text | None = None  # why it is there, where the scheme is our own
    unread: Text | None = None  # what of this item the source leaves unreadable


class MetricItem(Item):
    """A metric mapped to a share of the weight; the mapping is published, never relative.

    `min_n`: the least base (its d, of a count its n) for this item; default: that of the metric.
    """

    metric: str
    weight: Weight
    mapping: Pairs = Field(min_length=2)
    min_n: int | None = Field(default=None, ge=1)

    @field_validator("metric")
    @classmethod
    def _known(cls, given: str) -> str:
        _check_metric(given)
        return given

    @field_validator("mapping")
    @classmethod
    def _rising(cls, given: Pairs) -> Pairs:
        _check_mapping(given)
        return given


class RateItem(MetricItem):
    """A rate, mean or quantile of the catalogue."""

    kind: Literal["rate"] = "rate"


class VolumeItem(MetricItem):
    """A number of cases, tickets or services."""

    kind: Literal["volume"]

    @model_validator(mode="after")
    def _counts(self) -> Self:
        if metric(self.metric).kind not in ("count", "stock"):
            raise ValueError(f"volume needs a metric that counts; {self.metric!r} does not")
        return self


class MeanItem(Item):
    """A mean: of the points of active grades, or of the scores of the counter's staff."""

    kind: Literal["mean"]
    of: Literal["grades", "staff"]
    weight: Weight
    full: Exact = Fraction(100)  # the mean that earns the whole weight
    grades: dict[str, Exact] = Field(default_factory=dict)  # "5": points, … "1": points
    scheme: str | None = None  # by which the staff are scored

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.full <= 0:
            raise ValueError("full must be above 0")
        if (self.of == "grades") != (sorted(self.grades) == ["1", "2", "3", "4", "5"]):
            raise ValueError("a mean of grades, and only that, has points for grades 1 to 5")
        if (self.of == "staff") != (self.scheme is not None):
            raise ValueError("a mean of staff, and only that, names their `scheme`")
        return self


class VoteItem(Item):
    """The mean of the ballots of an electorate, as a share of their scale."""

    kind: Literal["vote"]
    electorate: str
    weight: Weight


class ScoreItem(Item):
    """The score of the same entity under another scheme, as a share of that one's full score."""

    kind: Literal["score"]
    scheme: str
    weight: Weight


class DeductItem(Item):
    """Events that cost points: from the item's own weight, or (without one) from the base.

    `per` round: the points of all findings divided by the rounds that covered the counter, times
    `rounds`. `per` workday: so many points for each working day overdue.
    """

    kind: Literal["deduct"]
    events: Literal["findings", "attendance", "late_cases", "bad_ratings", "vetoes"]
    weight: Positive = 0
    per: Literal["event", "round", "workday"] = "event"
    rounds: int = Field(default=1, ge=1)
    cap: Positive | None = None  # most that the item takes
    rules: tuple[Rule, ...] = Field(alias="rule", min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.per not in PER[self.events]:
            raise ValueError(
                f"per {self.per!r} does not go with {self.events}; expected one of "
                f"{', '.join(PER[self.events])}"
            )
        if self.events in ("late_cases", "bad_ratings", "attendance", "vetoes") and any(
            rule.points is None for rule in self.rules
        ):
            raise ValueError(f"{self.events} carry no points of their own: write a number")
        _check_codes(self.events, self.rules)
        _check_rules(self.rules)
        return self


class BonusItem(Item):
    """Bonus records that add points, up to a cap."""

    kind: Literal["bonus"]
    weight: Literal[0] = 0
    cap: Positive | None = None
    rules: tuple[Rule, ...] = Field(alias="rule", min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _check_rules(self.rules)
        return self


class AwaitedItem(Item):
    """An item whose source Hallscore does not take in yet: always missing, never invented."""

    kind: Literal["awaited"]
    label: Text
    awaits: str
    weight: Weight


def _kind(given: Any) -> str:
    return str(given.get("kind", "rate") if isinstance(given, dict) else given.kind)


def label_of(item: Item) -> Text:
    """What an item is called: its own label, else that of its metric, else of its kind."""
    if item.label is not None:
        return item.label
    if isinstance(item, MetricItem):
        return metric(item.metric).label
    return Text(zh=item.id, en=item.id)


KINDS: dict[str, type[Item]] = {
    "rate": RateItem,
    "volume": VolumeItem,
    "mean": MeanItem,
    "vote": VoteItem,
    "score": ScoreItem,
    "deduct": DeductItem,
    "bonus": BonusItem,
    "awaited": AwaitedItem,
}
AnyItem = Annotated[
    Annotated[RateItem, Tag("rate")]
    | Annotated[VolumeItem, Tag("volume")]
    | Annotated[MeanItem, Tag("mean")]
    | Annotated[VoteItem, Tag("vote")]
    | Annotated[ScoreItem, Tag("score")]
    | Annotated[DeductItem, Tag("deduct")]
    | Annotated[BonusItem, Tag("bonus")]
    | Annotated[AwaitedItem, Tag("awaited")],
    Discriminator(_kind),
]


def _check_metric(name: str) -> None:
    if name not in catalogue():
        raise ValueError(f"unknown metric {name!r}.{nearest(name, catalogue())}")


def _check_mapping(mapping: Pairs) -> None:
    if any(low >= high for (low, _), (high, _) in pairwise(mapping)):
        raise ValueError("the values of a mapping rise from pair to pair")
    if any(not 0 <= share <= 1 for _, share in mapping):
        raise ValueError("the shares of a mapping lie between 0 and 1")


def _check_codes(events: str, rules: tuple[Rule, ...]) -> None:
    """Codes that the house gives are known; minutes are those of attendance."""
    for rule in rules:
        known = CODES.get(events)
        if known is not None and rule.code != ANY and rule.code not in known:
            raise ValueError(
                f"unknown code {rule.code!r} of {events}.{nearest(rule.code, known)} "
                f"Known: {', '.join(known)}"
            )
        timed = rule.min_minutes is not None or rule.below_minutes is not None
        if timed and events != "attendance":
            raise ValueError(f"rule {rule.code!r}: {events} have no minutes, only attendance has")


def _check_rules(rules: tuple[Rule, ...]) -> None:
    spans: dict[str, list[tuple[int, int]]] = {}
    for rule in rules:
        low, high = rule.min_minutes or 0, rule.below_minutes or 10**9
        if low >= high:
            raise ValueError(f"rule {rule.code!r}: min_minutes must be less than below_minutes")
        if any(low < end and start < high for start, end in spans.get(rule.code, [])):
            raise ValueError(f"two rules take the same events of code {rule.code!r}")
        spans.setdefault(rule.code, []).append((low, high))
