"""The geometry of a chart of columns, which a template draws as SVG without script or styles of its own. Pure.

Across, everything is placed in per cent and down in pixels, so that the chart fills any width and its words keep their
size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 208
TOP, BOTTOM = 14, 176  # where the highest value of the scale and zero stand
LINES = 3  # above that of zero
LABELS_MOST = 5
FILLED_PERCENT = 68  # of the width of a place
STEPS = (1, 2, 3, 5, 10)


@dataclass(frozen=True)
class Mark:
    """Words at a place."""

    at: str
    words: str


@dataclass(frozen=True)
class Box:
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class ColumnChart:
    """scale: the grid lines; below: what stands under places; lower, upper: the two parts of the columns."""

    scale: list[Mark]
    below: list[Mark]
    lower: list[Box]
    upper: list[Box]
    height: int = HEIGHT


def column_chart(names: Sequence[str], columns: Sequence[tuple[int, int]]) -> ColumnChart:
    """Return a column of two counts, one upon the other, for each name. Counts of zero are left out."""
    step = step_of(max((lower + upper for lower, upper in columns), default=0))
    per_pixel = step * LINES / (BOTTOM - TOP)
    slot = 100 / max(1, len(columns))
    lowers, uppers = [], []
    for place, (lower, upper) in enumerate(columns):
        x, width = f"{slot * (place + (1 - FILLED_PERCENT / 100) / 2):.2f}%", f"{slot * FILLED_PERCENT / 100:.2f}%"
        if lower:
            lowers.append(_box(x, width, 0, lower / per_pixel))
        if upper:
            uppers.append(_box(x, width, lower / per_pixel, upper / per_pixel))
    return ColumnChart(
        scale=[Mark(f"{BOTTOM - number * step / per_pixel:.1f}", f"{number * step:,}") for number in range(LINES + 1)],
        below=[Mark(f"{slot * (place + 0.5):.2f}%", names[place]) for place in labelled(len(names))],
        lower=lowers,
        upper=uppers,
    )


def step_of(most: int) -> int:
    """Return the smallest round step of a scale that reaches `most`."""
    power = 1
    while True:
        for step in STEPS:
            if step * power * LINES >= most:
                return step * power
        power *= 10


def labelled(count: int) -> range:
    """Return which of `count` places get a label: a few, evenly spread, and the first."""
    return range(0, count, -(-count // LABELS_MOST) or 1)


def _box(x: str, width: str, bottom: float, height: float) -> Box:
    return Box(x, f"{BOTTOM - bottom - height:.1f}", width, f"{height:.1f}")
