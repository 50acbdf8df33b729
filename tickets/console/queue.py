"""The queue: one row a ticket, and what was last said on it."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import Max
from django.http import HttpRequest
from unfold.templatetags.unfold_list import result_headers
from unfold.views import ChangeList

from common.console import COUNTED_MOST, short_day
from common.richtext import to_plain
from tickets.models import Message, Ticket
from tickets.vocabulary import MessageKind

EXCERPT_CHARACTERS = 90
SAID_GLYPHS = {
    MessageKind.CUSTOMER_MESSAGE: "arrow-down-left",
    MessageKind.PUBLIC_REPLY: "arrow-up-right",
    MessageKind.INTERNAL_NOTE: "lock",
}


class Queue(ChangeList):
    """Adds to each ticket of the page at hand what was last said on it, for all of them in one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        tickets: list[Any] = list(self.result_list)  # type: ignore[has-type]
        last = last_messages(tickets, request.user)
        for ticket in tickets:
            ticket.last_said, ticket.updated_day = last.get(ticket.pk), short_day(ticket.updated_at)
        self.result_list = tickets

    @property
    def headers(self) -> dict[str, dict[str, Any]]:
        """Return what each heading sorts by. Shape: {column: {"text", "url_primary", "sorted", "ascending"}}."""
        names = (str(name) for name in self.list_display)
        return dict(zip(names, result_headers(self), strict=True))

    @property
    def pages(self) -> dict[str, Any]:
        """Return where the page stands. Shape: {"first", "last", "count", "previous", "next": addresses or ""}."""
        page = self.paginator.get_page(self.page_num)
        count = self.paginator.count
        return {
            "first": page.start_index(),
            "last": page.end_index(),
            "count": f"more than {COUNTED_MOST:,}" if count >= COUNTED_MOST else f"{count:,}",
            "previous": self.get_query_string({PAGE_VAR: self.page_num - 1}) if page.has_previous() else "",
            "next": self.get_query_string({PAGE_VAR: self.page_num + 1}) if page.has_next() else "",
        }

    @property
    def chips(self) -> list[dict[str, Any]]:
        """Return the filters in use, each with the address of the queue without it."""
        return [drawn | {"title": title} for title, drawn in self.drawn_filters if drawn["value"]]

    @property
    def drawn_filters(self) -> list[tuple[str, dict[str, Any]]]:
        return [(spec.title, next(spec.choices(self))) for spec in self.filter_specs]


def last_messages(tickets: list[Ticket], reader: Any) -> dict[int, dict[str, Any]]:
    """Return for each ticket what was last said that `reader` may read. Shape: {id: {"glyph", "name", "words"}}."""
    visible = Message.objects.visible_to(reader).filter(ticket__in=[ticket.pk for ticket in tickets])
    newest = visible.order_by().values("ticket").annotate(newest=Max("pk")).values("newest")
    rows = Message.objects.filter(pk__in=newest).select_related("author").defer("body")
    return {
        row.ticket_id: {
            "glyph": SAID_GLYPHS[MessageKind(row.kind)],
            "name": str(row.author or "Somebody"),
            "words": to_plain(row.body_html[:600])[:EXCERPT_CHARACTERS],
        }
        for row in rows
    }
