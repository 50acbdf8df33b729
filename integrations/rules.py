"""What the outbox decides without a database: when a circuit opens, how much may go out, where a number is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

FAILURES_TO_OPEN = 5
PAUSE_SECONDS_LEAST, PAUSE_SECONDS_MOST = 30, 900


@dataclass(frozen=True)
class Rate:
    """At most `count` deliveries in `seconds`."""

    count: int
    seconds: float


def pause_seconds(failures_in_a_row: int) -> int:
    """Return how long a circuit rests after so many failures in a row: 0 while it stays closed."""
    if failures_in_a_row < FAILURES_TO_OPEN:
        return 0
    # The exponent is bounded: after a week of failures the power itself would be a number of many digits.
    doublings = min(failures_in_a_row - FAILURES_TO_OPEN, 10)
    return min(PAUSE_SECONDS_LEAST * 2**doublings, PAUSE_SECONDS_MOST)


def allowance(
    *,
    at: dt.datetime,
    wanted: int,
    failures_in_a_row: int,
    paused_until: dt.datetime | None,
    rate: Rate | None,
    window_started_at: dt.datetime | None,
    window_count: int,
) -> int:
    """Return how many of `wanted` deliveries may be sent now.

    A circuit that has failed too often is tried with one delivery once its pause is over.
    """
    if paused_until is not None and at < paused_until:
        return 0
    if failures_in_a_row >= FAILURES_TO_OPEN:
        return min(wanted, 1)
    if rate is None:
        return wanted
    return max(0, min(wanted, rate.count - (window_count if in_window(at, rate, window_started_at) else 0)))


def in_window(at: dt.datetime, rate: Rate, window_started_at: dt.datetime | None) -> bool:
    """Tell whether the window of a rate that began then is still the current one."""
    if window_started_at is None:
        return False  # nor is one that a clock set back has put into the future
    return window_started_at <= at < window_started_at + dt.timedelta(seconds=rate.seconds)


def holes(numbers: Iterable[int], *, after: int, last: int) -> list[tuple[int, int]]:
    """Return the gaps in ascending `numbers`, which should be all from `after` + 1 to `last`, as (first, last)."""
    found, expected = [], after + 1
    for number in numbers:
        if number > expected:
            found.append((expected, number - 1))
        expected = max(expected, number + 1)
    if expected <= last:
        found.append((expected, last))
    return found
