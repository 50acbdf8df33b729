"""Setting up webhooks: what is refused, what is recorded, and what is shown once."""

import datetime as dt

import pytest
import time_machine

from common.errors import Conflict, Invalid, NotAllowed
from common.journal import Event
from common.time import now
from integrations.models import Delivery
from integrations.webhooks import services
from integrations.webhooks.models import WebhookSubscription
from integrations.webhooks.signing import opened
from integrations.webhooks.tests.receiver import PUBLIC_URL, names, queued, sent

FACTS = {"name": "Bridge", "url": PUBLIC_URL, "event_types": ["ticket.created"]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://bridge.example/hooks"),
        ("url", "https://127.0.0.1/hooks"),
        ("url", "https://10.0.0.1/hooks"),
        ("url", "https://[::1]/hooks"),
        ("url", "https://user:pass@bridge.example/"),
        ("url", "https://bridge.example/#x"),
        ("url", "https://bridge.example:0/"),
        ("url", "https://bridge.example:99999/"),
        ("url", "ftp://bridge.example/"),
        ("url", "bridge"),
        ("url", f"https://bridge.example/{'x' * 500}"),
        ("name", " "),
        ("name", "x" * 81),
        ("event_types", []),
        ("event_types", ["ticket.exploded"]),
        ("event_types", ["ping"]),
        ("filters", {"priorities": ["HIGH"]}),
        ("filters", {"organizations": [10**12]}),
        ("filters", {"product_areas": ["NOWHERE"]}),
    ],
)
def test_refused(ada, field, value):
    with pytest.raises(Invalid) as refused:
        services.create_webhook(by=ada, **{**FACTS, field: value})
    assert refused.value.field == field
    assert not WebhookSubscription.objects.exists()


def test_plain_http_and_private_addresses_where_they_are_allowed(ada, settings):
    settings.PORTAL_PRIVATE_ADDRESSES_ALLOWED = True
    row, _ = services.create_webhook(by=ada, **{**FACTS, "url": "http://127.0.0.1:8000/x"})
    assert row.url == "http://127.0.0.1:8000/x"


@pytest.mark.parametrize("who", ["rita", "agnes", "sofia"])
def test_only_administrators_set_up(request, who, ada):
    person = request.getfixturevalue(who)
    row, _ = services.create_webhook(by=ada, **FACTS)
    deeds = [
        lambda: services.create_webhook(by=person, **FACTS),
        lambda: services.change_webhook(row, by=person, name="x"),
        lambda: services.delete_webhook(row, by=person),
        lambda: services.rotate_secret(row, by=person),
        lambda: services.send_test(row, by=person),
    ]
    for deed in deeds:
        with pytest.raises(NotAllowed):
            deed()


def test_the_secret_is_told_once_and_kept_sealed(ada):
    row, secret = services.create_webhook(by=ada, **FACTS)
    assert secret.startswith("whsec_")
    assert secret not in str(list(WebhookSubscription.objects.values()))
    assert secret not in str(list(Event.objects.values()))
    assert opened(row.secret) == secret


def test_a_change_is_recorded_and_one_that_changes_nothing_is_not(ada):
    row, _ = services.create_webhook(by=ada, **FACTS)
    services.change_webhook(row, by=ada, name="Chat")
    services.change_webhook(row, by=ada, name="Chat")
    (event,) = Event.objects.filter(kind="webhook.changed")
    assert event.data == {"changes": {"name": {"from": "Bridge", "to": "Chat"}}}
    with pytest.raises(ValueError, match="owner"):
        services.change_webhook(row, by=ada, owner=None)


def test_switching_on_begins_anew(ada):
    row, _ = services.create_webhook(by=ada, **FACTS)
    WebhookSubscription.objects.update(failing_since=now() - dt.timedelta(days=9))
    services.disable_webhook(row, reason="Nothing was taken.")
    services.disable_webhook(row, reason="Twice is harmless.")
    row.refresh_from_db()
    assert (row.is_active, row.disabled_reason) == (False, "Nothing was taken.")
    assert Event.objects.filter(kind="webhook.disabled").count() == 1
    row = services.change_webhook(row, by=ada, is_active=True)
    assert (row.disabled_reason, row.failing_since) == ("", None)


def test_the_owner_who_left_is_not_mailed(ada):
    row, _ = services.create_webhook(by=ada, **FACTS)
    ada.is_active = False
    ada.save(update_fields=["is_active"])
    services.disable_webhook(row, reason="Gone.")
    assert not Delivery.objects.filter(template="webhook_disabled").exists()


def test_a_test_event(webhook, receiver, ada):
    services.send_test(webhook, by=ada)
    (request,) = sent(receiver)
    assert request.json["type"] == "ping"
    assert request.json["data"]["webhook_id"] == webhook.pk
    services.change_webhook(webhook, by=ada, is_active=False)
    with pytest.raises(Conflict):
        services.send_test(webhook, by=ada)


@pytest.mark.parametrize("hours", [-1, 169])
def test_secrets_overlap_for_a_week_at_most(webhook, ada, hours):
    with pytest.raises(Invalid):
        services.rotate_secret(webhook, by=ada, overlap_hours=hours)


def test_a_leaked_secret_ends_at_once(webhook, ada):
    row, _ = services.rotate_secret(webhook, by=ada, overlap_hours=0)
    assert not row.has_two_secrets_at(now())
    assert row.previous_secret == ""


def test_a_span_is_sent_again(webhook, receiver, ticket, sofia, agnes):
    sent(receiver)
    since, until = now() - dt.timedelta(minutes=1), now() + dt.timedelta(minutes=1)
    assert services.redeliver_range(webhook, since=since, until=until, by=sofia, state="DEAD") == 0
    assert services.redeliver_range(webhook, since=since, until=until, by=sofia) == 1
    assert len(sent(receiver)) == 1
    assert names(webhook) == ["ticket.created"]
    assert services.redeliver_range(webhook, since=until, until=until + dt.timedelta(days=1), by=sofia) == 0
    with pytest.raises(Invalid):
        services.redeliver_range(webhook, since=until, until=since, by=sofia)
    with pytest.raises(NotAllowed):
        services.redeliver_range(webhook, since=since, until=until, by=agnes)
    services.disable_webhook(webhook, reason="Off.")
    webhook.refresh_from_db()
    with pytest.raises(Conflict):
        services.redeliver_range(webhook, since=since, until=until, by=sofia)


def test_successes_are_not_written_for_each_delivery_of_a_burst(webhook, django_assert_num_queries):
    at = now()
    services.note_success(webhook, at=at)
    webhook.refresh_from_db()
    with django_assert_num_queries(0):
        services.note_success(webhook, at=at + dt.timedelta(seconds=10))
    with time_machine.travel(at + dt.timedelta(seconds=40)), django_assert_num_queries(1):
        services.note_success(webhook, at=now())


def test_a_failure_is_counted_from_the_first_one_on(webhook):
    at = now()
    services.note_failure(webhook, at=at)
    services.note_failure(webhook, at=at + dt.timedelta(days=1))
    webhook.refresh_from_db()
    assert webhook.failing_since == at
    assert queued(webhook) == []
