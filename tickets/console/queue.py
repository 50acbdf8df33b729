"""The queue: the tickets of a view, a page at a time, and what can be done with many of them or with the view."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.models import User
from common.console import COUNTED_MOST, change_url, short_day
from common.errors import PortalError
from common.keyset import BadCursor, OtherOrder, Page, page_of
from common.richtext import to_plain
from common.spreadsheets import csv_file
from common.time import now
from tickets import services
from tickets.access import may_keep, may_work
from tickets.console import bulk, filters, outcome, shared
from tickets.console.asked import COLUMNS, Asked
from tickets.console.saving import save_from
from tickets.console.trail import with_addresses
from tickets.exporting import COLUMNS as EXPORTED
from tickets.exporting import csv_cells, exported_row
from tickets.finding import SOON, SORTS
from tickets.models import Message, Ticket
from tickets.querysets import number_of
from tickets.services import present_on
from tickets.slots import TIMES_LEFT
from tickets.vocabulary import MessageKind

ROWS = 50
NEWS_MOST = 100
FILE_ROWS_MOST = 10_000  # a few seconds' work; export_tickets takes everything
EXCERPT_CHARACTERS = 90
SAID_GLYPHS = {
    MessageKind.CUSTOMER_MESSAGE: "arrow-down-left",
    MessageKind.PUBLIC_REPLY: "arrow-up-right",
    MessageKind.INTERNAL_NOTE: "lock",
}


class QueuePage:
    """One request for the queue. site_context: what unfold's frame needs."""

    def __init__(self, request: HttpRequest, site_context: dict[str, Any]) -> None:
        self.request = request
        self.site_context = site_context
        self.user: User = request.user  # type: ignore[assignment]
        self.may_work = may_work(self.user)
        self.asked = Asked.read(request.GET, self.user)

    def answer(self) -> HttpResponse:
        if self.request.method == "POST":
            if not self.may_work:
                raise PermissionDenied
            if "undo" in self.request.POST:
                return self._take_back()
            return self._keep_view() if "view_deed" in self.request.POST else self._change_many()
        match self.request.GET.get("as"):
            case "csv":
                return self._file()
            case "news":
                return self._news()
        return self._jump() or self._show()

    def _jump(self) -> HttpResponse | None:
        """Go straight to the ticket whose whole reference, or "#" and number, was typed into the search."""
        words = self.asked.words.removeprefix("#")
        if not words or (words == self.asked.words and words.isdecimal()) or number_of(words) is None:
            return None
        ticket = Ticket.objects.visible_to(self.user).with_reference(words).first()
        return HttpResponseRedirect(change_url(ticket)) if ticket else None

    # --- reading ---

    def _news(self) -> HttpResponse:
        """Say how many tickets came into the queue, or changed in it, since `read_at`; nothing where none did."""
        try:
            since = dt.datetime.fromisoformat(self.request.GET.get("read_at", "")).astimezone(dt.UTC)
        except (ValueError, OverflowError) as error:
            raise Http404 from error
        count = self.asked.tickets(self.user).filter(updated_at__gt=since).order_by()[:NEWS_MOST].count()
        if not count:
            return HttpResponse(status=204)
        context = {"count": count, "is_more": count == NEWS_MOST, "url": self.asked.address()}
        return render(self.request, "console/queue/news.html", context)

    def _file(self) -> HttpResponse:
        """Hand out the tickets of the queue, in its order, as a file for spreadsheets."""
        rows = [csv_cells(exported_row(one)) for one in self.asked.tickets(self.user).for_list()[:FILE_ROWS_MOST]]
        services.note_export(by=self.user, count=len(rows), filters=self.asked.filters, words=self.asked.words)
        return csv_file("tickets.csv", EXPORTED, rows)

    def _show(self) -> HttpResponse:
        read_at = now()
        tickets, count = self._found()
        page = self._page(tickets)
        self._dress(page.rows)
        context = {
            **self.site_context,
            "title": self._title,
            "opts": None,  # or unfold's heading would say "Tickets > Tickets"
            "asked": self.asked,
            "rows": page.rows,
            "columns": [(name, COLUMNS[name]) for name in self.asked.columns],
            "all_columns": [(name, words, name in self.asked.columns) for name, words in COLUMNS.items()],
            "sorts": [(key, sort.label, self.asked.address(sort=key)) for key, sort in SORTS.items()],
            "sort_words": SORTS[self.asked.sort].label,
            "chips": self._chips(),
            "controls": self._controls(),
            "hidden": self.asked.pairs(),
            "pages": self._pages(page, tickets, count),
            "news_url": self._address_as("news", read_at=read_at.isoformat()),
            "bulk": bulk.BULK if self.may_work else {},
            "has_add_permission": self.may_work,
            "may_keep": self.asked.view is not None and may_keep(self.user, self.asked.view),
            "keepers": self._keepers(),
            "is_grouped": self.asked.sort == "urgency" and "due" in self.asked.columns,
        }
        return TemplateResponse(self.request, "admin/tickets/ticket/change_list.html", context)

    @property
    def _title(self) -> str:
        if self.asked.view:
            return self.asked.view.name
        if not self.asked.filters:
            return "All open"
        return "All tickets" if self.asked.filters == {"status": ["all"]} else "Tickets"

    def _found(self) -> tuple[QuerySet[Ticket], int | None]:
        """Return what is asked for and, where words are looked for, how many hold them: looking twice takes long."""
        tickets = self.asked.tickets(self.user)
        if not self.asked.words:
            return tickets, None
        found = list(tickets.order_by().values_list("pk", flat=True)[: COUNTED_MOST + 1])
        return (tickets if len(found) > COUNTED_MOST else self.asked.among(found)), len(found)

    def _page(self, tickets: QuerySet[Ticket]) -> Page:
        shown = tickets.select_related("requester", "organization", "assignee", "team", "product_area", "label")
        if "tags" in self.asked.columns:
            shown = shown.prefetch_related("tags")
        try:
            return page_of(shown, self.request.GET.get("from"), ROWS)
        except (BadCursor, OtherOrder):  # a link that was kept while the order changed begins anew
            return page_of(shown, None, ROWS)

    def _dress(self, rows: list[Any]) -> None:
        """Add to each ticket of the page what its row shows besides, for all of them at once."""
        said, at = last_messages(rows, self.user), now()
        left = TIMES_LEFT.ask(rows) if "due" in self.asked.columns else {}
        beside = present_on(rows, self.user)
        with_addresses(rows, self.asked, self.user)
        headed = ""
        for ticket in rows:
            ticket.beside = beside.get(ticket.pk, [])
            ticket.last_said = said.get(ticket.pk)
            ticket.updated_day, ticket.created_day = short_day(ticket.updated_at), short_day(ticket.created_at)
            ticket.time_left = next(iter(left.get(ticket.pk, [])), None)
            group = group_of(ticket.next_due_at, at)
            ticket.heading, headed = (group if group != headed else ""), group

    def _chips(self) -> list[dict[str, str]]:
        """Return the filters in use, each with the address of the queue without it."""
        choices = shared.choices(self.request)
        return [
            {
                "label": filters.BY_NAME[name].label,
                "words": filters.words_for(filters.BY_NAME[name], values, choices),
                "without": self.asked.address(**{name: []}),
            }
            for name, values in self.asked.filters.items()
        ]

    def _controls(self) -> list[dict[str, Any]]:
        choices = shared.choices(self.request)
        return [
            {"filter": one, "options": one.options(choices), "values": self.asked.filters.get(one.name, [])}
            for one in filters.FILTERS
        ]

    def _pages(self, page: Page, tickets: QuerySet[Ticket], known: int | None) -> dict[str, Any]:
        """Return where the page stands. Shape: {"count": words, "next", "previous", "file": addresses or ""}."""
        here = self.asked.address()

        def link(cursor: str) -> str:
            return f"{here}&from={cursor}".replace("?&", "?") if cursor else ""

        is_all = not page.next and not page.previous  # then they are counted by having been read
        count = f"{len(page.rows):,}" if is_all else count_words(tickets, known)
        links = {"next": link(page.next), "previous": link(page.previous), "file": self._address_as("csv")}
        return {"count": count, **links}

    def _address_as(self, shape: str, **more: str) -> str:
        """Return the address of what is shown, in another shape than the page's."""
        return f"?{urlencode([*self.asked.pairs(), ('as', shape), *more.items()])}"

    def _keepers(self) -> list[tuple[str, str]]:
        """Return for whom the person may keep a view. Shape: [(value, words)]."""
        if not self.may_work:
            return []
        mine = [("me", "Me alone"), *((f"team-{team.pk}", f"The team {team}") for team in self.user.teams.all())]
        return [*mine, *([("all", "Everybody")] if self.user.has_perm("tickets.add_savedview") else [])]

    # --- changing ---

    def _keep_view(self) -> HttpResponse:
        try:
            words, view = save_from(self.request.POST, self.asked, self.user)
        except PortalError as refusal:
            messages.error(self.request, refusal.message)
            return HttpResponseRedirect(self.request.get_full_path())
        shared.forget_views(self.request)
        messages.success(self.request, words)
        return HttpResponseRedirect(f"{self.request.path}?view={view.pk}" if view else self.request.path)

    def _change_many(self) -> HttpResponse:
        """Ask on a page of its own, then, confirmed by a second POST, act and come back to the same queue."""
        action = bulk.BULK.get(self.request.POST.get("action", ""))
        if action is None:
            raise Http404
        tickets = self._chosen()
        if not tickets:
            messages.warning(self.request, "Select the tickets first.")
            return HttpResponseRedirect(self.request.get_full_path())
        is_confirmed = "confirmed" in self.request.POST
        form = action.form(self.request.POST if is_confirmed else None, request=self.request)
        if is_confirmed and form.is_valid():
            try:
                fields = bulk.fields_of(form)
            except PortalError as refusal:
                form.add_error(None, refusal.message)
            else:
                report = bulk.change_many(action, tickets, fields, self.user)
                outcome.tell(self.request, report, done=action.done)
                return HttpResponseRedirect(self.request.get_full_path())
        return self._ask(self.request.POST["action"], form, tickets)

    def _take_back(self) -> HttpResponse:
        """Take back what was sent to many a moment ago; where all got the same words, ask for them again."""
        taken = outcome.take_back(self.request)
        if not taken.rows or taken.are_drafts:
            return HttpResponseRedirect(self.request.get_full_path())
        form = bulk.ReplyForm(initial=bulk.said_again(taken), request=self.request)
        return self._ask("reply", form, [row.ticket for row in taken.rows])

    def _ask(self, action: str, form: bulk.BulkForm, tickets: list[Ticket]) -> HttpResponse:
        asked = bulk.BULK[action]
        context = {
            **self.site_context,
            **{"title": asked.question, "action": action, "bulk": asked, "form": form, "tickets": tickets},
        }
        return TemplateResponse(self.request, "console/bulk.html", context, status=422 if form.is_bound else 200)

    def _chosen(self) -> list[Ticket]:
        numbers = [text for text in self.request.POST.getlist("ticket") if text.isascii() and text.isdecimal()]
        found = Ticket.objects.visible_to(self.user).filter(pk__in=numbers[: bulk.TICKETS_MOST])
        return list(found.select_related("requester", "organization", "assignee").order_by("pk"))


