"""Changing many tickets at once: each by itself, through the same service, with a report of what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join

from accounts.models import Strategy, Team, User
from common.errors import Conflict, Invalid, PortalError
from tickets import services
from tickets.console import shared
from tickets.console.forms import CONTROL
from tickets.models import Ticket
from tickets.vocabulary import Priority, Status

SETTABLE_STATUSES = [status for status in Status if status != Status.NEW]


@dataclass
class Report:
    """What became of each ticket, with the reason where it was not changed."""

    changed: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


Change = Callable[[Ticket, Any, User], tuple[bool, str]]


@dataclass(frozen=True)
class Bulk:
    """A bulk action. member: what it sets; options: the choices; row: what a choice stands for.

    change: how one ticket is changed to the row; it returns whether it was, and what is said of it.
    """

    label: str
    glyph: str
    question: str
    member: str
    options: Callable[[HttpRequest], Iterable[tuple[Any, str]]]
    row: Callable[[str], Any]
    change: Change | None = None


def _agent(value: str) -> User | None:
    return None if value == "nobody" else _there(User.objects.staff().filter(pk=value).first())


def _team(value: str) -> Team | None:
    return None if value == "none" else _there(Team.objects.filter(pk=value).first())


def _there(row: Any) -> Any:
    """Return `row`. What was offered may be half a minute old, and gone."""
    if row is None:
        raise Invalid("What you chose is no longer there. Choose again.", field="value")
    return row


def _by_turn(ticket: Ticket, strategy: str, by: User) -> tuple[bool, str]:
    assigned = services.assign_ticket(ticket, strategy=strategy, by=by)
    return assigned.is_new, assigned.reason


BULK: dict[str, Bulk] = {
    "assign": Bulk(
        *("Assign", "user-plus", "Assign to whom?", "assignee"),
        lambda request: [("nobody", "Nobody"), *shared.choices(request).agents],
        _agent,
    ),
    "assign_by_turn": Bulk(
        *("By turn", "users", "Let which rule choose the assignees?", "assignee"),
        lambda request: Strategy.choices,
        str,
        _by_turn,
    ),
    "set_status": Bulk(
        *("Status", "circle-dot", "Set which status?", "status"),
        lambda request: [(status.value, status.label) for status in SETTABLE_STATUSES],
        str,
    ),
    "set_team": Bulk(
        *("Team", "users", "Give to which team?", "team"),
        lambda request: [("none", "No team"), *shared.choices(request).teams],
        _team,
    ),
    "set_priority": Bulk(
        *("Priority", "chevrons-up", "Set which priority?", "priority"), lambda request: Priority.choices, str
    ),
}


class BulkForm(forms.Form):
    value = forms.ChoiceField(widget=forms.Select(attrs=CONTROL), error_messages={"required": "Choose one."})

    def __init__(self, *args: Any, options: Iterable[tuple[Any, str]], label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].label = label
        self.fields["value"].choices = [("", "Choose"), *((str(one), words) for one, words in options)]  # type: ignore[attr-defined]


def _setting(member: str) -> Change:
    """Return the change that sets `member` of a ticket."""

    def change(ticket: Ticket, value: Any, by: User) -> tuple[bool, str]:
        is_same = services.change_ticket(ticket, by=by, **{member: value}).version == ticket.version
        return not is_same, "It is so already." if is_same else ticket.subject

    return change


def change_many(tickets: Iterable[Ticket], change: Change, value: Any, by: User) -> Report:
    """Change each ticket to `value`. One that cannot be changed does not keep the others from it."""
    report = Report()
    for ticket in tickets:
        try:
            is_changed, words = change(ticket, value, by)
        except Conflict as refusal:
            report.skipped.append((ticket.reference, refusal.message))
        except PortalError as refusal:
            report.failed.append((ticket.reference, refusal.message))
        else:
            (report.changed if is_changed else report.skipped).append((ticket.reference, words))
    return report


def tell(request: HttpRequest, report: Report) -> None:
    """Say for each ticket what became of it."""
    for level, verb, rows in (
        (messages.SUCCESS, "changed", report.changed),
        (messages.WARNING, "skipped", report.skipped),
        (messages.ERROR, "failed", report.failed),
    ):
        if rows:
            count = f"{len(rows)} {'ticket' if len(rows) == 1 else 'tickets'} {verb}."
            listed = format_html_join("", "<li>{}: {}</li>", rows)
            messages.add_message(request, level, format_html("{}<ul>{}</ul>", count, listed))


def make_action(name: str, bulk: Bulk) -> Any:
    """Return the admin action: first it asks on a page of its own, then, confirmed by POST, it acts."""

    @admin.action(description=bulk.label, permissions=["work"])
    def act(model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        is_confirmed = "confirmed" in request.POST
        form = BulkForm(request.POST if is_confirmed else None, options=bulk.options(request), label=bulk.question)
        if is_confirmed and form.is_valid():
            user: User = request.user  # type: ignore[assignment]
            change = bulk.change or _setting(bulk.member)
            tell(request, change_many(queryset, change, bulk.row(form.cleaned_data["value"]), user))
            return None
        context = {
            **model_admin.admin_site.each_context(request),
            "title": bulk.question,
            "action": name,
            "bulk": bulk,
            "form": form,
            "tickets": list(queryset),
        }
        return TemplateResponse(request, "console/bulk.html", context, status=422 if is_confirmed else 200)

    act.__name__ = name
    return act


ACTIONS = [make_action(name, bulk) for name, bulk in BULK.items()]
