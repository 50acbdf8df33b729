"""The small forms: what something is called, and where a feed is. Both are judged by the service."""

from __future__ import annotations

from django import forms

from common.console import CONTROL


class NameForm(forms.Form):
    use_required_attribute = False

    name = forms.CharField(
        max_length=80,
        widget=forms.TextInput(attrs={**CONTROL, "autocomplete": "off"}),
        error_messages={"required": "Give it a name."},
    )


class FeedForm(forms.Form):
    use_required_attribute = False

    url = forms.CharField(
        label="Address of an iCalendar feed",
        max_length=500,
        widget=forms.TextInput(attrs={**CONTROL, "inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter the feed's address."},
    )
