"""Numbers in words: for strips of figures, tables, and the mail. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.dateformat import format as format_date

from tickets.reporting.shapes import Column, Row

NO_DATA = "-"
MINUTE, HOUR, DAY = 60, 3600, 86400
HOURS_MOST = 24  # from here on people count in days


@dataclass(frozen=True)
class Change:
    """How a figure stands to what it was. tone: "green", "red" or "grey"; glyph: of the design language."""

    words: str
    tone: str = "grey"
    glyph: str = "minus"


def length_parts(seconds: int | None) -> list[tuple[str, str]]:
    """Tell a length around the clock as numbers with units: [("1", "h"), ("12", "min")]; nothing for no data."""
    if seconds is None:
        return []
    if seconds < HOUR:
        parts = [(max(seconds // MINUTE, 1 if seconds else 0), "min")]
    elif seconds < HOURS_MOST * HOUR:
        parts = [(seconds // HOUR, "h"), (seconds % HOUR // MINUTE, "min")]
    else:
        parts = [(seconds // DAY, "d"), (seconds % DAY // HOUR, "h")]
    return [(f"{number:,}", unit) for place, (number, unit) in enumerate(parts) if number or not place]


def length_words(seconds: int | None) -> str:
    return " ".join(f"{number} {unit}" for number, unit in length_parts(seconds)) or NO_DATA


def faster_or_slower(now: int | None, before: int | None) -> Change:
    if now is None:
        return Change("Nothing to measure")
    if before is None:
        return Change("Nothing to compare with")
    difference = now - before
    if abs(difference) < MINUTE:
        return Change("As before")
    if difference < 0:
        return Change(f"{length_words(-difference)} faster", "green", "trending-down")
    return Change(f"{length_words(difference)} slower", "red", "trending-up")


def better_or_worse(now: float | None, before: float | None, unit: str = "") -> Change:
    """Compare two figures of which the higher is the better. unit: what follows the difference, such as " points"."""
    if now is None:
        return Change("No data")
    if before is None:
        return Change("Nothing to compare with")
    difference = round(now - before, 1)
    if not difference:
        return Change("As before")
    size = f"{abs(difference):.1f}".removesuffix(".0")
    if difference > 0:
        return Change(f"{size}{unit} better", "green", "trending-up")
    return Change(f"{size}{unit} worse", "red", "trending-down")


def more_or_fewer(created: int, solved: int) -> Change:
    """Tell whether more came than were solved."""
    if created == solved:
        return Change("As many solved as opened")
    if created > solved:
        return Change(f"{created - solved:,} more opened than solved", "red", "trending-up")
    return Change(f"{solved - created:,} more solved than opened", "green", "trending-down")


def cell_words(value: Any, column: Column) -> str:
    """Tell a value of a report as people read it."""
    if value is None:
        return NO_DATA
    if column.unit == "seconds":
        return length_words(value)
    if column.unit == "percent":
        return f"{value:.1f}".removesuffix(".0") + " %"
    if column.unit == "day":
        return format_date(value, "D j M Y")
    if column.unit == "instant":
        return format_date(timezone.localtime(value), "j M Y, H:i")
    return f"{value:,}" if isinstance(value, int) else str(value)


def plain(row: Row) -> list[Any]:
    """Return a row for a file: days and instants as ISO 8601, everything else as it is."""
    return [value.isoformat() if isinstance(value, dt.date) else value for value in row]
