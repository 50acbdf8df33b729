"""Slack in the console: which channel each purpose has, and a ticket's threads beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from accounts.models import User
from common.console import ConsoleAdmin, change_url
from integrations.console.deliveries import LOOKS
from integrations.models import Delivery
from integrations.slack import channels, services
from integrations.slack.models import Purpose, SlackChannel, SlackIntake, SlackThread
from tickets.models import Ticket
from tickets.slots import Panel, add_panel


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


@dataclass(frozen=True)
class ShownThread:
    """A ticket's thread. channel: as people know it.   last: the newest notice for it, with its look and its page."""

    channel: str
    url: str
    last: Delivery | None
    look: tuple[str, str]
    last_url: str


def ticket_panel(ticket: Ticket, reader: User) -> dict[str, Any] | None:
    """Return the ticket's threads in Slack, whether they are up to date, and when somebody last wrote in one.

    Shape: {"threads": [ShownThread], "written": SlackIntake or None}; None where it has no thread.
    """
    threads = SlackThread.objects.filter(ticket=ticket).exclude(ts="")
    about = Delivery.objects.filter(
        kind="slack", event__subject_type=Ticket._meta.label_lower, event__subject_id=ticket.pk
    ).exclude(state=Delivery.State.SKIPPED)
    of_each = about.order_by().values("destination").annotate(newest=Max("pk")).values("newest")
    newest = {one.destination: one for one in Delivery.objects.filter(pk__in=of_each)}
    known = channels.chosen()
    shown = [
        _shown(thread, channels.written(thread.destination, known), newest.get(thread.destination))
        for thread in threads
    ]
    if not shown:
        return None
    written = SlackIntake.objects.filter(ticket=ticket, message__isnull=False).select_related("message__author")
    return {"threads": shown, "written": written.order_by("-pk").first()}


def _shown(thread: SlackThread, channel: str, last: Delivery | None) -> ShownThread:
    place = urlencode({"channel": thread.channel_id, "message_ts": thread.ts})
    return ShownThread(
        channel or thread.channel_id,
        f"https://slack.com/app_redirect?{place}",
        last,
        LOOKS[Delivery.State(last.state)] if last else ("grey", "clock"),
        change_url(last) if last else "",
    )


add_panel(Panel("slack", "Slack", "integrations.view_delivery", "console/ticket/slack.html", ticket_panel))
