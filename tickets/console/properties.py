"""The form in the rail: what a ticket is set to, saved without undoing what somebody else set meanwhile.

Every field carries the value the agent saw beside the one they chose, so only what they changed is saved.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from accounts.models import ProductArea, Team, User
from common.errors import Invalid
from tickets.console.forms import CONTROL, DeedForm
from tickets.console.shared import Choices
from tickets.models import CustomField, Ticket
from tickets.rules import MOVES
from tickets.services.text import SUBJECT_CHARACTERS
from tickets.vocabulary import Environment, Priority, Status

CUSTOM = "custom-"
ROWS = {"assignee": User, "team": Team, "product_area": ProductArea}


class PropertiesForm(DeedForm):
    """version: the ticket's as the agent saw it. seen: the last event they saw, to tell what came after."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput)
    status = forms.ChoiceField(label="Status", choices=Status.choices)
    priority = forms.ChoiceField(label="Priority", choices=Priority.choices)
    assignee = forms.ChoiceField(label="Assignee", required=False)
    team = forms.ChoiceField(label="Team", required=False)
    product_area = forms.ChoiceField(label="Area", required=False)
    environment = forms.ChoiceField(
        label="Environment", required=False, choices=[("", "Not known"), *Environment.choices]
    )
    product_version = forms.CharField(label="Version", required=False, max_length=40)
    tags = forms.CharField(label="Tags", required=False, max_length=1100, help_text="Separated by commas")
    subject = forms.CharField(label="Subject", min_length=SUBJECT_CHARACTERS[0], max_length=SUBJECT_CHARACTERS[1])

    def __init__(
        self, *args: Any, ticket: Ticket, choices: Choices, custom_fields: list[CustomField], **kwargs: Any
    ) -> None:
        super().__init__(*args, ticket=ticket, **kwargs)
        self.custom = custom_fields
        self._choices = choices
        self._set("assignee", "Nobody", choices.agents, ticket.assignee)
        self._set("team", "None", choices.teams, ticket.team)
        self._set("product_area", "Not known", choices.areas, ticket.product_area)
        for row in custom_fields:
            self.fields[CUSTOM + row.key] = custom_form_field(row)
        for name, field in self.fields.items():
            field.show_hidden_initial = name not in ("version", "seen")
            if not isinstance(field.widget, forms.HiddenInput | forms.CheckboxSelectMultiple):
                field.widget.attrs.update(CONTROL)
        self.fields["tags"].widget.attrs["data-key"] = "t"
        # Only moves that exist are offered; what was typed is judged by the service, which says why not.
        offered = {ticket.status, *MOVES[ticket.status]} | ({self.data["status"]} if self.data.get("status") else set())
        self.fields["status"].widget.choices = [(s.value, s.label) for s in Status if s in offered]  # type: ignore[attr-defined]

    def _set(self, name: str, empty: str, pairs: list[tuple[int, str]], current: Any) -> None:
        """Offer `pairs`, and what is set already even where it is no longer offered to others."""
        options = [(str(pk), label) for pk, label in pairs]
        if current is not None and str(current.pk) not in dict(options):
            options.append((str(current.pk), str(current)))
        self.fields[name].choices = [("", empty), *options]  # type: ignore[attr-defined]

    @property
    def custom_bound(self) -> list[forms.BoundField]:
        return [self[CUSTOM + row.key] for row in self.custom]

    def changes(self) -> dict[str, Any]:
        """Return what the agent changed, as services.change_ticket takes it."""
        cleaned, changed = self.cleaned_data, set(self.changed_data)
        result: dict[str, Any] = {
            name: cleaned[name]
            for name in ("status", "priority", "environment", "product_version", "subject")
            if name in changed
        }
        for name, model in ROWS.items():
            if name in changed:
                result[name] = row_of(model, cleaned[name], name)
        if "tags" in changed:
            result["tags"] = [name for name in cleaned["tags"].split(",") if name.strip()]
        custom = {row.key: stored(row, cleaned[CUSTOM + row.key]) for row in self.custom if CUSTOM + row.key in changed}
        return result | ({"custom_fields": custom} if custom else {})

    def rebased(self, ticket: Ticket, tags: list[str], seen: int) -> PropertiesForm:
        """Return the form again for the ticket as it is now: what the agent changed stays, the rest is new."""
        now = initial_values(ticket, tags, self.custom, seen)
        typed: Any = self.data
        data: MultiValueDict[str, Any] = MultiValueDict()
        for name, field in self.fields.items():
            current = field.prepare_value(now.get(name))
            many = current if isinstance(current, list) else [current if current is not None else ""]
            data.setlist(f"initial-{name}", many)
            is_typed = name in self.changed_data and field.show_hidden_initial
            data.setlist(name, typed.getlist(name) if is_typed else many)
        return PropertiesForm(data, ticket=ticket, choices=self._choices, custom_fields=self.custom)


def initial_values(ticket: Ticket, tags: list[str], custom: list[CustomField], seen: int) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: getattr(ticket, name)
        for name in ("version", "status", "priority", "environment", "product_version", "subject")
    }
    for name in ROWS:
        values[name] = str(getattr(ticket, f"{name}_id") or "")
    values |= {"tags": ", ".join(tags), "seen": seen}
    for row in custom:
        value = ticket.custom_fields.get(row.key)
        is_yes_or_no = row.kind == CustomField.Kind.BOOLEAN
        values[CUSTOM + row.key] = {True: "yes", False: "no"}.get(value, "") if is_yes_or_no else value
    return values


def custom_form_field(row: CustomField) -> forms.Field:
    """Return the form field that takes what the custom field takes."""
    options = [(str(one[0]), str(one[1] if len(one) > 1 else one[0])) for one in row.choices if one]
    common: dict[str, Any] = {"label": row.label, "help_text": row.help_text, "required": False}
    match row.kind:
        case CustomField.Kind.NUMBER:
            return forms.FloatField(**common)
        case CustomField.Kind.BOOLEAN:
            return forms.ChoiceField(choices=[("", "Not said"), ("yes", "Yes"), ("no", "No")], **common)
        case CustomField.Kind.DATE:
            return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **common)
        case CustomField.Kind.CHOICE:
            return forms.ChoiceField(choices=[("", "Not said"), *options], **common)
        case CustomField.Kind.CHOICES:
            return forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple, **common)
    return forms.CharField(max_length=2000, **common)


def stored(row: CustomField, value: Any) -> Any:
    """Return a cleaned value as the ticket keeps it; None takes the field off."""
    if row.kind == CustomField.Kind.BOOLEAN:
        return {"yes": True, "no": False}.get(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None if value in ("", []) else value


def row_of(model: Any, pk: str, field: str) -> Any:
    """Return the row that a form names by its number; None where it names none. Raises: Invalid for a lost one."""
    if not pk:
        return None
    row = model.objects.filter(pk=pk).first() if pk.isascii() and pk.isdecimal() else None
    if row is None:
        raise Invalid("This is no longer there. Choose another.", field=field)
    return row
