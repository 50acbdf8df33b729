"""Macros that are taken back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import Team
from common import journal
from common.errors import Conflict
from common.time import now
from tickets.models import Ticket
from tickets.services import apply_macro, change_ticket, create_macro, undo_macro
from tickets.tests.console import do, told
from tickets.tests.rules import act

pytestmark = pytest.mark.django_db
MEMBERS = ("status", "priority", "assignee_id", "team_id", "environment")


def state(ticket):
    row = Ticket.objects.values(*MEMBERS).get(pk=ticket.pk)
    return row | {"tags": sorted(Ticket.objects.get(pk=ticket.pk).tags.values_list("name", flat=True))}


@pytest.fixture
def macro(sofia, bruno):
    team = Team.objects.create(name="Gamma")
    steps = [
        *(act("set_priority", "P1_CRITICAL"), act("set_assignee", "current_user"), act("set_team", team.pk)),
        *(act("add_tags", ["hot"]), act("set_status", "PENDING")),
    ]
    return create_macro(by=sofia, name="Everything at once", actions=steps, reply="We look at it.")


@pytest.fixture
def applied(macro, ticket, agnes):
    """Return the event of the macro, applied to a ticket that was open, and the ticket's state before."""
    change_ticket(ticket, by=agnes, status="OPEN", tags=["old"])
    before = state(ticket)
    apply_macro(macro, Ticket.objects.get(pk=ticket.pk), by=agnes)
    event = journal.timeline(ticket).get(kind="automation.macro_applied")
    assert state(ticket) != before
    return event, before


def test_it_is_as_it_was_and_what_was_said_stays(ticket, agnes, applied):
    event, before = applied
    undone = undo_macro(ticket, event.pk, by=agnes)
    assert state(ticket) == before
    assert sorted(undone.restored) == ["assignee", "priority", "status", "tags", "team"]
    assert undone.kept == [("message", "it has been sent")]
    assert ticket.messages.filter(body="We look at it.").exists()


def test_what_somebody_changed_since_stays(ticket, agnes, sofia, applied):
    event, before = applied
    change_ticket(ticket, by=sofia, priority="P2_HIGH")
    undone = undo_macro(ticket, event.pk, by=agnes)
    assert ("priority", "it was changed since") in undone.kept
    assert state(ticket) == before | {"priority": "P2_HIGH"}


def test_it_is_taken_back_once_by_who_applied_it_and_in_time(ticket, agnes, sofia, applied):
    event, _ = applied
    for by, at in ((sofia, None), (agnes, now() + dt.timedelta(minutes=11))):
        with pytest.raises(Conflict):
            undo_macro(ticket, event.pk, by=by, at=at)
    undo_macro(ticket, event.pk, by=agnes)
    again = undo_macro(ticket, event.pk, by=agnes)
    assert not again.restored


def test_the_page_leads_to_it(client, agnes, ticket, macro):
    client.force_login(agnes)
    page = reverse("admin:tickets_macro_use", args=[ticket.reference])
    done = client.post(f"{page}?macro={macro.pk}", {"version": ticket.version, "reply": ""})
    event = journal.timeline(ticket).get(kind="automation.macro_applied")
    link = f"/admin/tickets/ticket/{ticket.pk}/change/?undo={event.pk}"
    assert link in told(done)
    assert "Take it back" in client.get(link).content.decode()
    assert "Taken back:" in told(do(client, ticket, "undo_macro", row=event.pk))
    assert do(client, ticket, "undo_macro", row=1).status_code == 409
