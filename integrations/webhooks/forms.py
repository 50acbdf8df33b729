"""The forms of the webhook pages; what they hold is judged by the services."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Organization, ProductArea
from common.console import CONTROL, LinesField
from integrations.models import Delivery
from integrations.webhooks.catalogue import EVENT_TYPES
from integrations.webhooks.models import WebhookSubscription
from integrations.webhooks.services import FILTERS, OVERLAP_HOURS
from tickets.vocabulary import Priority

OVERLAPS = [(24, "24 hours"), (72, "3 days"), (168, "7 days"), (0, "Not at all: it leaked")]
FINISHED = [("", "Whatever is finished"), ("DEAD", "Given up"), ("SKIPPED", "Not sent"), ("DELIVERED", "Delivered")]
STATES = [("", "All"), *Delivery.State.choices]
MOMENT = {**CONTROL, "type": "datetime-local"}


class WebhookForm(forms.Form):
    name = forms.CharField(max_length=80, help_text="What is behind it.", widget=forms.TextInput(attrs=CONTROL))
    url = forms.CharField(
        label="Address",
        max_length=500,
        help_text="Where events are posted to, beginning with https://. Redirects are not followed.",
        widget=forms.TextInput(attrs={**CONTROL, "inputmode": "url", "autocomplete": "off"}),
    )
    event_types = forms.MultipleChoiceField(
        label="Events",
        choices=[(one.name, f"{one.label} ({one.name})") for one in EVENT_TYPES],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one event."},
    )
    priorities = forms.MultipleChoiceField(
        label="Priorities", choices=Priority.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    product_areas = forms.MultipleChoiceField(
        label="Product areas", required=False, widget=forms.CheckboxSelectMultiple
    )
    organizations = forms.MultipleChoiceField(
        label="Organizations", required=False, widget=forms.CheckboxSelectMultiple
    )
    tags = LinesField(
        label="Tags",
        required=False,
        help_text="One a line; a ticket needs one of them.",
        widget=forms.Textarea(attrs={**CONTROL, "rows": 3}),
    )

    def __init__(self, *args: Any, webhook: WebhookSubscription | None = None, **kwargs: Any) -> None:
        if webhook is not None:
            kwargs["initial"] = {name: getattr(webhook, name) for name in ("name", "url", "event_types")} | {
                name: webhook.filters.get(name, []) for name in FILTERS
            }
        super().__init__(*args, **kwargs)
        areas: Any = self.fields["product_areas"]
        areas.choices = list(ProductArea.objects.values_list("key", "name"))
        organizations: Any = self.fields["organizations"]
        organizations.choices = list(Organization.objects.values_list("pk", "name"))

    def facts(self) -> dict[str, Any]:
        """Return what a valid form says, as the services take it."""
        said = self.cleaned_data
        filters = {name: said[name] for name in FILTERS}
        filters["organizations"] = [int(pk) for pk in filters["organizations"]]
        filters["tags"] = [tag.lower() for tag in filters["tags"]]
        return {name: said[name] for name in ("name", "url", "event_types")} | {"filters": filters}


class RotateForm(forms.Form):
    overlap_hours = forms.TypedChoiceField(
        label="The old one signs as well for",
        choices=OVERLAPS,
        coerce=int,
        initial=OVERLAP_HOURS,
        widget=forms.Select(attrs=CONTROL),
    )


class RangeForm(forms.Form):
    since = forms.DateTimeField(label="From", widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M"))
    until = forms.DateTimeField(label="To", widget=forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M"))
    state = forms.ChoiceField(label="Those", choices=FINISHED, required=False, widget=forms.Select(attrs=CONTROL))


class LogForm(forms.Form):
    state = forms.ChoiceField(label="State", choices=STATES, required=False, widget=forms.Select(attrs=CONTROL))
