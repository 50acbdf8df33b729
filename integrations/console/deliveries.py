"""The outbox in the console: what left the portal, what could not, and sending it again."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_htmx.http import HttpResponseClientRedirect
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.dataclasses import ActionDialog
from unfold.decorators import action, display
from unfold.utils import parse_datetime_str

from accounts.models import User
from common.console import ConsoleAdmin, ReadOnly, change_url, glyph_and_word, moment, two_lines
from common.errors import PortalError
from integrations import registry, services
from integrations.models import Attempt, Delivery
from tickets.models import Ticket
from tickets.slots import Panel, add_panel

LOOKS = {
    Delivery.State.PENDING: ("blue", "clock"),
    Delivery.State.DELIVERED: ("green", "circle-check"),
    Delivery.State.DEAD: ("red", "octagon-alert"),
    Delivery.State.SKIPPED: ("grey", "ban"),
}
PANEL_ROWS_MOST = 12
REDELIVER = ActionDialog(
    title="Send this again?",
    description="It goes back into the queue and is sent within seconds. Whoever got it already gets it twice.",
    form_class=None,
    form_submit_text="Send again",
)


def state_look(delivery: Delivery) -> SafeString:
    return glyph_and_word(*LOOKS[Delivery.State(delivery.state)], delivery.get_state_display())


class KindFilter(admin.SimpleListFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.name, kind.label) for kind in registry.kinds()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class QueuedFilter(RangeDateTimeFilter):  # type: ignore[misc]
    """Narrows to what was queued in a span, read in the zone of who looks. unfold's own takes it for no zone at all."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        for bound, lookup in (("from", "gte"), ("to", "lt")):
            day, hour = (self.used_parameters.get(f"created_at_{bound}_{part}") for part in (0, 1))
            instant = parse_datetime_str(f"{day} {hour or '00:00:00'}") if day else None
            if instant is not None:
                queryset = queryset.filter(**{f"created_at__{lookup}": timezone.make_aware(instant)})
        return queryset


class AttemptInline(ReadOnly, TabularInline):
    model = Attempt
    hide_title = True
    fields = readonly_fields = ("started", "took", "outcome", "answer")
    extra = 0

    @display(description="Tried")
    def started(self, attempt: Attempt) -> str:
        return moment(attempt.started_at)

    @display(description="Took")
    def took(self, attempt: Attempt) -> str:
        return f"{attempt.milliseconds} ms"

    @display(description="Outcome")
    def outcome(self, attempt: Attempt) -> SafeString:
        made, failed = LOOKS[Delivery.State.DELIVERED], LOOKS[Delivery.State.DEAD]
        return glyph_and_word(*made, "Delivered") if attempt.is_success else glyph_and_word(*failed, "Failed")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, ConsoleAdmin):
    list_display = ("state_look", "what", "destination", "tries", "error", "due", "made")
    list_filter = ("state", KindFilter, ("created_at", QueuedFilter))
    list_filter_submit = True
    search_fields = ("destination", "template", "external_id")
    ordering = ("-id",)
    actions = ("redeliver_selected",)
    actions_detail = ("redeliver",)
    inlines = (AttemptInline,)
    fields = (
        *("state_look", "kind", "template", "destination", "recipient", "subject", "tries", "last_error"),
        *("created_at", "due_at", "delivered_at", "external_id", "content"),
    )
    readonly_fields = fields

    def has_redeliver_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return request.user.has_perm("integrations.redeliver")

    @display(description="State", ordering="state")
    def state_look(self, delivery: Delivery) -> SafeString:
        return state_look(delivery)

    @display(description="What", ordering="template")
    def what(self, delivery: Delivery) -> SafeString:
        kind = registry.kind(delivery.kind)
        return two_lines(delivery.template.replace("_", " ").capitalize(), kind.label if kind else delivery.kind)

    @display(description="Failed tries", ordering="failed_tries")
    def tries(self, delivery: Delivery) -> int:
        return delivery.failed_tries

    @display(description="Last error")
    def error(self, delivery: Delivery) -> str:
        return delivery.last_error[:80] or "-"

    @display(description="Queued", ordering="created_at")
    def due(self, delivery: Delivery) -> str:
        return moment(delivery.created_at)

    @display(description="Delivered", ordering="delivered_at")
    def made(self, delivery: Delivery) -> str:
        return moment(delivery.delivered_at) if delivery.delivered_at else "-"

    @display(description="About")
    def subject(self, delivery: Delivery) -> SafeString | str:
        event = delivery.event
        if event is None:
            return "No event"
        words = f"{event.kind}, {event.subject_type.rpartition('.')[2]} {event.subject_id}"
        if event.subject_type != Ticket._meta.label_lower:
            return words
        return format_html('<a class="console-link" href="{}">{}</a>', change_url(Ticket(pk=event.subject_id)), words)

    @display(description="Content")
    def content(self, delivery: Delivery) -> SafeString | str:
        """A sign-in code or a secret link is nobody's to read, staff included."""
        if delivery.is_secret:
            return "Secret, not shown."
        return format_html('<pre class="json">{}</pre>', json.dumps(delivery.payload, indent=2, ensure_ascii=False))

    @action(description="Send again", permissions=["redeliver"], dialog=REDELIVER)
    def redeliver(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        self._redeliver(request, Delivery.objects.filter(pk=object_id))
        url = change_url(Delivery(pk=int(object_id)))
        return HttpResponseClientRedirect(url) if request.headers.get("HX-Request") else redirect(url)

    @admin.action(description="Send again", permissions=["redeliver"])
    def redeliver_selected(self, request: HttpRequest, queryset: Any) -> None:
        self._redeliver(request, queryset)

    def _redeliver(self, request: HttpRequest, deliveries: Any) -> None:
        by: User = request.user  # type: ignore[assignment]
        sent = 0
        for delivery in deliveries:
            try:
                services.redeliver(delivery, by=by)
                sent += 1
            except PortalError as refusal:
                self.message_user(request, f"To {delivery.destination}: {refusal.message}", messages.ERROR)
        if sent:
            self.message_user(request, f"{sent} {'delivery is' if sent == 1 else 'deliveries are'} on the way again.")


def ticket_panel(ticket: Ticket, reader: User) -> dict[str, Any]:
    """Return what was sent about a ticket, newest first."""
    found = Delivery.objects.filter(event__subject_type=Ticket._meta.label_lower, event__subject_id=ticket.pk)
    rows = found.select_related("event", "recipient").order_by("-id")[:PANEL_ROWS_MOST]
    return {
        "rows": [
            (one, LOOKS[Delivery.State(one.state)], one.template.replace("_", " "), change_url(one)) for one in rows
        ]
    }


add_panel(
    Panel("deliveries", "Deliveries", "integrations.view_delivery", "console/ticket/deliveries.html", ticket_panel)
)
