"""The geometry of charts, and periods, by table."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.template.loader import render_to_string

from common.periods import dates_period, named_period
from sla.console.charts import (
    BOTTOM,
    LABEL_HEIGHT,
    MARKERS,
    TOP,
    Series,
    bar_chart,
    line_chart,
    percent,
    scale_of,
    spread,
)

WEEKS = ["5 Jan", "12 Jan", "19 Jan", "26 Jan"]


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([96, 100], (85, 5)),
        ([85], (85, 5)),
        ([84.9, 100], (70, 10)),
        ([69], (40, 20)),
        ([40], (40, 20)),
        ([0, 100], (0, 25)),
    ],
)
def test_scale_is_the_narrowest_that_shows_all(values, scale):
    assert scale_of(values) == scale


def test_a_line_goes_across_in_per_cent_and_down_in_pixels():
    chart = line_chart(WEEKS, [Series("Enterprise", [100, 85, 100, 92.5])], target=95)
    (line,) = chart.lines
    assert [mark.words for mark in chart.scale] == ["85", "90", "95", "100"], "four grid lines"
    assert (line.segments[0].x1, line.segments[0].y1) == ("3.00%", f"{TOP:.1f}")
    assert (line.segments[0].x2, line.segments[0].y2) == ("34.33%", f"{BOTTOM:.1f}")
    assert line.segments[-1].x2 == "97.00%"
    assert len(line.segments) == 3
    assert [(point.across, point.at) for point in line.points] == [("97.00%", f"{(TOP + BOTTOM) / 2:.1f}")]
    assert [mark.words for mark in chart.names] == ["Enterprise 92.5", "Target 95"]
    assert chart.told == ("Per cent of promises kept each week: Enterprise between 85 and 100. The target is 95.")


def test_weeks_without_data_leave_a_gap_and_what_stands_alone_gets_a_point():
    chart = line_chart(WEEKS, [Series("Enterprise", [90, None, 95, 96]), Series("None", [None] * 4)], target=95)
    (line,) = chart.lines
    assert [(one.x1, one.x2) for one in line.segments] == [("65.67%", "97.00%")]
    assert [point.across for point in line.points] == ["3.00%", "97.00%"]


def test_lines_differ_by_more_than_colour():
    series = [Series(name, [99, 98]) for name in ("a", "b", "c", "d", "e", "f")]
    chart = line_chart(WEEKS[:2], series, target=95)
    assert [line.place for line in chart.lines] == [1, 2, 3, 4, 5], "there are no more colours"
    assert [line.marker for line in chart.lines] == list(MARKERS)


def test_one_week_stands_in_the_middle():
    chart = line_chart(WEEKS[:1], [Series("Enterprise", [97])], target=95)
    assert chart.lines[0].segments == []
    assert [(point.across) for point in chart.lines[0].points] == ["50.00%"]
    assert "Enterprise 97." in chart.told


@pytest.mark.parametrize(("count", "labels"), [(1, 1), (5, 5), (6, 3), (13, 5), (53, 5), (261, 5)])
def test_no_more_labels_than_fit(count, labels):
    chart = line_chart([str(n) for n in range(count)], [Series("x", [99] * count)], target=95)
    assert len(chart.below) == labels


def test_names_do_not_touch_and_keep_their_order():
    placed = [float(mark.at) for mark in spread([("a", 100), ("b", 100), ("c", 99), ("d", 30)])]
    assert placed[2] < placed[0] < placed[1]
    assert (
        min(second - first for first, second in zip(sorted(placed), sorted(placed)[1:], strict=False)) >= LABEL_HEIGHT
    )
    low = [float(mark.at) for mark in spread([("a", 215), ("b", 216)])]
    assert low[1] - low[0] >= LABEL_HEIGHT


def test_bars_are_shares_of_the_longest():
    bars = bar_chart([("P1 Critical", (2, 3)), ("P4 Low", (0, 12))])
    assert [[bar.length for bar in group.bars] for group in bars] == [["16.7%", "25.0%"], ["0.0%", "100.0%"]]
    assert bar_chart([("P1 Critical", (0, 0))])[0].bars[0].length == "0.0%"
    assert bar_chart([]) == []


def test_charts_are_drawn_without_styles_and_names_are_escaped():
    lines = render_to_string(
        "console/sla/chart_lines.html", {"chart": line_chart(WEEKS, [Series("<b>", [99, 98, None, 97])], target=95)}
    )
    bars = render_to_string(
        "console/sla/chart_bars.html",
        {"groups": bar_chart([("P1 <Critical>", (0, 1200))]), "first": "In force", "second": "Draft"},
    )
    for drawn in (lines, bars):
        assert "style=" not in drawn
        assert "<script" not in drawn
    assert "&lt;b&gt; 97" in lines
    assert 'class="line c1"' in lines
    assert "1,200 Draft" in bars
    assert bars.count('class="filled"') == 1, "of nothing there is no bar, but in the legend"
    assert bars.count('class="outlined"') == 2


def test_rates_are_told_briefly():
    assert [percent(value) for value in (98.0, 96.4, 100, 0)] == ["98", "96.4", "100", "0"]


@pytest.mark.parametrize(
    ("name", "first", "last", "words"),
    [
        ("7d", "2026-03-25", "2026-03-31", "last 7 days"),
        ("this_month", "2026-03-01", "2026-03-31", "this month"),
        ("last_month", "2026-02-01", "2026-02-28", "February 2026"),
        ("1m", "2026-02-28", "2026-03-31", "past month"),
        ("12m", "2025-03-31", "2026-03-31", "past 12 months"),
    ],
)
def test_periods_are_counted_from_today(name, first, last, words):
    with time_machine.travel(dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC), tick=False):
        period = named_period(name)
    assert (period.first.isoformat(), period.last.isoformat(), period.words) == (first, last, words)


@pytest.mark.parametrize(
    ("first", "last", "words", "is_month"),
    [
        ("2026-02-01", "2026-02-28", "February 2026", True),
        ("2026-02-01", "2026-02-27", "1 February to 27 February 2026", False),
        ("2026-02-03", "2026-02-03", "3 February 2026", False),
        ("2025-12-24", "2026-01-06", "24 December 2025 to 6 January 2026", False),
    ],
)
def test_dates_are_told_as_people_write_them(first, last, words, is_month):
    period = dates_period(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    assert (period.words, period.month is not None) == (words, is_month)
    assert period.until - period.since == dt.timedelta(days=(period.last - period.first).days + 1)
