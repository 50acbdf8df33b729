"""The form in which an agent opens a ticket for somebody, with the fields of a request form where they choose one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.models import ProductArea
from tickets.console.forms import CONTROL
from tickets.console.properties import CUSTOM, custom_form_field, stored
from tickets.console.shared import Pairs
from tickets.models import RequestForm
from tickets.request_rules import missing_of, of_page
from tickets.services.text import BODY_CHARACTERS_MOST, SUBJECT_CHARACTERS
from tickets.vocabulary import Environment, Priority


class NewTicketForm(forms.Form):
    """A ticket for a customer who called or wrote elsewhere.

    asked: slug of the request form whose fields the page showed; another one than is chosen now is asked first.
    """

    token = forms.UUIDField(widget=forms.HiddenInput)
    asked = forms.CharField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label="Customer's name", max_length=150, required=False, widget=forms.TextInput(attrs=CONTROL)
    )
    email = forms.EmailField(
        label="Customer's email address",
        help_text="Somebody new is added, and joins the organization whose domain it is.",
        widget=forms.EmailInput(attrs={**CONTROL, "autocomplete": "off"}),
    )
    subject = forms.CharField(
        label="Subject",
        min_length=SUBJECT_CHARACTERS[0],
        max_length=SUBJECT_CHARACTERS[1],
        widget=forms.TextInput(attrs=CONTROL),
    )
    description = forms.CharField(
        label="Description",
        help_text="What the customer said, in Markdown. They get it by email.",
        max_length=BODY_CHARACTERS_MOST,
        widget=forms.Textarea(attrs={**CONTROL, "rows": 8, "data-autosize": True}),
    )
    priority = forms.ChoiceField(
        label="Priority",
        required=False,
        choices=[("", "By the triage rules"), *Priority.choices],
        widget=forms.Select(attrs=CONTROL),
    )
    product_area = forms.ChoiceField(label="Product area", required=False, widget=forms.Select(attrs=CONTROL))
    environment = forms.ChoiceField(
        label="Environment",
        required=False,
        choices=[("", "Not known"), *Environment.choices],
        widget=forms.Select(attrs=CONTROL),
    )
    request_form = forms.ChoiceField(
        label="Request form",
        help_text="What its customers are asked is asked here too.",
        required=False,
        widget=forms.Select(attrs=CONTROL),
    )

    use_required_attribute = False

    def __init__(
        self, *args: Any, areas: Pairs, offered: Sequence[RequestForm], chosen: RequestForm | None, **kwargs: Any
    ) -> None:
        asked = chosen.slug if chosen else ""
        kwargs["initial"] = {"token": uuid.uuid4(), "request_form": asked, **kwargs.get("initial", {}), "asked": asked}
        super().__init__(*args, **kwargs)
        self.chosen = chosen
        self.rules = chosen.rules if chosen else []
        self.custom = [row.field for row in chosen.fields.all() if row.field.is_active] if chosen else []
        among = {area.pk for area in chosen.areas} if chosen else set()
        shown = [(pk, name) for pk, name in areas if not among or pk in among]
        self.fields["product_area"].choices = [("", "Not known yet"), *shown]  # type: ignore[attr-defined]
        self.fields["request_form"].choices = [("", "None"), *((one.slug, one.name) for one in offered)]  # type: ignore[attr-defined]
        if not offered:
            del self.fields["request_form"], self.fields["asked"]
        for row in self.custom:
            field = self.fields[CUSTOM + row.key] = custom_form_field(row)
            if not isinstance(field.widget, forms.CheckboxSelectMultiple):
                field.widget.attrs.update(CONTROL)

    @property
    def is_choosing(self) -> bool:
        """Tell whether the agent has just chosen a form, whose fields they have not seen yet."""
        asked = self.chosen.slug if self.chosen else ""
        return "choose" in self.data or self.data.get("asked", asked) != asked

    def typed(self) -> dict[str, Any]:
        """Return what was sent as it was typed, for the form to be shown again before it is judged."""
        read = {name: field.widget.value_from_datadict(self.data, {}, name) for name, field in self.fields.items()}
        return {name: value for name, value in read.items() if value is not None}

    @property
    def conditions(self) -> dict[str, dict[str, Any]]:
        """What the page's script hides, as request_rules.of_page has it. Here product areas go by their numbers."""
        found = of_page(self.rules, {row.key: CUSTOM + row.key for row in self.custom})
        numbers = dict(ProductArea.objects.values_list("key", "pk")) if found else {}
        for rule in found.values():
            if rule["on"] == "product_area":
                rule["values"] = [str(numbers[key]) for key in rule["values"] if key in numbers]
        return found

    def clean(self) -> dict[str, Any]:
        """Say at once which answers are missing, as the service would one by one."""
        cleaned = super().clean() or {}
        cleaned["area"] = ProductArea.objects.filter(pk=cleaned.get("product_area") or 0).first()
        about = {
            "product_area": cleaned["area"] and cleaned["area"].key,
            "environment": cleaned.get("environment"),
            "priority": cleaned.get("priority"),
        }
        missing = missing_of(self.rules, {**about, **self._answers(cleaned)})
        for row in self.custom:
            if row.key in missing and CUSTOM + row.key not in self.errors:
                self.add_error(CUSTOM + row.key, f"Answer: {row.label}")
        return cleaned

    def _answers(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        read = {row.key: stored(row, cleaned.get(CUSTOM + row.key)) for row in self.custom}
        return {key: value for key, value in read.items() if value is not None}

    def ticket_fields(self) -> dict[str, Any]:
        """Return what services.open_ticket takes, without who asks. Without a form nobody was asked for fields."""
        cleaned = self.cleaned_data
        asked = {"request_form": self.chosen, "custom_fields": self._answers(cleaned)} if self.chosen else {}
        return {
            **{name: cleaned[name] for name in ("subject", "description", "environment")},
            "priority": cleaned["priority"] or None,
            "product_area": cleaned["area"],
            **asked,
        }

    def names(self) -> dict[str, str]:
        """Return what the form calls the members of the services."""
        custom = {f"custom_fields.{row.key}": CUSTOM + row.key for row in self.custom}
        return {"customer_email": "email", **custom}
