"""The journal in the console: everything that happened, for reading."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from common import journal
from common.console import ConsoleAdmin, ReadOnly, moment, two_lines
from common.models import Event


class KindFilter(admin.SimpleListFilter):
    title = "what happened"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted(journal.kinds())]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class SubjectFilter(admin.SimpleListFilter):
    title = "what it happened to"
    parameter_name = "subject"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        types = ("tickets.ticket", "accounts.user", "accounts.organization", "knowledgebase.article")
        return [(name, name.partition(".")[2]) for name in (*types, "integrations.delivery")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(subject_type=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ReadOnly, ConsoleAdmin):
    list_display = ("moment_of", "what", "subject", "who", "origin")
    list_filter = (KindFilter, SubjectFilter, "actor_kind")
    list_filter_submit = False
    search_fields = ("actor_label", "request_id")
    search_help_text = "Person, request id, or number of the subject"
    ordering = ("-id",)
    fields = (
        "occurred_at",
        "kind",
        "subject",
        "who",
        "channel",
        "details",
        "request_id",
        "ip_address",
        "uid",
        "digest",
    )
    readonly_fields = fields

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if search_term.isdecimal():
            return queryset.filter(subject_id=int(search_term[:18])), False
        found: tuple[Any, bool] = super().get_search_results(request, queryset, search_term)
        return found

    @display(description="When")
    def moment_of(self, event: Event) -> str:
        return moment(event.occurred_at)

    @display(description="What happened")
    def what(self, event: Event) -> SafeString:
        kind = journal.kinds().get(event.kind)
        return two_lines(kind.label if kind else event.kind, event.kind)

    @display(description="Subject")
    def subject(self, event: Event) -> str:
        return f"{event.subject_type.rpartition('.')[2]} {event.subject_id}"

    @display(description="By")
    def who(self, event: Event) -> str:
        words = {Event.ActorKind.RULE: f"rule: {event.actor_label}", Event.ActorKind.SYSTEM: "the portal"}
        return words.get(Event.ActorKind(event.actor_kind), event.actor_label)

    @display(description="From")
    def origin(self, event: Event) -> str:
        return event.ip_address or event.channel.lower() or "-"

    @display(description="Details")
    def details(self, event: Event) -> SafeString:
        return format_html('<pre class="json">{}</pre>', json.dumps(event.data, indent=2, ensure_ascii=False))