def group_of(due_at: dt.datetime | None, at: dt.datetime) -> str:
    """Return under which heading a ticket stands in a queue that is sorted by the time left."""
    if due_at is None:
        return "Paused or without a promise"
    if due_at <= at:
        return "Overdue"
    if due_at < at + SOON:
        return "Next 4 hours"
    return "Today" if timezone.localdate(due_at) == timezone.localdate(at) else "Later"


def count_words(tickets: QuerySet[Ticket], known: int | None) -> str:
    """Return how many there are: counted to 10,000, above that as the database estimates. known: if counted already."""
    rows = tickets.order_by()
    count = rows[: COUNTED_MOST + 1].count() if known is None else known
    if count <= COUNTED_MOST:
        return f"{count:,}"
    if connection.vendor != "postgresql":
        return f"more than {COUNTED_MOST:,}"
    plan = json.loads(rows.explain(format="json"))
    estimate = round(int(plan[0]["Plan"]["Plan Rows"]), -3)
    return f"about {max(estimate, COUNTED_MOST):,}"


def last_messages(tickets: Iterable[Ticket], reader: Any) -> dict[int, dict[str, Any]]:
    """Return for each ticket what was last said that `reader` may read. Shape: {id: {"glyph", "name", "words"}}."""
    visible = Message.objects.visible_to(reader).filter(ticket__in=[ticket.pk for ticket in tickets])
    newest = visible.order_by().values("ticket").annotate(newest=Max("pk")).values("newest")
    rows = Message.objects.filter(pk__in=newest).select_related("author").defer("body")
    return {
        row.ticket_id: {
            "glyph": SAID_GLYPHS[MessageKind(row.kind)],
            "name": str(row.author or "Somebody"),
            "words": to_plain(row.body_html[:600])[:EXCERPT_CHARACTERS],
            "is_customers": row.kind == MessageKind.CUSTOMER_MESSAGE,
        }
        for row in rows
    }
