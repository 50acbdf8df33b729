"""The pages about the portal itself, and what browsers and robots ask for."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

# What holds people's own affairs, and what a robot has no business with.
NOT_FOR_ROBOTS = ("/t/", "/survey/", "/tickets", "/profile", "/accounts/", "/admin/", "/api/", "/dev/", "/help/search")


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    context = {
        "comment_days": settings.PORTAL_SURVEY_COMMENT_DAYS,
        "tracking_days": settings.PORTAL_TRACKING_LINK_DAYS,
        "hold_out_percent": settings.PORTAL_SUGGESTIONS_HOLD_OUT_PERCENT,
        "search_days": settings.PORTAL_SEARCH_TEXT_DAYS,
        "session_days": settings.SESSION_COOKIE_AGE // 86_400,
    }
    return render(request, "portal/privacy.html", context)


@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/accessibility.html")


@require_GET
@cache_control(max_age=86_400, public=True)
def robots(request: HttpRequest) -> HttpResponse:
    rules = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]
    lines = [*rules, "", f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_GET
@cache_control(max_age=86_400, public=True)
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponsePermanentRedirect(static("favicon.svg"))
