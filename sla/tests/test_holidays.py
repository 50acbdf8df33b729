"""Public holidays as rows of a calendar."""

from __future__ import annotations

import datetime as dt

import pytest

from sla.holidays import countries, public_holidays, subdivisions
from sla.rules.hours import MICROSECONDS_PER_HOUR, CalendarError, SpecialDay

HOUR = MICROSECONDS_PER_HOUR
OFFICE = [((9 * HOUR, 11 * HOUR), (11 * HOUR + 1, 17 * HOUR), (18 * HOUR, 20 * HOUR))] * 5 + [(), ()]


def test_public_holidays_are_closed_days_with_english_names():
    days = public_holidays("NO", years=[2026])
    assert days == sorted(days, key=lambda day: day.date)
    assert SpecialDay(dt.date(2026, 5, 17), (), "Constitution Day", "holidays:NO") in days
    assert all(day.hours == () and day.source == "holidays:NO" and day.date.year == 2026 for day in days)


def test_years_may_come_from_anywhere_once():
    years = (year for year in (2026, 2027))
    days = public_holidays("TR", years=years, half_days=True)
    assert {day.date.year for day in days} == {2026, 2027}
    assert dt.date(2027, 10, 28) in {day.date for day in days}


def test_names_stay_in_the_countrys_language_where_there_is_no_english():
    days = {day.date: day.name for day in public_holidays("NZ", years=[2026])}
    assert days[dt.date(2026, 12, 25)] == "Christmas Day"


def test_a_part_of_a_country_has_holidays_of_its_own():
    epiphany = dt.date(2026, 1, 6)
    bavaria = {day.date: day for day in public_holidays("DE", subdivision="BY", years=[2026])}
    assert bavaria[epiphany].source == "holidays:DE-BY"
    assert epiphany not in {day.date for day in public_holidays("DE", subdivision="BE", years=[2026])}


def test_half_days_come_on_request_and_keep_the_morning():
    whole = {day.date for day in public_holidays("IS", years=[2026])}
    christmas_eve = dt.date(2026, 12, 24)
    assert christmas_eve not in whole
    closed = {day.date: day.hours for day in public_holidays("IS", years=[2026], half_days=True)}
    assert closed[christmas_eve] == ()
    open_until_noon = {
        day.date: day.hours for day in public_holidays("IS", years=[2026], half_days=True, weekly=OFFICE)
    }
    assert open_until_noon[christmas_eve] == ((9 * HOUR, 11 * HOUR), (11 * HOUR + 1, 12 * HOUR))
    assert open_until_noon[dt.date(2026, 12, 25)] == ()


def test_a_country_without_half_days_has_none():
    assert public_holidays("NO", years=[2026], half_days=True) == public_holidays("NO", years=[2026])


@pytest.mark.parametrize(
    ("country", "subdivision", "where", "possible"),
    [
        ("XX", "", "country", "NL, NO, NP"),
        ("no", "", "country", "NO"),
        ("", "", "country", "NO"),
        ("DE", "XX", "subdivision", "BB, BE, BW, BY"),
        ("AG", "XX", "subdivision", "leave it empty"),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(country, subdivision, where, possible):
    with pytest.raises(CalendarError) as refused:
        public_holidays(country, subdivision=subdivision, years=[2026])
    assert refused.value.where == where
    assert possible in refused.value.message


def test_countries_are_offered_by_name():
    offered = countries()
    assert [name for _, name in offered] == sorted(name for _, name in offered)
    assert {("NO", "Norway"), ("IM", "Isle of Man"), ("US", "United States of America")} <= set(offered)
    assert len({code for code, _ in offered}) == len(offered) > 200


def test_subdivisions_are_offered_with_the_names_they_have():
    assert ("BY", "Bayern") in subdivisions("DE")
    assert ("Augsburg", "Augsburg") in subdivisions("DE")
    assert dict(subdivisions("NO"))["50"].count(" / ") == 1  # in two languages
    assert subdivisions("AG") == []
    with pytest.raises(CalendarError):
        subdivisions("XX")
