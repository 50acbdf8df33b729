"""What a rule and a macro are called, and when; their conditions and actions are rows of their own."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Team
from common.console import CONTROL
from tickets.automation import firing, wording
from tickets.models import AutomationRule

VARIABLES_HELP = "Variables: " + ", ".join(f"{{{{ {name} }}}}" for name in wording.VARIABLES)


class RuleForm(forms.Form):
    name = forms.CharField(max_length=80, widget=forms.TextInput(CONTROL))
    description = forms.CharField(max_length=300, required=False, widget=forms.TextInput(CONTROL))
    kind = forms.ChoiceField(label="It looks", choices=AutomationRule.Kind.choices, widget=forms.Select(CONTROL))
    event_kinds = forms.MultipleChoiceField(
        label="Events", required=False, widget=forms.CheckboxSelectMultiple, help_text="For a rule on an event."
    )
    is_active = forms.BooleanField(label="Switched on", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event_kinds"].choices = list(firing.offered().items())  # type: ignore[attr-defined]


class MacroForm(forms.Form):
    name = forms.CharField(max_length=80, widget=forms.TextInput(CONTROL))
    description = forms.CharField(max_length=300, required=False, widget=forms.TextInput(CONTROL))
    team = forms.ModelChoiceField(
        Team.objects.all(), required=False, empty_label="All teams", widget=forms.Select(CONTROL)
    )
    reply = forms.CharField(
        max_length=wording.TEXT_MOST,
        required=False,
        widget=forms.Textarea({**CONTROL, "rows": 6}),
        help_text=VARIABLES_HELP,
    )
    is_reply_internal = forms.BooleanField(label="As an internal note", required=False)
    is_active = forms.BooleanField(label="Switched on", required=False)


class TryForm(forms.Form):
    ticket = forms.CharField(label="Ticket", max_length=40, required=False, widget=forms.TextInput(CONTROL))
