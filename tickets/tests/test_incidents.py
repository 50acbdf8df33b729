"""A problem with its incidents, and one update to all of them."""

from __future__ import annotations

import pytest

from tickets.models import Message, Ticket
from tickets.services import link_tickets, solve_ticket
from tickets.tests.console import do, only_looks, open_many, told, url
from tickets.vocabulary import LinkKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def incidents(ticket, rita, agnes):
    several = open_many(rita, 3)
    for one in several:
        link_tickets(one, kind=LinkKind.CAUSED_BY, other=ticket, by=agnes)
    solve_ticket(several[2], by=agnes)
    return several


def page(ticket):
    return url(ticket).replace("change", "incidents")


def test_one_update_reaches_every_open_incident(client, agnes, ticket, incidents):
    client.force_login(agnes)
    shown = client.get(url(ticket)).content.decode()
    assert "The problem behind" in shown
    assert "Update its 2 open incidents" in shown
    asked = client.get(page(ticket)).content.decode()
    assert [one.reference in asked for one in incidents] == [True, True, False]
    done = client.post(page(ticket), {"body": "A mend is on its way.", "status": "PENDING", "confirmed": "yes"})
    assert (done.url, told(done).startswith("2 tickets answered.")) == (url(ticket), True)
    said = Message.objects.filter(kind="PUBLIC_REPLY", body="A mend is on its way.")
    assert sorted(said.values_list("ticket", flat=True)) == [one.pk for one in incidents[:2]]
    assert set(Ticket.objects.incidents_of(ticket).values_list("status", flat=True)) == {"PENDING"}
    note = ticket.messages.get(kind="INTERNAL_NOTE")
    assert all(one.reference in note.body for one in incidents[:2])


def test_an_empty_update_is_refused_and_nobody_told(client, agnes, ticket, incidents):
    client.force_login(agnes)
    refused = client.post(page(ticket), {"body": " ", "confirmed": "yes"})
    assert (refused.status_code, "Write a message first." in refused.content.decode()) == (422, True)
    assert not Message.objects.filter(kind="PUBLIC_REPLY").exists()


def test_solving_the_problem_leads_to_its_incidents(client, agnes, ticket, incidents):
    client.force_login(agnes)
    assert page(ticket) in told(do(client, ticket, "solve"))
    for one in incidents[:2]:
        solve_ticket(one, by=agnes)
    gone = client.get(page(ticket))
    assert (gone.url, "no open incident" in told(gone)) == (url(ticket), True)


def test_it_is_the_teams_to_tell(client, agnes, rita, ticket, incidents):
    client.force_login(rita)
    assert client.get(page(ticket)).status_code == 403
    only_looks(agnes)
    client.force_login(agnes)
    assert client.get(page(ticket)).status_code == 403
