"""What happens at the counters in one span: tickets, the cases they lead to, and the ratings."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from data.simulate.queues import Queue, arrivals, serve
from data.simulate.town import ITEMS_EACH, Town
from data.workdays import FIRST, Calendar

DAY_S = 86_400
CASE_SHARE = 0.34
ONLINE_SHARE = np.array([0.08, 0.08, 0.05, 0.0])  # online cases per ticket, by level
PROMISED_SHARE = np.array([0.45, 0.35, 0.12, 0.03])
DEFAULT_AFTER_DAYS = 7
STOP_SHARE = 0.03
FIRST_DAY = (FIRST - date(1970, 1, 1)).days


@dataclass(frozen=True)
class Services:
    """What could be rated: arrays of equal length, times in seconds since 1970."""

    counter: np.ndarray
    ended: np.ndarray
    subject: pl.Series  # case or ticket number
    wait: np.ndarray
    staff: pl.Series  # who served, as far as the evaluator says so: in the city hall


def stamp(seconds: np.ndarray, keep: np.ndarray | None = None) -> pl.Series:
    """Naive Datetime from seconds since 1970; null where `keep` is not set."""
    moments = pl.Series(seconds.astype(np.int64) * 1_000_000).cast(pl.Datetime("us"))
    return moments if keep is None else moments.set(pl.Series(~keep), None)


def numbered(prefix: str, start: int, count: int) -> pl.Series:
    """Ids such as T2019Q3-0000001."""
    numbers = pl.int_range(start, start + count, eager=True).cast(pl.String).str.zfill(7)
    return (pl.DataFrame({"n": numbers}).select(pl.lit(prefix) + pl.col("n"))).to_series()


def counter_days(
    town: Town,
    days: np.ndarray,
    saturdays: np.ndarray,
    factor: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """counter, day (since 1970) and number of tickets of each counter-day with any."""
    expected = town.daily[:, None] * factor[None, :]
    expected = np.where(saturdays[None, :], expected * town.saturday[:, None] * 0.6, expected)
    drawn = rng.poisson(expected)
    counter, place = np.nonzero(drawn)
    return counter, days[place], drawn[counter, place]


def queued(
    town: Town, counter: np.ndarray, counts: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, Queue]:
    """The counter-day of each ticket, and how the tickets of each counter-day were called."""
    group = np.repeat(np.arange(len(counts)), counts)
    each = counter[group]
    taken = arrivals(group, rng)
    minutes = town.truth["handling_minutes"].to_numpy()[each]
    handling = (minutes * 60 * np.exp(rng.normal(-0.18, 0.6, len(each)))).astype(np.int64) + 20
    calm = town.truth["patience_minutes"].to_numpy()[each]
    patience = (calm * 60 * rng.exponential(1.0, len(each))).astype(np.int64) + 300
    return group, serve(counts, taken, handling, patience, town.desks[counter])


def tickets(
    town: Town,
    counter: np.ndarray,
    day: np.ndarray,
    counts: np.ndarray,
    tag: str,
    rng: np.random.Generator,
) -> tuple[pl.DataFrame, Services, np.ndarray]:
    """Ticket rows, the served ones as services, and the mask of those served."""
    group, queue = queued(town, counter, counts, rng)
    return _ticket_rows(town, queue, counter[group], day[group], tag, rng)


def _ticket_rows(
    town: Town,
    queue: Queue,
    counter: np.ndarray,
    day: np.ndarray,
    tag: str,
    rng: np.random.Generator,
) -> tuple[pl.DataFrame, Services, np.ndarray]:
    called = queue.called >= 0
    luck = rng.random(len(counter))
    status = np.where(called, np.where(luck < 0.004, 2, np.where(luck < 0.007, 3, 0)), 1)
    names = pl.Series(["served", "abandoned", "suspended", "transferred"])
    channel = np.searchsorted([0.84, 0.95], rng.random(len(counter)), side="right")
    origin = day * DAY_S
    desk = town.first_desk[counter] + queue.desk
    ids = numbered(f"T{tag}-", 1, len(counter))
    desk_no = pl.Series(desk).cast(pl.String).set(pl.Series(~called), None)
    counter_ids = town.counter_ids[counter]
    staff = (
        pl.DataFrame([counter_ids.alias("c"), desk_no.alias("d")])
        .select(pl.concat_str(pl.lit("S"), "c", pl.lit("-"), "d").alias("staff"))
        .to_series()
    )
    rows = pl.DataFrame(
        {
            "ticket_id": ids,
            "counter_id": counter_ids,
            "taken_at": stamp(origin + queue.taken),
            "called_at": stamp(origin + queue.called, called),
            "finished_at": stamp(origin + queue.finished),
            "status": names[status],
            "channel": pl.Series(["onsite", "booked", "online"])[channel],
            "desk_no": desk_no,
            "staff_id": staff,
        }
    )
    served = status == 0
    ended = (origin + queue.finished)[served]
    waits = (queue.called - queue.taken)[served]
    subject, known = ids.filter(pl.Series(served)), pl.Series(town.level[counter[served]] == 0)
    person = staff.filter(pl.Series(served)).set(~known, None)
    return rows, Services(counter[served], ended, subject, waits, person), served


@dataclass(frozen=True)
class CaseDraw:
    """Cases before they are cut into deliveries; closed far in the future when still open."""

    rows: pl.DataFrame  # with closed_at set, however late
    from_ticket: np.ndarray  # place in the services of tickets, -1 for online cases


def cases(
    town: Town,
    calendar: Calendar,
    services: Services,
    span: tuple[int, int],
    tag: str,
    rng: np.random.Generator,
) -> CaseDraw:
    """Cases of the served tickets and online cases received in [span) (days since 1970)."""
    led = np.nonzero(rng.random(len(services.counter)) < CASE_SHARE)[0]
    online = np.nonzero(
        rng.random(len(services.counter)) < ONLINE_SHARE[town.level[services.counter]]
    )[0]
    counter = np.concatenate([services.counter[led], services.counter[online]])
    at_night = rng.integers(-6 * 3600, 6 * 3600, len(online))
    received = np.concatenate([services.ended[led], services.ended[online] + at_night])
    received = np.clip(received, span[0] * DAY_S, span[1] * DAY_S - 1)
    from_ticket = np.concatenate([led, np.full(len(online), -1)])
    return CaseDraw(
        _case_rows(town, calendar, services, counter, received, from_ticket, tag, rng), from_ticket
    )


def _case_rows(
    town: Town,
    calendar: Calendar,
    services: Services,
    counter: np.ndarray,
    received: np.ndarray,
    from_ticket: np.ndarray,
    tag: str,
    rng: np.random.Generator,
) -> pl.DataFrame:
    count = len(counter)
    own = town.department[counter]
    shared = (own == 0) & (rng.random(count) < 0.7)
    decides = np.where(shared, rng.integers(1, 12, count), own)
    promised = rng.random(count) < PROMISED_SHARE[town.level[counter]]
    number = np.where(promised, rng.integers(4, ITEMS_EACH, count), rng.integers(0, 4, count))
    items = town.frames["items"]
    item = decides * ITEMS_EACH + number
    limit = items["promised_limit"].fill_null(0).to_numpy()[item].astype(np.int64)
    in_days = (items["promised_unit"].fill_null("workday") == "day").to_numpy()[item]
    accepted = received + np.where(promised, rng.integers(600, 7200, count), 0)
    stopped = promised & (limit >= 5) & (rng.random(count) < STOP_SHARE)
    pause = np.where(stopped, rng.integers(3, 9, count), 0)
    used = _used(town, counter, limit, rng)
    day = accepted // DAY_S - FIRST_DAY
    end_day = np.where(in_days, day + used + pause, calendar.shift(day, used + pause))
    quick = np.where(from_ticket >= 0, 0, rng.integers(600, 6 * 3600, count))
    at_desk = rng.integers(9 * 3600, 17 * 3600, count)
    later = (end_day + FIRST_DAY) * DAY_S + at_desk
    closed = np.where(promised, np.maximum(later, accepted + 1800), accepted + quick)
    stop_from = accepted + 4 * 3600
    stop_to = np.minimum(stop_from + pause * DAY_S, closed)
    ticket = services.subject.gather(np.maximum(from_ticket, 0)).set(
        pl.Series(from_ticket < 0), None
    )
    departments = pl.Series([f"D{place:02d}" for place in range(len(items) // ITEMS_EACH)])
    return pl.DataFrame(
        {
            "case_id": numbered(f"K{tag}-", 1, count),
            "counter_id": town.counter_ids[counter],
            "department_id": departments[decides],
            "item_id": items["item_id"][item],
            "case_kind": pl.Series(["immediate", "promised"])[promised.astype(np.int64)],
            "channel": pl.Series(["counter", "online"])[(from_ticket < 0).astype(np.int64)],
            "received_at": stamp(received),
            "accepted_at": stamp(accepted),
            "closed_at": stamp(closed),
            "ticket_id": ticket,
            "stop_from": stamp(stop_from, stopped),
            "stop_to": stamp(stop_to, stopped),
            "counter": pl.Series(counter),
        }
    )


def _used(
    town: Town, counter: np.ndarray, limit: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Days that a promised case takes: mostly well inside the limit, sometimes beyond it."""
    share = rng.beta(2.2, 2.6, len(counter))
    inside = np.minimum(np.floor(share * (limit + 1)), limit)
    late = rng.random(len(counter)) < town.truth["late_probability"].to_numpy()[counter]
    return np.where(late, limit + 1 + rng.geometric(0.3, len(counter)), inside).astype(np.int64)


