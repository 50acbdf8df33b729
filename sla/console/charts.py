"""The geometry of charts, which a template draws as SVG without script or styles of its own. Pure.

Across, everything is placed in per cent and down in pixels, so that a chart fills any width and its words keep their
size: a line chart is the scale, the lines, and the names of the lines, side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

HEIGHT = 224
TOP, BOTTOM = 14, 190  # where the highest and the lowest value of the scale stand
LABELS_MOST = 5
LABEL_HEIGHT = 17
MARGIN_PERCENT = 3
SCALES = ((85, 5), (70, 10), (40, 20), (0, 25))  # the lowest value and the step of scales that end at 100
MARKERS = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0",
    "M-4-4h8v8h-8z",
    "M0-5 5 0 0 5-5 0z",
    "M0-5 5 4H-5z",
    "M-4-1.5h2.5V-4h3v2.5H4v3H1.5V4h-3V1.5H-4z",
)


@dataclass(frozen=True)
class Series:
    """One line. values: per cent at each place of the scale across; None leaves a gap."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Mark:
    """Words, or a point, at a place."""

    at: str
    words: str = ""
    across: str = ""


@dataclass(frozen=True)
class Segment:
    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True)
class Line:
    """place: 1 to 5, which colour and dash; marker: the path drawn at each of `points`, around its middle."""

    place: int
    marker: str
    segments: list[Segment]
    points: list[Mark]


@dataclass(frozen=True)
class LineChart:
    """scale: the grid lines; below: what stands under places; names: what lines and target are called, at the right.

    told: the chart in a sentence.
    """

    scale: list[Mark]
    below: list[Mark]
    lines: list[Line]
    names: list[Mark]
    target: Mark
    told: str
    height: int = HEIGHT


@dataclass(frozen=True)
class Bar:
    length: str
    count: int


@dataclass(frozen=True)
class Bars:
    """One group of a bar chart: what it is called and a bar for each arm."""

    name: str
    bars: list[Bar]


def line_chart(places: Sequence[str], series: Sequence[Series], *, target: float) -> LineChart:
    """Return rates in per cent over `places`, with a line for the target. Series without any value are left out."""
    known = [one for one in series if any(value is not None for value in one.values)][: len(MARKERS)]
    lowest, step = scale_of([*(value for one in known for value in one.values if value is not None), target])
    xs = [_across(place, len(places)) for place in range(len(places))]
    heights = [(f"{one.name} {percent(last(one.values))}", _down(last(one.values), lowest)) for one in known]
    target_at = _down(target, lowest)
    return LineChart(
        scale=[Mark(_pixels(_down(value, lowest)), str(value)) for value in range(lowest, 101, step)],
        below=[Mark(xs[place], places[place]) for place in _labelled(len(places))],
        lines=[_line(place, one.values, xs, lowest) for place, one in enumerate(known, start=1)],
        names=spread([*heights, (f"Target {percent(target)}", target_at)]),
        target=Mark(_pixels(target_at)),
        told=_told(known, target),
    )


def bar_chart(groups: Sequence[tuple[str, Sequence[int]]]) -> list[Bars]:
    """Return a bar for each count of each group; the longest of them all fills the width."""
    most = max((count for _, counts in groups for count in counts), default=0) or 1
    return [Bars(name, [Bar(f"{100 * count / most:.1f}%", count) for count in counts]) for name, counts in groups]


def scale_of(values: Sequence[float]) -> tuple[int, int]:
    """Return the lowest value and the step of the narrowest scale up to 100 that shows all `values`."""
    return next(((lowest, step) for lowest, step in SCALES if min(values) >= lowest), SCALES[-1])


def spread(wanted: Sequence[tuple[str, float]]) -> list[Mark]:
    """Return the words as near to their heights as they can stand without touching, in the order they were given."""
    order = sorted(range(len(wanted)), key=lambda place: wanted[place][1])
    heights = [wanted[place][1] for place in order]
    for place in range(1, len(heights)):
        heights[place] = max(heights[place], heights[place - 1] + LABEL_HEIGHT)
    limit: float = HEIGHT - LABEL_HEIGHT / 2
    for place in reversed(range(len(heights))):
        heights[place] = min(heights[place], limit)
        limit = heights[place] - LABEL_HEIGHT
    placed = dict(zip(order, heights, strict=True))
    return [Mark(_pixels(placed[place]), words) for place, (words, _) in enumerate(wanted)]


def percent(value: float) -> str:
    """Tell a rate as briefly as it is exact: "98", "96.4"."""
    return f"{value:.1f}".removesuffix(".0")


def last(values: Sequence[float | None]) -> float:
    return next(value for value in reversed(values) if value is not None)


def _line(place: int, values: Sequence[float | None], xs: Sequence[str], lowest: int) -> Line:
    ys = [None if value is None else _pixels(_down(value, lowest)) for value in values]
    points = list(zip(xs, ys, strict=True))
    pairs = pairwise(points)
    segments = [Segment(x1, y1, x2, y2) for (x1, y1), (x2, y2) in pairs if y1 is not None and y2 is not None]
    joined = {(one.x1, one.y1) for one in segments} | {(one.x2, one.y2) for one in segments}
    measured = [(x, y) for x, y in points if y is not None]
    marked = [point for point in measured if point not in joined or point == measured[-1]]
    return Line(place, MARKERS[place - 1], segments, [Mark(y, across=x) for x, y in marked])


def _told(series: Sequence[Series], target: float) -> str:
    spans = []
    for one in series:
        known = [value for value in one.values if value is not None]
        low, high = percent(min(known)), percent(max(known))
        spans.append(f"{one.name} {low}" if low == high else f"{one.name} between {low} and {high}")
    return f"Per cent of promises kept each week: {', '.join(spans)}. The target is {percent(target)}."


def _labelled(count: int) -> range:
    return range(0, count, -(-count // LABELS_MOST) or 1)


def _across(place: int, count: int) -> str:
    share = place / (count - 1) if count > 1 else 0.5
    return f"{MARGIN_PERCENT + share * (100 - 2 * MARGIN_PERCENT):.2f}%"


def _down(value: float, lowest: int) -> float:
    return BOTTOM - (value - lowest) / (100 - lowest) * (BOTTOM - TOP)


def _pixels(value: float) -> str:
    return f"{value:.1f}"
