"""A ticket is solved, a day goes by, its requester is asked by mail and rates on the page, and whoever should hears."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
import time_machine
from django.core import mail
from django.test import Client

from common.tests.api import client_of
from integrations.models import Delivery
from integrations.services import deliver_due
from integrations.slack.digest import bounds, metrics_of
from integrations.webhooks.services import create_webhook
from tickets import services
from tickets.tasks import ask_due_surveys
from tickets.tests.console import panel_url

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 2, 9, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


def mails() -> list[mail.EmailMultiAlternatives]:
    mail.outbox.clear()
    deliver_due()
    return list(mail.outbox)


def test_from_solved_to_rated(clock, ticket, rita, agnes, sofia, ada, client):
    webhook, _ = create_webhook(by=ada, name="B", url="https://b.example/h", event_types=["csat.submitted"])
    services.change_ticket(ticket, by=agnes, assignee=agnes)
    services.solve_ticket(ticket, by=agnes)
    mails()

    clock.move_to(MONDAY + DAY - dt.timedelta(minutes=1))
    assert (ask_due_surveys(), mails()) == (0, [])
    clock.move_to(MONDAY + DAY)
    assert ask_due_surveys() == 1
    (asked,) = mails()
    assert asked.to == [rita.email]
    links = re.findall(r"http://localhost:8000(/survey/\S+\?rating=\d)", asked.body)
    assert [link[-1] for link in links] == ["1", "2", "3", "4", "5"]

    clock.move_to(MONDAY + 2 * DAY)
    browser = Client(enforce_csrf_checks=True, headers={"Origin": "null"})
    page = browser.get(links[1]).content.decode()
    action = re.search(r'<form method="post" action="(/survey/[^"]+)"', page)[1]
    chosen = re.search(r'name="rating" value="(\d)"[^>]* checked', page)[1]
    done = browser.post(action, {"rating": chosen, "feedback": "Two days until an answer."})
    assert "Thank you" in browser.get(done["Location"]).content.decode()
    assert browser.post(action, {"rating": "5"}).status_code == 409

    (told,) = Delivery.objects.filter(kind="webhook", template="csat.submitted")
    assert told.destination == webhook.destination
    assert json.loads(told.payload["body"])["data"] == {
        "ticket_id": ticket.reference,
        "rating": 2,
        "feedback": "Two days until an answer.",
        "submitted_at": "2026-02-11T09:00:00Z",
        "url": f"http://localhost:8000/tickets/{ticket.reference}",
    }
    notices = Delivery.objects.filter(kind="email", template="low_rating")
    assert sorted(notices.values_list("destination", flat=True)) == [agnes.email, sofia.email]
    client.force_login(agnes)
    assert "Two days until an answer." in client.get(panel_url(ticket, "satisfaction")).content.decode()
    figures = client_of(agnes).get("/api/v1/csat/metrics").json()
    assert (figures["total_responses"], figures["average_rating"], figures["response_rate"]) == (1, 2.0, 100.0)
    since, until = bounds("daily", (MONDAY + 3 * DAY).date())
    assert metrics_of("daily", since, until).satisfaction == 2.0
    assert metrics_of("daily", since - DAY, since).satisfaction is None
