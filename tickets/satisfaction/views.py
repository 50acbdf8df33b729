"""The page behind the link of the mail that asks for a rating."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from common import ratelimit
from common.errors import PortalError
from common.pages import page, show_refusal
from common.time import now
from tickets import services
from tickets.models import Survey
from tickets.satisfaction.forms import RatingForm
from tickets.satisfaction.links import find_survey
from tickets.satisfaction.rules import is_low, is_open_at, may_be_rated
from tickets.satisfaction.vocabulary import FACES


@csrf_exempt  # under no-referrer a browser sends "Origin: null"; the secret in the address is the proof, no cookie is
@require_http_methods(["GET", "HEAD", "POST"])
def survey_page(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the five faces to whoever holds the link, and record what they send.

    Opening it records nothing: mail programs and scanners open every link.
    """
    response = _answer(request, token)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@page
def _answer(request: HttpRequest, token: str) -> HttpResponseBase:
    ratelimit.limit(request, "survey", ratelimit.client_ip(request))
    survey = find_survey(token)
    if survey is None:
        return render(request, "tickets/survey_gone.html", {"is_link_page": True}, status=404)
    ticket = survey.ticket
    timezone.activate(ticket.requester.zone_name)  # nobody is signed in whose zone it could be
    is_rated = survey.rated_at is not None
    if not is_rated and not is_open_at(survey.asked_at, now(), days=settings.PORTAL_SURVEY_LINK_DAYS):
        return render(request, "tickets/survey_gone.html", {"survey": survey, "is_link_page": True}, status=410)
    if is_rated or not may_be_rated(ticket.status, is_merged=ticket.merged_into_id is not None):
        return _show(request, survey, status=409 if request.method == "POST" else 200)
    if request.method != "POST":
        return _show(request, survey, RatingForm(initial={"rating": _chosen(request)}))
    return _record(request, survey)


def _record(request: HttpRequest, survey: Survey) -> HttpResponseBase:
    form, person = RatingForm(request.POST), survey.ticket.requester
    status = 422
    if form.is_valid():
        try:
            services.rate_ticket(survey.ticket, **form.said(), by=person, via=Survey.Via.MAIL, via_link=True)
        except PortalError as refusal:
            status = show_refusal(form, refusal)
        else:
            return redirect(f"{request.path}?thanks")
    return _show(request, survey, form, status=status)


def _show(request: HttpRequest, survey: Survey, form: RatingForm | None = None, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "survey": survey,
        "ticket": survey.ticket,
        "form": form,
        "is_new": "thanks" in request.GET,
        "is_low": survey.rating is not None and is_low(survey.rating),
        "reads_mail": settings.PORTAL_READS_MAIL,
        "is_link_page": True,
    }
    return render(request, "tickets/survey.html", context, status=status)


def _chosen(request: HttpRequest) -> str:
    """Return the rating that the link names; "" for anything else."""
    rating = request.GET.get("rating", "")
    return rating if rating in map(str, FACES) else ""
