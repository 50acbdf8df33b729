"""The console's site: who gets in, and what its search finds."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from unfold.dataclasses import SearchResult
from unfold.sites import UnfoldAdminSite

from accounts.models import Organization, User
from common.console import change_url
from knowledgebase.models import Article
from supportportal.console import navigation
from tickets.access import may_work
from tickets.console import dashboard, palette
from tickets.models import Ticket

FOUND_MOST = 6


class ConsoleSite(UnfoldAdminSite):
    """Signs in on the portal's own page, and turns customers away with 403 instead of a second sign-in form."""

    index_title = "Overview"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return inner(request, *args, **kwargs) if self.has_permission(request) else refuse(request)

        return update_wrapper(guarded, inner)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show how support stands; to whoever may not see tickets, the way to what they may open."""
        if request.user.has_perm(dashboard.VIEW):
            return dashboard.dashboard_page(request, site_context=self.each_context(request))
        return super().index(request, extra_context)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        wanted = request.GET.get("next", "")
        if self.has_permission(request):
            return redirect("admin:index")
        is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
        return refuse(request, wanted if is_ours else reverse("admin:index"))


@never_cache
def refuse(request: HttpRequest, wanted: str = "") -> HttpResponse:
    """Send strangers to the sign-in page and back to what they wanted; answer 403 to people who are no staff."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(wanted or request.get_full_path(), settings.LOGIN_URL)


def find(request: HttpRequest, words: str) -> list[SearchResult]:
    """Return, for the palette, what can be done and a few rows of each kind that the person may see, by `words`."""
    user: User = request.user  # type: ignore[assignment]
    tickets = Ticket.objects.visible_to(user).matching(words.removeprefix("#"), is_staff=may_work(user))
    people = User.objects.filter(models.Q(name__icontains=words) | models.Q(email__icontains=words))
    searches: list[tuple[str, str, models.QuerySet[Any]]] = [
        ("tickets.view_ticket", "inbox", tickets),
        ("accounts.view_user", "person", people),
        ("accounts.view_organization", "domain", Organization.objects.filter(name__icontains=words)),
        ("knowledgebase.view_article", "article", Article.objects.visible_to(user).filter(title__icontains=words)),
    ]
    done = [
        SearchResult(title=title, description=what, link=url, icon=icon)
        for title, what, url, icon in _deeds(request, words)
    ]
    return done + [
        SearchResult(title=str(row), description=row._meta.verbose_name.capitalize(), link=change_url(row), icon=icon)
        for permission, icon, rows in searches
        if user.has_perm(permission)
        for row in rows.order_by("-pk")[:FOUND_MOST]
    ]


def _deeds(request: HttpRequest, words: str) -> list[palette.Entry]:
    """Return the pages of the side bar and what the ticket at hand can be used for, by `words`."""
    pages = [
        (item["title"], f"Go to, {group['title']}", item["link"], item["icon"])
        for group in navigation(request)
        for item in group["items"]
    ]
    return [entry for entry in [*palette.entries(request), *pages] if words.lower() in entry[0].lower()][:FOUND_MOST]
