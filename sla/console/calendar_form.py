"""The form of a calendar's draft: a zone, seven weekdays and special days, one a line."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from common.console import CONTROL
from common.time import now
from sla import holidays
from sla.console.words import DAY_NAMES, WHOLE_DAY
from sla.models import CalendarVersion
from sla.rules.hours import (
    NAME_CHARACTERS_MOST,
    WEEKDAYS,
    CalendarError,
    read_hours,
    require_working_time,
    split_overnight,
    zone,
    zone_names,
)

FILE_BYTES_MOST = 2_000_000
YEARS_OFFERED = 5
OFFICE = {day: [["09:00", "17:00"]] for day in WEEKDAYS[:5]}

_TIME = r"\d{1,2}(?::\d{2}){0,2}"
_INTERVAL = re.compile(rf"\s*({_TIME})\s*(?:-|–|to)\s*({_TIME})\s*", re.IGNORECASE)
_INTERVALS = rf"{_TIME}\s*(?:-|–|to)\s*{_TIME}"
_LINE = re.compile(
    rf"(\d{{4}}-\d{{2}}-\d{{2}})\s+(closed|all day|{_INTERVALS}(?:\s*,\s*{_INTERVALS})*)(?:\s+(\S.*))?", re.IGNORECASE
)

Rows = list[list[str]]


def intervals_of(text: str) -> Rows:
    """Read the hours of a day: "09:00-12:00, 13:00-17:00", "all day", "closed". Raises: ValidationError."""
    words = text.strip()
    if words.lower() in ("", "closed", "-"):
        return []
    if words.lower() in ("all day", "24 h", "24h"):
        return [list(row) for row in WHOLE_DAY]
    rows = []
    for part in words.split(","):
        found = _INTERVAL.fullmatch(part)
        if found is None:
            raise forms.ValidationError(
                f'“{part.strip()[:40]}” is not a span of time. Write "09:00-17:00", more of them between commas, '
                'or "closed".'
            )
        rows.append([_time(found[1], part), _time(found[2], part)])
    return rows


def _time(text: str, part: str) -> str:
    """Return "9" and "9:00" as "09:00"."""
    hour, *rest = (int(number) for number in text.split(":"))
    minute, second = [*rest, 0, 0][:2]
    if (hour, minute, second) > (24, 0, 0) or minute > 59 or second > 59:
        raise forms.ValidationError(f"“{part.strip()[:40]}”: there is no time {text}. A day ends at 24:00.")
    return f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "")


def intervals_text(rows: Any) -> str:
    """Write hours as the form takes them."""
    if [list(row) for row in rows] == WHOLE_DAY:
        return "all day"
    return ", ".join(f"{opens}-{closes}" for opens, closes in rows) or "closed"


class DayField(forms.CharField):
    """The hours of one weekday."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={**CONTROL, "autocomplete": "off", "spellcheck": "false"})
        super().__init__(required=False, max_length=300, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return intervals_text(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return intervals_of(super().clean(value))


class SpecialDaysField(forms.CharField):
    """Special days, one a line: "2026-12-24 09:00-12:00 Christmas Eve". Its value: rows of a calendar file."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(line_of(row) for row in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        rows: list[dict[str, Any]] = []
        errors: list[str] = []
        seen: dict[str, int] = {}
        for number, line in enumerate(super().clean(value).splitlines(), start=1):
            if not line.strip():
                continue
            try:
                row = _row(line.strip())
                if row["date"] in seen:
                    raise forms.ValidationError(f"{row['date']} stands in line {seen[row['date']]} already.")
            except forms.ValidationError as error:
                errors.append(f"Line {number}: {' '.join(error.messages)}")
            else:
                seen[row["date"]] = number
                rows.append(row)
        if errors:
            raise forms.ValidationError([*errors[:5], *(["And further lines."] if len(errors) > 5 else [])])
        return sorted(rows, key=lambda row: str(row["date"]))


def line_of(row: dict[str, Any]) -> str:
    return " ".join(filter(None, (row["date"], intervals_text(row["hours"]), row.get("name", ""))))


def _row(line: str) -> dict[str, Any]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise forms.ValidationError(
            f"“{line[:40]}” is not a special day. Write date, hours and name, such as "
            '"2026-12-25 closed Christmas Day".'
        )
    date, hours, name = found[1], intervals_of(found[2]), (found[3] or "").strip()
    try:
        dt.date.fromisoformat(date)
    except ValueError as error:
        raise forms.ValidationError(f"There is no day {date}.") from error
    if any(opens >= closes for opens, closes in hours):
        raise forms.ValidationError(
            f"{date}: hours of a special day end by 24:00. Give what comes after midnight to the next date."
        )
    if len(name) > NAME_CHARACTERS_MOST:
        raise forms.ValidationError(f"The name is longer than {NAME_CHARACTERS_MOST} characters.")
    return {"date": date, "hours": hours} | ({"name": name} if name else {})


class CalendarDraftForm(forms.Form):
    """seen: the draft that was there when the page was opened. hours(): what was typed, as a calendar file."""

    use_required_attribute = False

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    time_zone = forms.CharField(
        label="Time zone",
        max_length=64,
        help_text="A place of the zone database, such as Europe/Oslo or America/New_York.",
        widget=forms.TextInput(attrs={**CONTROL, "list": "zones", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Name the time zone."},
    )
    special_days = SpecialDaysField(
        label="Special days",
        required=False,
        max_length=400_000,
        help_text="One a line: date, hours or “closed”, name. Its hours hold in place of its weekday's.",
        widget=forms.Textarea(attrs={**CONTROL, "rows": 12, "spellcheck": "false"}),
    )
    note = forms.CharField(
        label="What changes, and why",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={**CONTROL, "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, version: CalendarVersion | None) -> None:
        """version: what the form begins with: the draft, else what holds now, else office hours."""
        super().__init__(data, initial=_initial(version))
        self._stored = version.special_days if version else []
        self.moved: list[str] = []
        weekly = version.weekly if version else OFFICE
        for day in WEEKDAYS:
            self.fields[day] = DayField(label=DAY_NAMES[day], initial=weekly.get(day, []))

    @property
    def week(self) -> list[BoundField]:
        return [self[day] for day in WEEKDAYS]

    @property
    def zones(self) -> list[str]:
        return sorted(zone_names())

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        try:
            zone(name)
        except CalendarError as error:
            raise forms.ValidationError(error.message) from error
        return name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                require_working_time(read_hours(self.hours()), on=now().date())
            except CalendarError as error:
                self.add_error(_field_of(error.where), error.message)
        return cleaned

    def hours(self) -> dict[str, Any]:
        """Return what was typed as a calendar file; hours past midnight are cut, and `moved` says which."""
        typed = {day: self.cleaned_data[day] for day in WEEKDAYS}
        self.moved = [
            f"{DAY_NAMES[day]} {opens} to {closes}"
            for day, rows in typed.items()
            for opens, closes in rows
            if closes < opens
        ]
        kept = {line_of(row): row.get("source", "") for row in self._stored}
        days = [
            row | ({"source": source} if (source := kept.get(line_of(row))) else {})
            for row in self.cleaned_data["special_days"]
        ]
        return {"tz": self.cleaned_data["time_zone"], "weekly": split_overnight(typed), "special_days": days}


def _initial(version: CalendarVersion | None) -> dict[str, Any]:
    if version is None:
        return {"time_zone": "UTC"}
    initial: dict[str, Any] = {"time_zone": version.time_zone, "special_days": version.special_days}
    return initial | ({"seen": str(version.pk), "note": version.note} if version.is_draft else {})


def _field_of(where: str) -> str | None:
    """Return the field at which an error of a calendar file is shown: "weekly.mon[0]" is Monday's."""
    member, _, rest = where.partition(".")
    if member == "weekly":
        return rest[:3] if rest[:3] in WEEKDAYS else WEEKDAYS[0]
    return {"tz": "time_zone"}.get(member, "special_days" if member.startswith("special_days") else None)


class HolidaysForm(forms.Form):
    """Which public holidays to fill in."""

    use_required_attribute = False

    country = forms.ChoiceField(
        label="Country",
        widget=forms.Select(attrs=CONTROL),
        error_messages={"required": "Choose a country."},
    )
    subdivision = forms.CharField(
        label="Part of it (optional)",
        required=False,
        max_length=20,
        help_text="A code such as BY or CA, for the holidays that only it has.",
        widget=forms.TextInput(attrs={**CONTROL, "autocomplete": "off", "spellcheck": "false"}),
    )
    years = forms.TypedMultipleChoiceField(
        label="Years",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one year."},
    )
    half_days = forms.BooleanField(
        label="With the days that are free from noon on, where the country has any", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        year = now().year
        kwargs.setdefault("initial", {"years": [year, year + 1]})
        super().__init__(*args, **{**kwargs, "prefix": "holidays"})
        fields: dict[str, Any] = self.fields
        fields["country"].choices = [("", "Choose"), *holidays.countries()]
        fields["years"].choices = [(one, str(one)) for one in range(year, year + YEARS_OFFERED)]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        country, part = cleaned.get("country"), cleaned.get("subdivision", "").strip()
        if country and part:
            parts = holidays.subdivisions(country)
            known = {name.upper(): code for code, names in parts for name in (*names.split(" / "), code)}
            code = known.get(part.upper())
            if code is None:
                possible = ", ".join(code for code, _ in parts) or "none, leave it empty"
                self.add_error("subdivision", f"There is no such part. Possible: {possible}.")
            else:
                cleaned["subdivision"] = code
        return cleaned


class FileForm(forms.Form):
    """An iCalendar file."""

    use_required_attribute = False

    file = forms.FileField(
        label="iCalendar file (.ics)",
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
        error_messages={"required": "Choose a file first.", "empty": "The file is empty."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": "ics"})

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > FILE_BYTES_MOST:
            raise forms.ValidationError(f"The file is larger than {FILE_BYTES_MOST // 1_000_000} MB.")
        return file
