"""What came in, in the console: what waits for a decision, what could not be used, and processing it again."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_htmx.http import HttpResponseClientRedirect
from unfold.dataclasses import ActionDialog
from unfold.decorators import action, display

from accounts.models import User
from common.console import ConsoleAdmin, ReadOnly, change_url, glyph_and_word, moment, two_lines
from common.errors import PortalError
from integrations import inbound, services
from integrations.models import InboundEvent

LOOKS = {
    InboundEvent.State.RECEIVED: ("blue", "clock"),
    InboundEvent.State.PROCESSED: ("green", "circle-check"),
    InboundEvent.State.IGNORED: ("grey", "ban"),
    InboundEvent.State.HELD: ("amber", "hourglass"),
    InboundEvent.State.FAILED: ("red", "octagon-alert"),
    InboundEvent.State.DISCARDED: ("grey", "archive"),
}
CHARACTERS_SHOWN = 20_000
REPLAY = ActionDialog(
    title="Process this again?",
    description="It is looked at once more within seconds, as if it had just come.",
    form_class=None,
    form_submit_text="Process again",
)
DISCARD = ActionDialog(
    title="Put this aside?",
    description="Nothing is made of it. It stays readable here, and can be processed again.",
    form_class=None,
    form_submit_text="Put aside",
)


class WayFilter(admin.SimpleListFilter):
    title = "way in"
    parameter_name = "way"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(source.name, source.label) for source in inbound.sources()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(source=self.value()) if self.value() else queryset


@admin.register(InboundEvent)
class InboundEventAdmin(ReadOnly, ConsoleAdmin):
    list_display = ("state_look", "what", "size_words", "outcome_words", "about", "came")
    list_filter = ("state", WayFilter)
    list_filter_submit = False
    list_select_related = ("ticket",)
    search_fields = ("external_id", "outcome")
    ordering = ("-id",)
    actions = ("replay_selected", "discard_selected")
    actions_detail = ("replay", "discard")
    fields = (
        *("state_look", "source", "external_id", "about", "outcome", "failed_tries", "received_at", "processed_at"),
        *("headers_shown", "body_shown"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundEvent]:
        return super().get_queryset(request).defer("body")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go to the page of the way in, where it has one of its own."""
        row = self.get_object(request, object_id)
        source = inbound.source(row.source) if row else None
        if row and source and source.page and self.has_view_permission(request, row) and "plain" not in request.GET:
            return redirect(source.page(row))
        return super().change_view(request, object_id, *args, **kwargs)

    def has_replay_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return request.user.has_perm("integrations.replay")

    @display(description="State", ordering="state")
    def state_look(self, row: InboundEvent) -> SafeString:
        return glyph_and_word(*LOOKS[InboundEvent.State(row.state)], row.get_state_display())

    @display(description="What", ordering="source")
    def what(self, row: InboundEvent) -> SafeString:
        source = inbound.source(row.source)
        return two_lines(source.label if source else row.source, row.external_id[:60])

    @display(description="Size", ordering="size")
    def size_words(self, row: InboundEvent) -> str:
        return f"{row.size:,} B" if row.size < 10_000 else f"{row.size / 1000:,.0f} kB"

    @display(description="Outcome")
    def outcome_words(self, row: InboundEvent) -> str:
        return row.outcome[:120] or "-"

    @display(description="Ticket", ordering="ticket")
    def about(self, row: InboundEvent) -> SafeString | str:
        if row.ticket is None:
            return "-"
        return format_html('<a class="console-link" href="{}">{}</a>', change_url(row.ticket), row.ticket.reference)

    @display(description="Came", ordering="received_at")
    def came(self, row: InboundEvent) -> str:
        return moment(row.received_at)

    @display(description="Headers")
    def headers_shown(self, row: InboundEvent) -> SafeString | str:
        if not row.headers:
            return "-"
        return format_html('<pre class="json">{}</pre>', json.dumps(row.headers, indent=2, ensure_ascii=False))

    @display(description="As it came")
    def body_shown(self, row: InboundEvent) -> SafeString:
        text = bytes(row.body[:CHARACTERS_SHOWN]).decode("utf-8", "replace")
        rest = f"\n... and {row.size - CHARACTERS_SHOWN:,} bytes more" if row.size > CHARACTERS_SHOWN else ""
        return format_html('<pre class="json">{}{}</pre>', text, rest)

    @action(description="Process again", permissions=["replay"], dialog=REPLAY)
    def replay(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._one(request, object_id, services.replay, "It is on its way again.")

    @action(description="Put aside", permissions=["replay"], dialog=DISCARD)
    def discard(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._one(request, object_id, services.discard, "It is put aside.")

    @admin.action(description="Process again", permissions=["replay"])
    def replay_selected(self, request: HttpRequest, queryset: Any) -> None:
        self._each(request, queryset, services.replay, "are on their way again.")

    @admin.action(description="Put aside", permissions=["replay"])
    def discard_selected(self, request: HttpRequest, queryset: Any) -> None:
        self._each(request, queryset, services.discard, "are put aside.")

    def _one(self, request: HttpRequest, object_id: str, deed: Any, words: str) -> HttpResponse:
        by: User = request.user  # type: ignore[assignment]
        row = InboundEvent.objects.light().get(pk=object_id)
        try:
            deed(row, by=by)
            self.message_user(request, words)
        except PortalError as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
        url = change_url(row)
        return HttpResponseClientRedirect(url) if request.headers.get("HX-Request") else redirect(url)

    def _each(self, request: HttpRequest, queryset: Any, deed: Any, words: str) -> None:
        by: User = request.user  # type: ignore[assignment]
        done = 0
        for row in queryset:
            try:
                deed(row, by=by)
                done += 1
            except PortalError as refusal:
                self.message_user(request, f"{row.external_id[:60]}: {refusal.message}", messages.ERROR)
        if done:
            self.message_user(request, f"{done} {words}")
