"""The outbox in the console."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from integrations.models import Attempt, Delivery
from integrations.services import queue_delivery
from tickets import services

pytestmark = pytest.mark.django_db
LIST = reverse("admin:integrations_delivery_changelist")


@pytest.fixture
def dead(rita) -> Delivery:
    delivery = queue_delivery(
        kind="email", template="new_message", destination=rita.email, recipient=rita, payload={"subject": "Hello"}
    )
    Delivery.objects.filter(pk=delivery.pk).update(state="DEAD", failed_tries=8, last_error="550 mailbox unavailable")
    Attempt.objects.create(delivery=delivery, milliseconds=12, is_success=False, answer="550 mailbox unavailable")
    return Delivery.objects.get(pk=delivery.pk)


def change(delivery) -> str:
    return reverse("admin:integrations_delivery_change", args=[delivery.pk])


def again(delivery) -> str:
    return reverse("admin:integrations_delivery_redeliver", args=[delivery.pk])


def told(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_delivery_shows_what_became_of_it(client, agnes, dead):
    client.force_login(agnes)
    listed = client.get(LIST, {"state__exact": "DEAD", "kind": "email"}).content.decode()
    assert "Given up" in listed
    assert "550 mailbox unavailable" in listed
    page = client.get(change(dead)).content.decode()
    for words in ("12 ms", "Failed", "rita@aarlund.example", "Hello"):
        assert words in page
    assert dead.destination not in client.get(LIST, {"state__exact": "PENDING"}).content.decode()


def test_secrets_are_nobodys_to_read(client, ada, rita):
    secret = queue_delivery(
        kind="email", template="sign_in_code", destination=rita.email, payload={"code": "K7QX2P"}, is_secret=True
    )
    client.force_login(ada)
    page = client.get(change(secret)).content.decode()
    assert "Secret, not shown." in page
    assert "K7QX2P" not in page


def test_supervisor_sends_again_after_being_asked(client, sofia, dead):
    client.force_login(sofia)
    question = client.get(again(dead))
    assert "Send this again?" in question.content.decode()
    dead.refresh_from_db()
    assert dead.state == "DEAD", "reading the question sends nothing"
    response = client.post(again(dead), {"_form_submitted": "True"})
    assert response.url == change(dead)
    dead.refresh_from_db()
    assert (dead.state, dead.failed_tries) == ("PENDING", 0)
    twice = client.post(again(dead), {"_form_submitted": "True"}, headers={"HX-Request": "true"})
    assert twice["HX-Redirect"] == change(dead)
    assert "waiting to be sent already" in told(twice)


def test_deliveries_of_a_time_are_found_and_sent_again(client, sofia, dead):
    client.force_login(sofia)
    day = {"created_at_from_0": "2020-01-01", "created_at_from_1": "00:00:00"}
    before = {"created_at_to_0": "2020-02-01", "created_at_to_1": "00:00:00"}
    assert "550 mailbox" in client.get(LIST, day).content.decode()
    assert "550 mailbox" not in client.get(LIST, day | before).content.decode()
    query = "&".join(f"{name}={value}" for name, value in {**day, "state__exact": "DEAD"}.items())
    data = {"action": "redeliver_selected", "index": 0, "select_across": 1, "_selected_action": [dead.pk]}
    client.post(f"{LIST}?{query}", data)
    dead.refresh_from_db()
    assert dead.state == "PENDING"


def test_supervisor_sends_many_again(client, sofia, dead, rita):
    waiting = queue_delivery(kind="email", template="new_message", destination="otto@aarlund.example")
    client.force_login(sofia)
    data = {"action": "redeliver_selected", "index": 0, "_selected_action": [dead.pk, waiting.pk]}
    words = told(client.post(LIST, data))
    assert "1 delivery is on the way again." in words
    assert "otto@aarlund.example: It is waiting" in words


def test_sending_again_is_refused_without_the_right(client, agnes, rita, dead):
    bulk = {"action": "redeliver_selected", "index": 0, "_selected_action": [dead.pk]}
    assert client.post(again(dead), {"_form_submitted": "True"}).url.startswith(reverse("account_login"))
    client.force_login(rita)
    assert client.post(again(dead), {"_form_submitted": "True"}).status_code == 403
    assert client.post(LIST, bulk).status_code == 403
    client.force_login(agnes)
    assert client.get(again(dead)).status_code == 403
    assert client.post(again(dead), {"_form_submitted": "True"}).status_code == 403
    client.post(LIST, bulk)
    assert "Send again" not in client.get(change(dead)).content.decode()
    dead.refresh_from_db()
    assert dead.state == "DEAD"


def test_nobody_writes_deliveries_or_attempts(client, ada, dead):
    client.force_login(ada)
    assert client.get(reverse("admin:integrations_delivery_add")).status_code == 403
    assert client.post(change(dead), {"destination": "evil@example.org"}).status_code == 403
    assert (
        client.post(reverse("admin:integrations_delivery_delete", args=[dead.pk]), {"post": "yes"}).status_code == 403
    )


def test_ticket_page_shows_what_was_sent_about_it(client, agnes, ticket):
    services.post_public_reply(ticket, body="Hello Rita.", by=agnes)
    client.force_login(agnes)
    page = client.get(reverse("admin:tickets_ticket_panel", args=[ticket.pk, "deliveries"])).content.decode()
    delivery = Delivery.objects.filter(destination="rita@aarlund.example").first()
    assert change(delivery) in page
    about = client.get(change(delivery)).content.decode()
    assert reverse("admin:tickets_ticket_change", args=[ticket.pk]) in about
