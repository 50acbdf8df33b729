"""Custom fields on customers' pages: asked for by kind, read back as the rules want them, shown in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from tickets.models import CustomField
from tickets.rules import TEXT_CHARACTERS_MOST

Kind = CustomField.Kind
# As many choices as can be read at a glance; more go into a list that opens.
RADIOS_MOST = 6


def name_of(row: CustomField) -> str:
    """Return what the form calls a custom field; services call it custom_fields.KEY."""
    return f"field_{row.key}"


def custom_form_fields(rows: Iterable[CustomField]) -> dict[str, forms.Field]:
    return {name_of(row): _form_field(row) for row in rows}


def read_custom_fields(rows: Iterable[CustomField], cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values by key, as tickets.rules.check_custom_fields takes them; what was left empty is left out."""
    values = {row.key: _plain(cleaned.get(name_of(row))) for row in rows}
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def words_of(row: CustomField, value: Any) -> str:
    """Return a stored value as people read it."""
    labels = {str(choice[0]): str(choice[1]) for choice in row.choices if len(choice) > 1}
    match row.kind:
        case Kind.BOOLEAN:
            return "Yes" if value else "No"
        case Kind.CHOICE:
            return labels.get(str(value), str(value))
        case Kind.CHOICES:
            return ", ".join(labels.get(str(one), str(one)) for one in value)
    return str(value)


def _form_field(row: CustomField) -> Any:
    words: dict[str, Any] = {
        "label": row.label,
        "help_text": row.help_text,
        "required": row.is_required,
        "error_messages": {"required": f"Answer: {row.label}"},
    }
    choices = [(str(choice[0]), str(choice[1] if len(choice) > 1 else choice[0])) for choice in row.choices if choice]
    field: Any  # a form field that also carries `choice_help`, which components/field.html shows
    match row.kind:
        case Kind.NUMBER:
            field = forms.FloatField(**words)
        case Kind.BOOLEAN:
            field = forms.BooleanField(**{**words, "required": False})
        case Kind.DATE:
            field = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **words)
        case Kind.CHOICE if len(choices) <= RADIOS_MOST:
            field = forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **words)
        case Kind.CHOICE:
            field = forms.ChoiceField(choices=[("", "Choose one"), *choices], **words)
        case Kind.CHOICES:
            field = forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **words)
        case _:
            field = forms.CharField(max_length=TEXT_CHARACTERS_MOST, **words)
    helps = {str(choice[0]): str(choice[2]) for choice in row.choices if len(choice) > 2 and choice[2]}
    field.choice_help = helps
    return field


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
