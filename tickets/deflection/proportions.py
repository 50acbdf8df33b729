"""How sure a difference between two shares is. Pure."""

from __future__ import annotations

import math

Z = 1.959964  # of a 95 % interval
POWER = 0.841621  # with which a difference that is there shows in 80 of 100 cases


def wilson(count: int, total: int) -> tuple[float, float]:
    """Return between which limits the share behind `count` of `total` lies, with 95 % confidence; 0 to 1.

    Source: Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
    """
    if total == 0:
        return 0.0, 1.0
    share, square = count / total, Z * Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    reach = Z * math.sqrt(share * (1 - share) / total + square / (4 * total * total)) / (1 + square / total)
    # At the ends the limit is the share itself, which rounding would miss by a hair.
    lower = 0.0 if count == 0 else max(0.0, middle - reach)
    return lower, 1.0 if count == total else min(1.0, middle + reach)


def difference(count: int, total: int, other_count: int, other_total: int) -> tuple[float, float]:
    """Return between which limits the first share minus the other lies, with 95 % confidence; -1 to 1.

    Source: method 10 of Newcombe, Statistics in Medicine 17 (1998), 873-890.
    """
    if total == 0 or other_total == 0:
        return -1.0, 1.0
    share, other = count / total, other_count / other_total
    (low, high), (other_low, other_high) = wilson(count, total), wilson(other_count, other_total)
    middle = share - other
    return middle - math.hypot(share - low, other_high - other), middle + math.hypot(high - share, other - other_low)


def needed(share: float, *, part: float, apart: float) -> int:
    """Return how many cases show a difference of `apart` in 80 of 100 trials, where `part` of them are set aside.

    share: what is found in the cases set aside; kept away from 0 and 1, near which a few cases say little.
    """
    share = min(0.95, max(0.05, share))
    other = min(0.95, max(0.05, share + apart))
    spread = other * (1 - other) / (1 - part) + share * (1 - share) / part
    return math.ceil((Z + POWER) ** 2 * spread / apart**2)
