"""How the search is: which engine answers, how far the index is, and the button that builds it anew."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timesince import timesince
from django.views.decorators.http import require_http_methods

from common import queue
from common.console import require
from common.time import now
from knowledgebase.search.upkeep import Status, status
from knowledgebase.tasks import reindex

RIGHT = "knowledgebase.change_article"
ENGINES = {
    "elasticsearch": "Search server",
    "postgresql": "PostgreSQL full text",
    "sqlite": "SQLite full text",
}
WAIT_MOST = dt.timedelta(minutes=5)  # beyond it, nobody works off what was changed


@dataclass(frozen=True)
class Standing:
    """How the search is, in a word and a sentence."""

    tone: str
    glyph: str
    word: str
    sentence: str


@require_http_methods(["GET", "HEAD", "POST"])
def status_page(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    """Show how the search is; a POST has everything indexed again in the background."""
    require(request, RIGHT)
    if request.method == "POST":
        if request.POST.get("deed") != "reindex":
            raise Http404
        queue.nudge("reindex", reindex.delay)
        messages.success(request, "All articles are being indexed again. The search goes on meanwhile.")
        return HttpResponseRedirect(reverse("admin:knowledgebase_search"))
    found = status()
    context = {
        **site_context,
        "title": "Search status",
        "found": found,
        "standing": standing_of(found, now()),
        "engine": ENGINES.get(found.answering, found.answering),
        "database": ENGINES.get(found.database, found.database),
    }
    return TemplateResponse(request, "console/knowledgebase/search_status.html", context)


def standing_of(found: Status, at: dt.datetime) -> Standing:
    """Say how the search is: what is worst first."""
    if found.server_problem:
        since = f" It has been away for {timesince(found.away_since, at)}." if found.away_since else ""
        words = f"The database answers instead, and what is changed waits for the server.{since}"
        return Standing("red", "octagon-alert", "The search server is away", words)
    if found.oldest_mark_at is not None and at - found.oldest_mark_at > WAIT_MOST:
        words = (
            f"A change has been waiting for {timesince(found.oldest_mark_at, at)}. Look whether a worker is running."
        )
        return Standing("amber", "triangle-alert", "Late", words)
    if not found.is_in_step:
        words = "Not as many articles are indexed as are published. Index everything again."
        return Standing("amber", "triangle-alert", "Out of step", words)
    who = "The search server answers" if found.has_server else "The database answers"
    return Standing("green", "circle-check", "Well", f"{who}, and every published article can be found.")
