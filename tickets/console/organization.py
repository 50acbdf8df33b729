"""The page of an organization: its people and tickets, what it used of what it has, and how we kept our word.

And the report that it is given for a month, to print or to keep as PDF; nothing internal is on it.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.views.decorators.http import require_safe

from accounts.models import Organization, User
from common.console import change_url, changelist_url, require
from common.periods import EARLIEST
from common.time import now
from tickets.models import Ticket
from tickets.reporting.organizations import (
    TICKETS_MOST,
    OrganizationAsked,
    hours_used,
    kept_months,
    month_of,
    monthly_report,
    people_of,
    tickets_this_month,
)
from tickets.reporting.words import length_words
from tickets.satisfaction.reports import satisfaction

RIGHTS = ("tickets.view_ticket", "accounts.view_organization")
RATED_DAYS = 90
MONTHS_OFFERED = 12
TICK = dt.timedelta(microseconds=1)  # a period ends before its end, and this instant belongs to it


@require_safe
def organization_page(request: HttpRequest, pk: int, site_context: dict[str, Any]) -> HttpResponse:
    """Show how an organization and its support stand now."""
    require(request, *RIGHTS)
    user: User = request.user  # type: ignore[assignment]
    organization = get_object_or_404(Organization.objects.select_related("success_manager"), pk=pk)
    at = now()
    tickets = Ticket.objects.visible_to(user).filter(organization=organization).select_related("requester", "assignee")
    queue = f"{changelist_url(Ticket)}?organization={organization.pk}"
    context = {
        **site_context,
        "title": organization.name,
        "organization": organization,
        "hours": hours_used(organization),
        "quota": tickets_this_month(organization, at),
        "kept": kept_months(organization, at) if user.has_perm("sla.view_clock") else None,
        "ratings": satisfaction(at - dt.timedelta(days=RATED_DAYS), at + TICK, organization=organization.pk),
        "people": people_of(organization),
        "open_tickets": list(tickets.open().order_by("priority", "created_at", "pk")[:TICKETS_MOST]),
        "open_count": tickets.open().count(),
        "latest": list(tickets.order_by("-created_at", "-pk")[:TICKETS_MOST]),
        "queue_url": queue,
        "all_url": f"{queue}&status=all",
        "edit_url": change_url(organization),
        "report_url": f"{reverse('admin:tickets_organization_report', args=[pk])}?month={_month_before():%Y-%m}",
    }
    return TemplateResponse(request, "console/organization/page.html", context)


@require_safe
def organization_report(request: HttpRequest, pk: int, site_context: dict[str, Any]) -> HttpResponse:
    """Show the report of a month, that before the present one unless `month` says which, in the organization's zone."""
    require(request, *RIGHTS)
    user: User = request.user  # type: ignore[assignment]
    organization = get_object_or_404(Organization.objects.select_related("success_manager"), pk=pk)
    with timezone.override(zoneinfo.ZoneInfo(organization.time_zone)):
        asked_for = request.GET.get("month", "")
        month = _month(asked_for)
        report = monthly_report(OrganizationAsked(user, month_of(month or _month_before()), now(), organization))
        context = {
            **site_context,
            "organization": organization,
            "report": report,
            "hours": hours_used(organization),
            "response": length_words(report.response.median),
            "resolution": length_words(report.resolution.median),
            "months": _months(report.period.first),
            "wrong_month": asked_for if asked_for and month is None else "",
            "page_url": reverse("admin:tickets_organization", args=[pk]),
            "made_at": now(),
        }
        # Rendered here, while days are still those of the organization.
        return TemplateResponse(request, "console/organization/report.html", context).render()


def _month(text: str) -> dt.date | None:
    """Return the first day of "2026-11"; None for what is no month that has begun."""
    try:
        first = dt.datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month, no instant
    except ValueError:
        return None
    return first if EARLIEST <= first <= timezone.localdate() else None


def _month_before() -> dt.date:
    return (timezone.localdate().replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def _months(chosen: dt.date) -> list[tuple[str, str, bool]]:
    """Return the months to choose from: (as the address has it, in words, whether it is the chosen one)."""
    months = [timezone.localdate().replace(day=1)]
    while len(months) < MONTHS_OFFERED:
        months.append((months[-1] - dt.timedelta(days=1)).replace(day=1))
    offered = sorted({*months, chosen}, reverse=True)
    return [(f"{month:%Y-%m}", format_date(month, "F Y"), month == chosen) for month in offered]
