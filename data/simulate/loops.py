"""What becomes of bad ratings: signed for, verified, put right, replied to, called back, voided."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from data.simulate.services import stamp
from data.simulate.town import Town

HOUR_S, DAY_S = 3600, 86_400
VERDICTS = ("upheld", "unfounded", "mistaken", "malicious")
VERDICT_SHARE = (0.93, 0.03, 0.03, 0.01)
COMPLEX_SHARE, STOP_SHARE, CALL_SHARE, AGAIN_SHARE = 0.2, 0.04, 0.9, 0.1
TIMES = ("signed_at", "verified_at", "rectified_at", "replied_at", "called_back_at", "rerated_at")
GROUNDS = "复核录音与监控，系误触评价器"
ISO = "%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True)
class LoopTruth:
    """The known true quality of each hall: days that it takes to put a simple matter right."""

    redress_days: np.ndarray  # by place of the hall

    @classmethod
    def of(cls, town: Town, seed: int) -> "LoopTruth":
        """Drawn beside the town, so that the town stays the one of its seed."""
        rng = np.random.default_rng([seed, 3])
        count = town.frames["halls"].height
        return cls(np.exp(rng.normal(np.log(5.0), 0.45, count)))

    def frame(self, town: Town) -> pl.DataFrame:
        """hall_id, redress_days."""
        return town.frames["halls"].select("hall_id", redress_days=pl.Series(self.redress_days))


def rectifications(
    town: Town, truth: LoopTruth, ratings: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """The redress of the bad ratings among `ratings`, whole, however late its times are.

    `ratings` holds the follow-up ratings too: where one came, it is the second grade.
    """
    bad = ratings.filter(pl.col("grade") <= 2, pl.col("origin") == "active").sort("rating_id")
    place = pl.DataFrame({"counter_id": town.counter_ids, "hall": town.hall})
    again = ratings.filter(pl.col("rating_id").str.starts_with("F")).select(
        "case_id", "counter_id", followed_at="rated_at", followed_grade="grade"
    )
    told = bad.join(place, on="counter_id", how="left", maintain_order="left").join(
        again, on=["case_id", "counter_id"], how="left", maintain_order="left"
    )
    count = told.height
    complex_ = rng.random(count) < COMPLEX_SHARE
    days = truth.redress_days[told["hall"].to_numpy()] * np.where(complex_, 2.0, 1.0)
    opened = told["rated_at"].dt.epoch("s").to_numpy()
    signed = opened + (rng.exponential(5.0, count) * HOUR_S).astype(np.int64) + 600
    verified = signed + (rng.exponential(9.0, count) * HOUR_S).astype(np.int64) + 1800
    stopped = rng.random(count) < STOP_SHARE
    pause = np.where(stopped, rng.integers(2, 9, count), 0) * DAY_S
    spent = (days * rng.gamma(3.0, 1 / 3.0, count) * DAY_S).astype(np.int64)
    rectified = verified + 3600 + spent + pause
    replied = rectified + (rng.exponential(6.0, count) * HOUR_S).astype(np.int64) + 300
    called = replied + rng.integers(4, 72, count) * HOUR_S
    verdict = rng.choice(len(VERDICTS), count, p=VERDICT_SHARE)
    upheld = verdict == 0
    drawn = ~(told["followed_at"].is_not_null().to_numpy()) & (rng.random(count) < AGAIN_SHARE)
    second = stamp(called + 2 * DAY_S, drawn & upheld)
    grade = pl.Series(rng.choice([2, 3, 4, 5], count).astype(np.int8)).set(
        pl.Series(~(drawn & upheld)), None
    )
    return told.select("rating_id", "counter_id", opened_at="rated_at").with_columns(
        complexity=pl.Series(["simple", "complex"])[complex_.astype(np.int64)],
        signed_at=stamp(signed),
        verified_at=stamp(verified),
        verdict=pl.Series(VERDICTS)[verdict],
        rectified_at=stamp(rectified, upheld),
        replied_at=stamp(replied, verdict <= 1),
        called_back_at=stamp(called, (verdict <= 1) & (rng.random(count) < CALL_SHARE)),
        rerated_at=pl.coalesce(told["followed_at"], second),
        rerated_grade=pl.coalesce(told["followed_grade"], grade),
        stop_from=stamp(verified + 1800, stopped & upheld),
        stop_to=stamp(verified + 1800 + pause, stopped & upheld),
    )


def known_by(rows: pl.DataFrame, end: datetime) -> pl.DataFrame:
    """The redress as its source knows it at a moment: what comes later is empty."""
    begun, over = pl.col("stop_from") < end, pl.col("stop_to") < end
    until = pl.when(over).then(pl.col("stop_to").dt.strftime(ISO)).otherwise(pl.lit(""))
    stops = pl.concat_str(pl.col("stop_from").dt.strftime(ISO), pl.lit("/"), until)
    times = [pl.when(pl.col(name) < end).then(name).alias(name) for name in TIMES]
    return rows.with_columns(
        *times,
        verdict=pl.when(pl.col("verified_at") < end).then("verdict"),
        rerated_grade=pl.when(pl.col("rerated_at") < end).then("rerated_grade"),
        clock_stops=pl.when(begun).then(stops),
    ).drop("stop_from", "stop_to")


def goes_on(rows: pl.DataFrame, end: datetime) -> pl.DataFrame:
    """The redress of which something happens at or after a moment."""
    later = [(pl.col(name) >= end).fill_null(value=False) for name in (*TIMES, "stop_to")]
    return rows.filter(pl.any_horizontal(later))


def voids(rows: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
    """The decisions of [start, end) on ratings that were found mistaken or malicious."""
    found = rows.filter(
        pl.col("verdict").is_in(["mistaken", "malicious"]),
        pl.col("verified_at") >= start,
        pl.col("verified_at") < end,
    )
    return found.select(
        pl.concat_str(pl.lit("V"), "rating_id").alias("void_id"),
        "rating_id",
        void_reason="verdict",
        grounds=pl.lit(GROUNDS),
        decided_by=pl.lit("复核组"),
        decided_on=pl.col("verified_at").dt.date(),
    )
