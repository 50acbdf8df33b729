"""The journal in the console."""

from __future__ import annotations

import pytest
from django.urls import reverse

from common import console
from common.models import Event
from tickets import services

pytestmark = pytest.mark.django_db
LIST = reverse("admin:common_event_changelist")


def test_journal_is_read_and_filtered(client, agnes, ticket):
    services.change_ticket(ticket, by=agnes, priority="P2_HIGH")
    client.force_login(agnes)
    words = client.get(LIST, {"kind": "ticket.priority_changed", "subject": "tickets.ticket"}).content.decode()
    assert "changed the priority" in words
    assert "Agnes Moreau" in words
    assert "opened the ticket" not in words
    assert "changed the priority" in client.get(LIST, {"q": str(ticket.pk)}).content.decode()
    assert "opened the ticket" not in client.get(LIST, {"q": "Agnes"}).content.decode()
    event = Event.objects.get(kind="ticket.priority_changed")
    page = client.get(reverse("admin:common_event_change", args=[event.pk])).content.decode()
    assert "P2_HIGH" in page
    assert event.digest in page


def test_nobody_writes_the_journal(client, ada, rita, ticket):
    event = Event.objects.first()
    change = reverse("admin:common_event_change", args=[event.pk])
    assert client.get(LIST).url.startswith(reverse("account_login"))
    client.force_login(rita)
    assert client.get(LIST).status_code == 403
    client.force_login(ada)
    assert client.post(change, {"kind": "x"}).status_code == 403
    assert client.get(reverse("admin:common_event_add")).status_code == 403
    assert client.post(reverse("admin:common_event_delete", args=[event.pk]), {"post": "yes"}).status_code == 403


def test_a_large_table_is_counted_no_further_than_needed(rita, ticket, monkeypatch):
    monkeypatch.setattr(console, "COUNTED_MOST", 2)
    assert Event.objects.count() > 2
    assert console.BoundedPaginator(Event.objects.order_by("id"), 1).count == 2
