"""The weekly report as it would go out now, and whether one gets it by mail."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import User
from common.console import require
from common.time import now
from tickets import services
from tickets.reporting.shapes import Asked
from tickets.reporting.weekly import RIGHT, gets_it, letter_of, week_of
from tickets.reporting.words import length_words
from tickets.vocabulary import Priority


@require_http_methods(["GET", "HEAD", "POST"])
def weekly_page(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Show the report of the past week; a POST says whether one wants it by mail."""
    require(request, RIGHT)
    user: User = request.user  # type: ignore[assignment]
    if request.method == "POST":
        is_wanted = request.POST.get("wanted") == "yes"
        services.want_weekly_report(user, is_wanted=is_wanted)
        words = "You get the weekly report by mail." if is_wanted else "You no longer get the weekly report by mail."
        messages.success(request, words)
        return redirect("admin:tickets_weekly")
    today = timezone.localdate()
    letter = letter_of(Asked(user, week_of(today - dt.timedelta(days=today.weekday() + 7)), now()))
    context = {
        **site_context,
        "title": "Weekly report",
        "letter": letter,
        "oldest": [
            (one, Priority(one.priority).label, length_words(one.waiting_seconds)) for one in letter.seen.oldest
        ],
        "gets_it": gets_it(user),
        "is_on": settings.PORTAL_WEEKLY_REPORT,
        "hour": f"{settings.PORTAL_WEEKLY_REPORT_HOUR:02}:00",
        "zone": settings.PORTAL_TIME_ZONE,
    }
    return TemplateResponse(request, "console/dashboard/weekly.html", context)
