"""Lengths of time, percentages and lists as people type them into the console's forms."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from common.console import CONTROL
from common.templatetags.portal import target_id
from sla.console.words import amount_words

PERCENTS_MOST = 12
MINUTES_MOST = 5_256_000  # ten years, as the service has it

_AMOUNT = re.compile(
    r"(?:(?P<hours>\d{1,6})\s*(?:h|hours?))?\s*(?:(?P<minutes>\d{1,7})\s*(?:min|minutes?|m)?)?", re.IGNORECASE
)
_DAYS = re.compile(r"\d\s*(d|days?|w|weeks?)\b", re.IGNORECASE)


def minutes_of(text: str) -> int | None:
    """Read "8 h", "30 min", "1 h 30 min" or "90" (minutes). Empty is None. Raises: ValidationError."""
    words = text.strip()
    if not words:
        return None
    found = _AMOUNT.fullmatch(words)
    if found is None:
        hint = " Days differ between calendars: write hours." if _DAYS.search(words) else ""
        raise forms.ValidationError(f'Write "8 h", "1 h 30 min" or "45 min".{hint}')
    minutes = int(found["hours"] or 0) * 60 + int(found["minutes"] or 0)
    if not minutes:
        raise forms.ValidationError("Give at least one minute, or leave it empty.")
    if minutes > MINUTES_MOST:
        raise forms.ValidationError("Give at most ten years.")
    return minutes


def errors_of(form: forms.BaseForm) -> list[dict[str, str]]:
    """List the errors of a form, each with the name of its field. Shape: [{"target": id or "", "text": words}]."""
    items = [{"target": "", "text": str(error)} for error in form.non_field_errors()]
    for field in form:
        items += [{"target": target_id(field), "text": f"{field.label}: {error}"} for error in field.errors]
    return items


class AmountField(forms.CharField):
    """A length in hours and minutes; its value is whole minutes, or None."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={**CONTROL, "autocomplete": "off", "size": 10}))
        super().__init__(required=False, max_length=40, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return amount_words(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        return minutes_of(super().clean(value))


class WordsField(forms.CharField):
    """Words between commas; its value is a list, each word once and in the order it stands."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(one) for one in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        parts = re.split(r"[,;\n]", super().clean(value))
        return list(dict.fromkeys(word for part in parts if (word := self.word(part))))

    def word(self, text: str) -> str:
        return text.strip()


class TagsField(WordsField):
    """Tags, spelled as tickets have them: lower case, hyphens for spaces."""

    def word(self, text: str) -> str:
        return "-".join(text.lower().split())


class PercentsField(WordsField):
    """Percentages such as "80, 100, 120"; the value is a list of whole numbers, rising."""

    def clean(self, value: Any) -> Any:
        words = [word.removesuffix("%").strip() for word in super().clean(value)]
        if not all(word.isdecimal() and 1 <= int(word) <= 1000 for word in words):
            raise forms.ValidationError('Write whole numbers from 1 to 1000, such as "80, 100, 120".')
        if len(words) > PERCENTS_MOST:
            raise forms.ValidationError(f"Give at most {PERCENTS_MOST} levels.")
        return sorted({int(word) for word in words})
