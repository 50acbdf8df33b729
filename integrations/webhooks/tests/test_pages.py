"""Webhooks in the console."""

import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from integrations.models import Delivery
from integrations.webhooks import services
from integrations.webhooks.models import WebhookSubscription
from integrations.webhooks.signing import opened
from integrations.webhooks.tests.receiver import PUBLIC_URL, queued, sent
from tests.vendors.server import Reply

LIST = reverse("admin:integrations_webhooks")
ADD = reverse("admin:integrations_webhook_add")
FORM = {"name": "Bridge", "url": PUBLIC_URL, "event_types": ["ticket.created"]}


def page_of(webhook):
    return reverse("admin:integrations_webhook", args=[webhook.pk])


def text(response):
    return response.content.decode()


def told(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.fixture
def console(client, ada):
    client.force_login(ada)
    return client


def test_an_empty_list_says_what_a_webhook_is(console):
    assert "Nobody outside is told anything" in text(console.get(LIST))


def test_adding_one_shows_its_secret_once(console, aarlund):
    assert "Add the webhook" in text(console.get(ADD))
    answer = console.post(ADD, {**FORM, "organizations": [aarlund.pk], "priorities": ["P1_CRITICAL"], "tags": "VIP\n"})
    row = WebhookSubscription.objects.get()
    assert answer.url == page_of(row)
    assert row.filters == {"organizations": [aarlund.pk], "priorities": ["P1_CRITICAL"], "tags": ["vip"]}
    shown = console.get(answer.url)
    assert opened(row.secret) in text(shown)
    assert "no-store" in shown["Cache-Control"]
    for words in ("City of Aarlund", "Critical", "vip"):
        assert words in text(shown)
    assert opened(row.secret) not in text(console.get(answer.url))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "http://bridge.example"}, "beginning with https://"),
        ({"url": ""}, "This field is required"),
        ({"event_types": []}, "Choose at least one event"),
        ({"name": " "}, "This field is required"),
    ],
)
def test_what_is_refused_is_said_at_its_field(console, change, words):
    answer = console.post(ADD, {**FORM, **change})
    assert answer.status_code == 422
    assert words in text(answer)
    assert not WebhookSubscription.objects.exists()


def test_changing_one(console, ada):
    row, _ = services.create_webhook(by=ada, **FORM, filters={"tags": ["vip"]})
    url = reverse("admin:integrations_webhook_edit", args=[row.pk])
    assert "vip" in text(console.get(url))
    assert console.post(url, {**FORM, "name": "Chat"}).url == page_of(row)
    row.refresh_from_db()
    assert (row.name, row.filters) == ("Chat", {})
    assert console.post(url, {**FORM, "url": "x"}).status_code == 422


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"is_active": False, "disabled_reason": "Nothing was taken."}, "Nothing was taken."),
        ({"failing_since": "2026-02-09T00:00Z"}, "Failing"),
        ({"last_success_at": "2026-02-09T00:00Z"}, "Working"),
        ({}, "Nothing sent yet"),
    ],
)
def test_health(console, webhook, state, words):
    WebhookSubscription.objects.update(**state)
    for url in (LIST, page_of(webhook)):
        assert words in text(console.get(url))


def test_the_log_shows_every_try_and_can_be_narrowed(console, webhook, receiver, ticket):
    receiver.scripted = [Reply(500, b"<script>alert(1)</script>")]
    sent(receiver)
    page = text(console.get(page_of(webhook)))
    for words in ("ticket.created", "500 Internal Server Error", "Waiting", "ODG-", "evt_"):
        assert words in page
    assert "<script>alert" not in page
    assert "None are in that state" in text(console.get(page_of(webhook), {"state": "DEAD"}))


def test_long_logs_have_pages(console, webhook, ada, monkeypatch):
    monkeypatch.setattr("integrations.webhooks.pages.LOG_ROWS", 2)
    for _ in range(3):
        services.send_test(webhook, by=ada)
    assert "1 to 2" in text(console.get(page_of(webhook)))
    assert "3 to 3" in text(console.get(page_of(webhook), {"page": "2"}))


def test_deeds(console, webhook, receiver, ticket):
    url = page_of(webhook)
    assert "on its way" in told(console.post(url, {"deed": "test"}))
    assert len(sent(receiver)) == 2
    chosen = [row.pk for row in queued(webhook)]
    assert "2 deliveries are" in told(console.post(url, {"deed": "redeliver", "delivery": [*chosen, "x"]}))
    assert "waiting to be sent already" in told(console.post(url, {"deed": "redeliver", "delivery": chosen[:1]}))
    assert "Choose what" in told(console.post(url, {"deed": "redeliver"}))
    sent(receiver)
    span = {"deed": "range", "since": "2020-01-01T00:00", "until": "2100-01-01T00:00", "state": ""}
    assert "2 deliveries are" in told(console.post(url, span))
    assert "nothing to send again" in told(console.post(url, span))
    wrong = console.post(url, {**span, "since": "2101-01-01T00:00"})
    assert (wrong.status_code, "must be after" in text(wrong)) == (422, True)
    assert console.post(url, {**span, "since": "x"}).status_code == 422
    assert "Switched off" in told(console.post(url, {"deed": "switch", "on": "0"}))
    assert "is switched off" in told(console.post(url, {"deed": "test"}))
    assert "Switched on" in told(console.post(url, {"deed": "switch", "on": "1"}))
    assert console.post(url, {"deed": "nonsense"}).status_code == 404
    assert "is deleted" in told(console.post(url, {"deed": "delete"}))
    assert console.get(url).status_code == 404
    assert Delivery.objects.filter(destination=webhook.destination).exists()


def test_a_new_secret_is_shown_once(console, webhook, secret):
    url = page_of(webhook)
    assert console.post(url, {"deed": "rotate", "overlap_hours": "5"}).status_code == 422
    console.post(url, {"deed": "rotate", "overlap_hours": "24"})
    (shown,) = set(re.findall(r"whsec_[\w+/=]+", text(console.get(url))))
    assert shown != secret
    assert "Two secrets sign until" in text(console.get(url))
    assert "whsec_" not in text(console.get(url))


def test_a_supervisor_reads_and_sends_again_and_does_nothing_else(client, sofia, webhook, receiver, ticket):
    sent(receiver)
    client.force_login(sofia)
    page = text(client.get(page_of(webhook)))
    assert "Send the chosen again" in page
    assert "Make a new one" not in page
    assert "Delete" not in page
    (delivery,) = queued(webhook)
    client.post(page_of(webhook), {"deed": "redeliver", "delivery": [delivery.pk]})
    assert len(sent(receiver)) == 1
    for deed in ("test", "switch", "rotate", "delete"):
        answer = client.post(page_of(webhook), {"deed": deed, "overlap_hours": "24"})
        assert "Only an administrator" in told(answer)
    assert client.get(ADD).status_code == 403
    assert client.get(reverse("admin:integrations_webhook_edit", args=[webhook.pk])).status_code == 403


@pytest.mark.parametrize("who", ["agnes", "rita"])
def test_others_see_nothing(client, request, who, webhook):
    client.force_login(request.getfixturevalue(who))
    for url in (LIST, page_of(webhook), ADD):
        assert client.get(url).status_code in (302, 403)
