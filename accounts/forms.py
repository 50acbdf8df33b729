"""What people decide about themselves: preferences and access tokens."""

from __future__ import annotations

import zoneinfo
from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings

from accounts.models import PersonalAccessToken, User

SCOPE_WORDS = {
    "tickets:read": ("Read tickets", "Those you can see here, with their messages"),
    "tickets:write": ("Open and change tickets", "Also answer, attach files, solve and cancel"),
    "kb:read": ("Read help articles", ""),
    "kb:write": ("Write help articles", "As far as your role lets you"),
    "people:read": ("Read people and organizations", "Those you can see here"),
    "people:write": ("Change people and organizations", "As far as your role lets you"),
    "me:read": ("Read your own profile", ""),
    "me:write": ("Change your own profile", ""),
    "webhooks:read": ("Read webhooks and what they were told", "As far as your role lets you"),
    "webhooks:write": ("Set up webhooks", "As far as your role lets you"),
}
# What only the support team has a use for; offering it to everybody else would only puzzle them.
STAFF_SCOPES = frozenset({"kb:write", "people:read", "people:write", "webhooks:read", "webhooks:write"})
DAYS = [(30, "30 days"), (90, "90 days"), (180, "Half a year"), (365, "A year")]


@lru_cache(maxsize=1)
def time_zones() -> list[tuple[str, str]]:
    """Return the zones with a place in their name, and UTC."""
    places = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in places)]


class ProfileForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=150,
        error_messages={"required": "Enter your name"},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        help_text="Times on these pages and in our emails are shown in it.",
        required=False,
        error_messages={"invalid_choice": "Choose a time zone from the list"},
    )
    language = forms.ChoiceField(label="Language", choices=settings.LANGUAGES)
    is_mailed_replies = forms.BooleanField(
        label="Email me the answers", help_text="Each with its full text.", required=False
    )
    is_mailed_status = forms.BooleanField(
        label="Email me when the state of a ticket changes", help_text="For example when it is solved.", required=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        names = ("name", "time_zone", "language", "is_mailed_replies", "is_mailed_status")
        kwargs["initial"] = {name: getattr(user, name) for name in names}
        super().__init__(*args, **kwargs)
        own = "The portal's own (UTC)"
        known = [("", own), *time_zones()]
        if user.time_zone and user.time_zone not in dict(known):
            known.append((user.time_zone, user.time_zone))
        self.fields["time_zone"].choices = known  # type: ignore[attr-defined]
        if len(settings.LANGUAGES) < 2:
            del self.fields["language"]


class TokenForm(forms.Form):
    token_name = forms.CharField(
        label="Name",
        help_text="What it is for, for example: nightly export.",
        max_length=80,
        error_messages={"required": "Give the token a name"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing it may do"},
    )
    days = forms.TypedChoiceField(label="Valid for", choices=DAYS, coerce=int, initial=90)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [scope for scope in PersonalAccessToken.SCOPES if user.is_staff or scope not in STAFF_SCOPES]
        field: Any = self.fields["scopes"]
        field.choices = [(scope, SCOPE_WORDS.get(scope, (scope, ""))[0]) for scope in offered]
        field.choice_help = {scope: SCOPE_WORDS.get(scope, ("", ""))[1] for scope in offered}