def ratings(town: Town, services: Services, tag: str, rng: np.random.Generator) -> pl.DataFrame:
    """Ratings of services: active ones, defaults after seven days, follow-ups after bad ones."""
    count = len(services.counter)
    luck = rng.random(count)
    active = luck < town.truth["response_probability"].to_numpy()[services.counter]
    default = ~active & (rng.random(count) < 0.33)
    bad = town.truth["bad_probability"].to_numpy()[services.counter]
    bad = np.minimum(bad * np.where(services.wait > 1800, 3.0, 1.0), 0.5)
    grade = _grades(bad, rng)
    soon = rng.exponential(45.0, count) + 3
    invited = rng.random(count) < 0.08
    delay = np.where(invited, rng.integers(3600, 3 * DAY_S, count), soon)
    delay = np.where(default, DEFAULT_AFTER_DAYS * DAY_S, delay).astype(np.int64)
    rated = active | default
    channel = np.where(default, 3, np.where(invited, 2, (rng.random(count) < 0.3).astype(int)))
    names = pl.Series(["hall_tablet", "qr", "sms", "default"])
    first = pl.DataFrame(
        {
            "rating_id": numbered(f"R{tag}-", 1, count),
            "case_id": services.subject,
            "counter_id": town.counter_ids[services.counter],
            "served_at": stamp(services.ended),
            "rated_at": stamp(services.ended + delay),
            "grade": pl.Series(np.where(default, 3, grade).astype(np.int8)),
            "origin": pl.Series(["active", "default"])[default.astype(np.int64)],
            "channel": names[channel],
            "staff_id": services.staff,
        }
    ).filter(pl.Series(rated))
    return pl.concat([first, _follow_ups(first, tag, rng)])


def _grades(bad: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    luck, kind = rng.random(len(bad)), rng.random(len(bad))
    good = np.where(kind < 0.993, 5, np.where(kind < 0.998, 4, 3))
    return np.where(luck < bad, np.where(kind < 0.6, 2, 1), good)


def _follow_ups(first: pl.DataFrame, tag: str, rng: np.random.Generator) -> pl.DataFrame:
    """追评: a third of those who rated badly rate again after the matter was put right."""
    bad = first.filter(pl.col("grade") <= 2, pl.col("origin") == "active")
    again = bad.filter(pl.Series(rng.random(bad.height) < 0.35, dtype=pl.Boolean))
    days = pl.Series(rng.integers(2, 18, again.height), dtype=pl.Int64)
    return again.with_columns(
        rating_id=numbered(f"F{tag}-", 1, again.height),
        rated_at=pl.col("rated_at") + pl.duration(days=pl.lit(days)),
        grade=pl.Series(rng.choice([3, 4, 5], again.height).astype(np.int8)),
        channel=pl.lit("sms"),
    )
