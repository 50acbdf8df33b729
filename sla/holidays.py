"""Public holidays out of the `holidays` library, as rows an administrator can look over and edit.

Called when a calendar is edited, never when time is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import holidays as library
from holidays.constants import HALF_DAY, PUBLIC
from holidays.registry import COUNTRIES

from sla.rules.hours import (
    MICROSECONDS_PER_DAY,
    NAME_CHARACTERS_MOST,
    CalendarError,
    Interval,
    SpecialDay,
)

NOON = MICROSECONDS_PER_DAY // 2
_TITLES = {"dr_congo": "DR Congo", "hongkong": "Hong Kong", "united_states": "United States of America"}


def countries() -> list[tuple[str, str]]:
    """Return (code, English name) of every country whose holidays are known, by name."""
    return sorted(((codes[1], _title(key)) for key, codes in COUNTRIES.items()), key=lambda country: country[1])


def subdivisions(country: str) -> list[tuple[str, str]]:
    """Return (code, name) of the parts of a country that have holidays of their own. Raises: CalendarError."""
    known = _entity(country)
    names: dict[str, list[str]] = {code: [] for code in known.subdivisions}
    for name, code in known.subdivisions_aliases.items():
        names[code].append(name)
    return [(code, " / ".join(known_as) or code) for code, known_as in names.items()]


def public_holidays(
    country: str,
    *,
    subdivision: str = "",
    years: Iterable[int],
    half_days: bool = False,
    weekly: Sequence[tuple[Interval, ...]] = (),
) -> list[SpecialDay]:
    """Return the public holidays of a country, or of one of its parts, in `years`: closed days, by date.

    half_days: with the days that are holidays from noon on, where the country has any. On them the hours of `weekly`
    (seven weekdays, Monday first) count until 12:00; without `weekly` they are closed.
    Raises: CalendarError with where="country" or "subdivision".
    """
    known = _entity(country)
    if subdivision and subdivision not in known.subdivisions:
        possible = ", ".join(known.subdivisions) or "none: leave it empty"
        raise CalendarError(f"{country} has no part {subdivision[:20]!r}. Possible: {possible}.", where="subdivision")
    source = f"holidays:{country}-{subdivision}" if subdivision else f"holidays:{country}"
    wanted, days = list(years), {}
    # The closed days come last, so that they win.
    for category in [HALF_DAY, PUBLIC] if half_days and HALF_DAY in known.supported_categories else [PUBLIC]:
        named = library.country_holidays(
            country, subdiv=subdivision or None, years=wanted, categories=(category,), language=_language(known)
        )
        for date, name in named.items():
            hours = _morning(weekly[date.weekday()]) if category == HALF_DAY and weekly else ()
            days[date] = SpecialDay(date, hours, name[:NAME_CHARACTERS_MOST], source)
    return [day for _, day in sorted(days.items())]


def _morning(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    return tuple((opens, min(closes, NOON)) for opens, closes in intervals if opens < NOON)


def _entity(country: str) -> type[library.HolidayBase]:
    codes = [code for code, _ in countries()]
    if country not in codes:
        raise CalendarError(
            f"No holidays are known for {country[:20]!r}. Possible: {', '.join(sorted(codes))}.", where="country"
        )
    entity: type[library.HolidayBase] = getattr(library, country)
    return entity


def _language(known: type[library.HolidayBase]) -> str | None:
    """Return English where the names are translated into it; None: the country's own."""
    english = [language for language in known.supported_languages if language.startswith("en")]
    return "en_US" if "en_US" in english else next(iter(english), None)


def _title(key: str) -> str:
    """Return "Isle of Man" for "isle_of_man": asking each country's class for its name would load all of them."""
    title = key.replace("_", " ").title()
    return _TITLES.get(key) or re.sub(r"\b(And|Of|The)\b", lambda word: word.group().lower(), title)
