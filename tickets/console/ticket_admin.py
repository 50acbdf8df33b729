"""The table of tickets: the queue, and the way to the ticket page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path
from unfold.decorators import display

from common.console import ConsoleAdmin, change_url, changelist_url, moment
from common.errors import NotFound
from tickets.access import may_work
from tickets.console import bulk, filters, opening
from tickets.console.page import TicketPage
from tickets.console.queue import Queue
from tickets.downloads import file_response
from tickets.models import Attachment, Ticket
from tickets.querysets import number_of
from tickets.similar import similar_to
from tickets.vocabulary import Status

# How the queue is headed by its filters, in the words of the side bar.
VIEWS = {("", ""): "All open", ("", "nobody"): "Unassigned", ("", "me"): "Mine", ("all", ""): "All tickets"}


@admin.register(Ticket)
class TicketAdmin(ConsoleAdmin):
    """Read and worked on its own page; Django's form never writes a ticket, and nothing deletes one."""

    list_display = ("ticket", "requester", "status", "priority", "assignee", "updated")
    list_filter = filters.FILTERS
    search_fields = ("subject",)
    ordering = ("-updated_at", "-id")
    list_select_related = ("requester", "organization", "assignee", "team")
    actions = bulk.ACTIONS

    @property
    def media(self) -> forms.Media:
        """The queue's template names its own small scripts; those of Django's lists are not wanted."""
        return forms.Media()

    def has_work_permission(self, request: HttpRequest) -> bool:
        return may_work(request.user)  # type: ignore[arg-type]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_work_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # --- queue ---

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Queue]:
        return Queue

    def get_queryset(self, request: HttpRequest) -> Any:
        return Ticket.objects.visible_to(request.user)  # type: ignore[arg-type]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        words = search_term.strip()
        return (queryset.matching(words, is_staff=True) if words else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the queue; a whole reference typed into the search goes straight to its ticket."""
        words = request.GET.get("q", "").strip()
        if request.method == "GET" and not words.isdecimal() and number_of(words) is not None:
            ticket = self.get_queryset(request).with_reference(words).first()
            if ticket is not None:
                return HttpResponseRedirect(change_url(ticket))
        context = {
            "title": VIEWS.get((request.GET.get("status", ""), request.GET.get("assignee", "")), "Tickets"),
            "opts": None,  # or unfold's heading would say "Tickets > Tickets"
            "bulk": bulk.BULK,
            "has_bulk": self.has_work_permission(request),
        }
        return super().changelist_view(request, {**(extra_context or {}), **context})

    @display(description="Ticket", ordering="subject")
    def ticket(self, ticket: Ticket) -> str:
        return ticket.subject

    @display(description="Requester", ordering="requester__name")
    def requester(self, ticket: Ticket) -> str:
        return str(ticket.requester)

    @display(description="Status", ordering=Case(*(When(status=s, then=Value(n)) for n, s in enumerate(Status))))
    def status(self, ticket: Ticket) -> str:
        return ticket.get_status_display()

    @display(description="Priority", ordering="priority")
    def priority(self, ticket: Ticket) -> str:
        return ticket.get_priority_display()

    @display(description="Assignee", ordering="assignee__name")
    def assignee(self, ticket: Ticket) -> str:
        return str(ticket.assignee or "Nobody")

    @display(description="Updated", ordering="updated_at")
    def updated(self, ticket: Ticket) -> str:
        return moment(ticket.updated_at)

    # --- ticket page ---

    def get_urls(self) -> list[Any]:
        file = self.admin_site.admin_view(self.file_view)
        similar = self.admin_site.admin_view(self.similar_view)
        return [
            path("files/<uuid:uid>/", file, name="tickets_attachment_file"),
            path("<int:pk>/similar/", similar, name="tickets_ticket_similar"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return TicketPage(request, object_id, self.admin_site.each_context(request)).answer()

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return opening.new_ticket(request, self.admin_site.each_context(request))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(f"{changelist_url(Ticket)}{object_id}/change/#timeline")

    def similar_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer the panel of similar tickets, which the ticket's page fetches; a page of its own without scripts."""
        ticket = get_object_or_404(self.get_queryset(request), pk=pk)
        context = {"ticket": ticket, "similar": similar_to(ticket, request.user)}  # type: ignore[arg-type]
        if request.htmx:  # type: ignore[attr-defined]
            return render(request, "console/ticket/similar.html", context)
        context |= self.admin_site.each_context(request)
        return render(request, "console/ticket/similar_page.html", context)

    def file_view(self, request: HttpRequest, uid: Any) -> HttpResponseBase:
        """Hand out a file of a ticket, also of an internal note, to who may see the ticket."""
        rows = Attachment.objects.visible_to(request.user)  # type: ignore[arg-type]
        file = rows.filter(uid=uid, ticket__in=self.get_queryset(request)).first()
        try:
            if file is not None:
                return file_response(file)
        except NotFound as error:
            raise Http404(error.message) from error
        raise Http404
