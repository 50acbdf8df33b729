"""The small forms of the ticket page: answering, merging, linking, people."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from common.console import FilesField
from tickets.models import StatusLabel, Ticket
from tickets.rules import MOVES
from tickets.services.text import BODY_CHARACTERS_MOST, SUBJECT_CHARACTERS
from tickets.vocabulary import LinkKind, Status

CONTROL = {"class": "control"}
LABEL = "label-"  # begins the value of an option that is a label, before its number
STATUSES_SET_WITH_ANSWER = (Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.SOLVED)


class DeedForm(forms.Form):
    """A button without fields."""

    use_required_attribute = False

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        self.ticket = ticket
        kwargs.setdefault("auto_id", f"{type(self).__name__.lower()}-%s")
        super().__init__(*args, **kwargs)


class KeptFilesField(forms.TypedMultipleChoiceField):
    """Which files of the draft go with the message, by their uid. Those of somebody else's draft are none of it."""

    def __init__(self) -> None:
        super().__init__(label="Files of your draft", required=False, coerce=uuid.UUID, empty_value=[])

    def valid_value(self, value: Any) -> bool:
        return True


class AnswerForm(DeedForm):
    """token: the same form sent twice, by an impatient hand or a slow network, answers once.

    version: the ticket's as the agent saw it; seen: the last event they saw, to tell what came after.
    status: what to set with the answer; cleaned, `label` is which kind of it, or None.
    labels: those that can be chosen, None to look them up.
    """

    token = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    body = forms.CharField(
        label="Message",
        max_length=BODY_CHARACTERS_MOST,
        widget=forms.Textarea(attrs={"rows": 6, "data-autosize": True}),
        error_messages={"required": "Write a message first."},
    )
    files = FilesField(label="Files")  # type: ignore[assignment]
    kept = KeptFilesField()
    status = forms.ChoiceField(label="Then set the status to", required=False, widget=forms.Select(attrs=CONTROL))

    def __init__(self, *args: Any, ticket: Ticket, labels: Sequence[StatusLabel] | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = {"token": uuid.uuid4(), "version": ticket.version, **kwargs.get("initial", {})}
        super().__init__(*args, ticket=ticket, **kwargs)
        self.labels = list(StatusLabel.objects.filter(is_active=True)) if labels is None else labels
        pairs = [("", "leave the status as it is")]
        for status in STATUSES_SET_WITH_ANSWER:
            if status in MOVES[ticket.status]:
                pairs.append((status.value, f"set to {status.label}"))
            elif status != ticket.status:
                continue
            pairs += [
                (f"{LABEL}{label.pk}", f"set to {label}")
                for label in self.labels
                if label.status == status and label.pk != ticket.label_id
            ]
        self.fields["status"].choices = pairs  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = cleaned.get("status", "")
        label = next((one for one in self.labels if chosen == f"{LABEL}{one.pk}"), None)
        return {**cleaned, "label": label, "status": label.status if label else chosen}

    def with_kept(self, uids: Sequence[str]) -> AnswerForm:
        """Let files go along that were kept for the form as it is sent again."""
        if uids:
            data: QueryDict = self.data.copy()  # type: ignore[attr-defined]
            data.setlist("kept", [*data.getlist("kept"), *uids])
            self.data = data
        return self

    def rebased(self, ticket: Ticket, seen: int) -> AnswerForm:
        """Return the form as it was sent, for the ticket as it is now: sent again, it is sent in spite of the news."""
        data: QueryDict = self.data.copy()  # type: ignore[attr-defined]
        data["version"], data["seen"] = str(ticket.version), str(seen)
        return AnswerForm(data, ticket=ticket, labels=self.labels)


class ReferenceForm(DeedForm):
    reference = forms.CharField(
        label="Reference of the other ticket",
        max_length=30,
        widget=forms.TextInput(attrs={**CONTROL, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter the other ticket's reference."},
    )


class LinkForm(ReferenceForm):
    kind = forms.ChoiceField(label="This ticket is", choices=LinkKind.choices, widget=forms.Select(attrs=CONTROL))
    field_order = ("kind", "reference")


class SplitForm(DeedForm):
    message = forms.IntegerField(widget=forms.HiddenInput)
    subject = forms.CharField(
        label="Subject of the new ticket",
        min_length=SUBJECT_CHARACTERS[0],
        max_length=SUBJECT_CHARACTERS[1],
        widget=forms.TextInput(attrs=CONTROL),
    )


class RowForm(DeedForm):
    """Which link, or which person."""

    row = forms.IntegerField(widget=forms.HiddenInput)


class SetForm(DeedForm):
    """One thing a ticket is set to, chosen from a short menu."""

    field = forms.ChoiceField(choices=[(name, name) for name in ("status", "priority", "assignee", "team")])
    value = forms.CharField(required=False, max_length=20)


class SnoozeForm(DeedForm):
    """choice: of quick.aside_until; until: the agent's own time, in their zone."""

    choice = forms.DateTimeField(required=False)
    until = forms.DateTimeField(
        label="Or until",
        required=False,
        widget=forms.DateTimeInput(attrs={**CONTROL, "type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": "Enter a day and a time, like 2026-12-24 09:00."},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not (cleaned.get("choice") or cleaned.get("until")):
            self.add_error("until", "Choose until when.")
        return cleaned


class ChecklistForm(DeedForm):
    lines = forms.CharField(max_length=6000, error_messages={"required": "Write what is to be done."})


class TickForm(DeedForm):
    row = forms.IntegerField()
    is_done = forms.BooleanField(required=False)


class TimeForm(DeedForm):
    minutes = forms.IntegerField(min_value=1, max_value=1440, error_messages={"required": "Enter the minutes."})
    note = forms.CharField(max_length=200, required=False)
    spent_on = forms.DateField(required=False)


class FollowerForm(DeedForm):
    email = forms.EmailField(
        label="Email address",
        widget=forms.EmailInput(attrs={**CONTROL, "autocomplete": "off"}),
        error_messages={"required": "Enter the person's address."},
    )
