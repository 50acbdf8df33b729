"""What became of a change to many tickets, told for each; and taking back the replies that have not left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from common import context
from tickets import services
from tickets.services import TakenBack


@dataclass
class Report:
    """What became of each ticket, with the reason where it was not changed."""

    changed: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def tell(request: HttpRequest, report: Report, *, done: str = "changed") -> None:
    """Say for each ticket what became of it, and offer to take back the replies that have not left."""
    for level, verb, rows in (
        (messages.SUCCESS, done, report.changed),
        (messages.WARNING, "skipped", report.skipped),
        (messages.ERROR, "failed", report.failed),
    ):
        if rows:
            messages.add_message(request, level, format_html("{}{}", _count(rows, verb), _listed(rows)))
    by: User = request.user  # type: ignore[assignment]
    sent = context.current().request_id
    if waiting := services.sent_together(sent, by=by).count():
        messages.info(request, _offer_to_take_back(request, sent, waiting))


def take_back(request: HttpRequest) -> TakenBack:
    """Take back what the person sent with the request that "undo" names, say so, and return it."""
    by: User = request.user  # type: ignore[assignment]
    taken = services.undo_sent_together(request.POST["undo"], by=by)
    count = "1 reply is back" if len(taken.rows) == 1 else f"{len(taken.rows)} replies are back"
    if not taken.rows:
        messages.error(request, "They have left already and cannot be taken back any more.")
    elif taken.are_drafts:
        messages.success(request, f"{count}, each as your draft on its ticket. Nobody has seen them.")
    else:
        messages.success(request, f"{count}. Nobody has seen them. Change the words and send them again, or leave it.")
    return taken


def _offer_to_take_back(request: HttpRequest, sent: str, waiting: int) -> SafeString:
    replies = "1 reply leaves" if waiting == 1 else f"{waiting} replies leave"
    return format_html(
        '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">{} in {} seconds. '
        '<button class="button secondary small" type="submit" name="undo" value="{}">Take back</button></form>',
        *(request.get_full_path(), get_token(request), replies, settings.PORTAL_UNDO_SECONDS, sent),
    )


def _count(rows: Sequence[Any], verb: str) -> str:
    return f"{len(rows)} {'ticket' if len(rows) == 1 else 'tickets'} {verb}."


def _listed(rows: Sequence[tuple[str, str]]) -> str:
    listed = format_html_join("", "<li>{}: {}</li>", rows)
    if len(rows) <= 5:
        return format_html("<ul>{}</ul>", listed)
    return format_html("<details><summary>Which</summary><ul>{}</ul></details>", listed)
