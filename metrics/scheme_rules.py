"""What a scheme rules beside its items: who takes part, vetoes, awards, last places, roll-ups."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from data.errors import nearest
from metrics.catalogue import Strict, Text, catalogue, metric
from metrics.points import Exact, Units
from metrics.scheme_items import ANY, Weight, code_shaped

Span = Literal["day", "week", "month", "quarter", "year"]
LENGTHS = ("day", "week", "month", "quarter", "year")


class Unread(Strict):
    """Points whose clauses the source leaves unreadable: they are not scored, not invented."""

    points: Weight
    note: Text


class Eligible(Strict):
    """Who may take part in the awards: the others are scored, and get none.

    `title`: rule code of a bonus record (also of 0 points) that a unit needs in the period, for a
    title that somebody gave. Out are names that contain one of `without_named`, and 业务类别
    (families) `without_families`.
    """

    title: str | None = None
    without_named: tuple[str, ...] = ()
    without_families: tuple[str, ...] = ()
    note: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not (self.title or self.without_named or self.without_families):
            raise ValueError("expected `title`, `without_named` or `without_families`")
        if self.title is not None and code_shaped(self.title) == ANY:
            raise ValueError("`title` is one rule code, not all")
        return self


class Peers(Strict):
    """How peer groups (同类窗口) are made where the frame is `peers`; metrics/fairness/peers.py.

    `volume`: the count whose sum of the year before parts them into `bands`; `least`: the size
    below which groups merge.
    """

    by: tuple[Literal["level", "family", "volume"], ...] = ("level", "family", "volume")
    bands: int = Field(default=3, ge=2, le=9)
    volume: str = "tickets"
    least: int = Field(default=8, ge=2)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if "level" not in self.by:
            raise ValueError("`by` names `level`: hall levels are never mixed")
        if self.volume not in catalogue():
            raise ValueError(f"unknown metric {self.volume!r}.{nearest(self.volume, catalogue())}")
        if metric(self.volume).kind != "count":
            raise ValueError(
                f"`volume` is a count; {self.volume!r} is a {metric(self.volume).kind}"
            )
        return self


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
    unread: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        by_metric = self.source == "metric"
        if by_metric != (self.metric is not None) or by_metric == (self.code is not None):
            raise ValueError("a veto names a `code` of its events, or a `metric`, not both")
        if self.metric is not None and self.metric not in catalogue():
            raise ValueError(f"unknown metric {self.metric!r}.{nearest(self.metric, catalogue())}")
        if self.metric is not None and metric(self.metric).histogram:
            raise ValueError(f"metric {self.metric!r} is a quantile: it has no n to be above")
        if self.code is not None and code_shaped(self.code) == ANY:
            raise ValueError("a veto names one rule code, not all")
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
    unread: Text | None = None

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
    unread: Text | None = None


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
    unread: Text | None = None

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
