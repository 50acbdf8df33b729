"""The table of tickets: the queue, and the way to the ticket page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path

from accounts.models import User
from common.console import ConsoleAdmin, change_url, changelist_url
from common.errors import NotFound
from tickets.access import may_work
from tickets.console import opening, working
from tickets.console.incidents import update_incidents
from tickets.console.page import TicketPage
from tickets.console.queue import QueuePage
from tickets.console.trail import go_beside
from tickets.console.typing_aid import insertions
from tickets.downloads import file_response
from tickets.models import Attachment, Ticket
from tickets.similar import similar_to
from tickets.slots import PANELS


@admin.register(Ticket)
class TicketAdmin(ConsoleAdmin):
    """Read and worked on its own page; Django's form never writes a ticket, and nothing deletes one."""

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

    def get_queryset(self, request: HttpRequest) -> Any:
        return Ticket.objects.visible_to(request.user)  # type: ignore[arg-type]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return QueuePage(request, self.admin_site.each_context(request)).answer()

    # --- ticket page ---

    def get_urls(self) -> list[Any]:
        file = self.admin_site.admin_view(self.file_view)
        similar = self.admin_site.admin_view(self.similar_view)
        panel = self.admin_site.admin_view(self.panel_view)
        incidents = self.admin_site.admin_view(self.incidents_view)
        return [
            path("files/<uuid:uid>/", file, name="tickets_attachment_file"),
            path("<int:pk>/similar/", similar, name="tickets_ticket_similar"),
            path("<int:pk>/panels/<slug:key>/", panel, name="tickets_ticket_panel"),
            path("<int:pk>/presence/", self.admin_site.admin_view(working.presence), name="tickets_ticket_presence"),
            path("<int:pk>/beside/", self.admin_site.admin_view(go_beside), name="tickets_ticket_beside"),
            path("<int:pk>/insert/", self.admin_site.admin_view(insertions), name="tickets_ticket_insert"),
            path("<int:pk>/preview/", self.admin_site.admin_view(working.preview), name="tickets_ticket_preview"),
            path("<int:pk>/incidents/", incidents, name="tickets_ticket_incidents"),
            path("<int:pk>/draft/", self.admin_site.admin_view(working.draft), name="tickets_ticket_draft"),
            path(
                "<int:pk>/held/<int:held>/undo/",
                self.admin_site.admin_view(working.undo_send),
                name="tickets_undo_send",
            ),
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

    def panel_view(self, request: HttpRequest, pk: int, key: str) -> HttpResponse:
        """Answer one panel beside a ticket, which the ticket's page fetches; a page of its own without scripts."""
        ticket = get_object_or_404(self.get_queryset(request).select_related("requester", "organization"), pk=pk)
        panel = PANELS.get(key)
        if panel is None:
            raise Http404
        user: User = request.user  # type: ignore[assignment]
        if not user.has_perm(panel.permission):
            raise PermissionDenied
        context: dict[str, Any] = {"panel": panel.read(ticket, user), "ticket_url": change_url(ticket)}
        if not request.htmx:  # type: ignore[attr-defined]
            context |= {**self.admin_site.each_context(request), "shown": panel, "ticket": ticket}
            return render(request, "console/ticket/panel_page.html", context)
        if context["panel"] is None:
            return HttpResponse(status=204)
        return render(request, panel.template, context)

    def incidents_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for one update to all open incidents of a problem, and send it."""
        problem = get_object_or_404(self.get_queryset(request), pk=pk)
        return update_incidents(request, problem, self.admin_site.each_context(request))

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
