"""Slack in the console: which channel each purpose has."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from accounts.models import User
from common.console import ConsoleAdmin
from integrations.slack import services
from integrations.slack.models import Purpose, SlackChannel


def _person(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]  # the console lets nobody else in


class SlackChannelForm(forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "purpose" in self.fields:
            known = settings.SLACK_CHANNELS
            labels = [(name, f"{label} ({known.get(name) or 'no channel'})") for name, label in Purpose.choices]
            self.fields["purpose"].choices = labels  # type: ignore[attr-defined]
            self.fields["purpose"].help_text = "In brackets: the channel where the settings let it go."


@admin.register(SlackChannel)
class SlackChannelAdmin(ConsoleAdmin):
    """Other channels than the settings name; each change is in the journal."""

    form = SlackChannelForm
    list_display = ("purpose_label", "chosen", "default")
    list_filter_submit = False
    fields = ("purpose", "channel")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("purpose",) if obj else ()

    @display(description="Purpose", ordering="purpose")
    def purpose_label(self, row: SlackChannel) -> str:
        return row.get_purpose_display()

    @display(description="Channel", ordering="channel")
    def chosen(self, row: SlackChannel) -> str:
        return row.channel or "Nothing is posted"

    @display(description="Instead of")
    def default(self, row: SlackChannel) -> str:
        return settings.SLACK_CHANNELS.get(row.purpose) or "No channel"

    def save_model(self, request: HttpRequest, obj: SlackChannel, form: Any, change: bool) -> None:
        obj.pk = services.choose_channel(obj.purpose, channel=obj.channel, by=_person(request)).pk

    def delete_model(self, request: HttpRequest, obj: SlackChannel) -> None:
        services.unchoose_channel(obj, by=_person(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SlackChannel]) -> None:
        for row in queryset:
            services.unchoose_channel(row, by=_person(request))
