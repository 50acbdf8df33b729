"""What reaches a receiver, and what becomes of a delivery whatever the receiver does."""

import datetime as dt
from time import sleep

import pytest
import time_machine
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from common.time import now
from integrations import services as outbox
from integrations.models import Circuit, Delivery
from integrations.webhooks import sending, services
from integrations.webhooks.models import WebhookSubscription
from integrations.webhooks.tests.receiver import ALL, queued, sent
from tests.vendors.server import Reply
from tickets import services as tickets


def only(webhook):
    (delivery,) = queued(webhook)
    return delivery


def after(row):
    row.refresh_from_db()
    return row


def test_a_delivery_is_signed_and_the_receivers_own_library_believes_it(webhook, secret, receiver, ticket):
    (request,) = sent(receiver)
    assert (request.method, request.path) == ("POST", "/hooks")
    assert request.headers["content-type"] == "application/json"
    told = Webhook(secret).verify(request.body, request.headers)
    assert told["data"]["ticket_id"] == ticket.reference
    assert only(webhook).state == Delivery.State.DELIVERED
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(request.body + b" ", request.headers)


def test_id_and_body_are_the_same_on_every_try_and_when_sent_again(webhook, secret, receiver, ticket, ada):
    receiver.scripted = [Reply(500)]
    (first,) = sent(receiver)
    tickets.change_ticket(ticket, by=ada, subject="Changed meanwhile")
    Delivery.objects.filter(pk=queued(webhook)[1].pk).delete()
    with time_machine.travel(now() + dt.timedelta(minutes=10)):
        (second,) = sent(receiver)
        outbox.redeliver(only(webhook), by=ada)
        (third,) = sent(receiver)
        assert Webhook(secret).verify(third.body, third.headers)
    assert first.body == second.body == third.body
    assert len({one.headers["webhook-id"] for one in (first, second, third)}) == 1
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]


def test_two_secrets_sign_while_one_takes_the_place_of_the_other(webhook, secret, receiver, ticket, ada):
    _row, new = services.rotate_secret(webhook, by=ada, overlap_hours=24)
    (request,) = sent(receiver)
    for one in (secret, new):
        assert Webhook(one).verify(request.body, request.headers)
    with time_machine.travel(now() + dt.timedelta(hours=25)):
        outbox.redeliver(only(webhook), by=ada)
        (request,) = sent(receiver)
        assert Webhook(new).verify(request.body, request.headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(request.body, request.headers)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_taken(webhook, receiver, ticket, status):
    receiver.scripted = [Reply(status)]
    sent(receiver)
    assert only(webhook).state == Delivery.State.DELIVERED
    assert only(webhook).attempts.get().answer.startswith(str(status))
    assert after(webhook).last_success_at is not None


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(500, b"<html>oops</html>"), "500 Internal Server Error: <html>oops</html>"),
        (Reply(503), "503 Service Unavailable"),
        (Reply(400, b"no"), "400 Bad Request: no"),
        (Reply(404), "404 Not Found"),
        (Reply(206, b"part"), "206 Partial Content"),
        (Reply(299), "299"),
        (Reply(302, headers={"Location": "http://127.0.0.1:1/"}), "302: the address redirects"),
        (Reply(307, headers={"Location": "/hooks"}), "307: the address redirects"),
        (Reply(is_reset=True), "broke off before it answered"),
        (Reply(500, b"\xff\x00\xfe"), "500 Internal Server Error"),
        (Reply(500, b"key whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw of rita@aarlund.example"), "[hidden] of [address rem"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_not_taken_is_tried_again_with_the_reason_told(webhook, receiver, ticket, reply, words):
    receiver.scripted = [reply]
    assert len(sent(receiver)) == 1, "a redirect is not followed"
    delivery = only(webhook)
    assert (delivery.state, delivery.failed_tries) == (Delivery.State.PENDING, 1)
    assert words in delivery.last_error
    assert "aarlund.example" not in delivery.attempts.get().answer
    assert after(webhook).failing_since is not None
    with time_machine.travel(now() + dt.timedelta(minutes=10)):
        sent(receiver)
    assert only(webhook).state == Delivery.State.DELIVERED
    assert after(webhook).failing_since is None


def test_slow_bytes_end_at_the_deadline_and_a_status_decides(webhook, receiver, ticket, monkeypatch):
    monkeypatch.setattr(sending, "SECONDS_MOST", 0.5)
    receiver.scripted = [Reply(200, b"x" * 50, drip_seconds=0.1)]
    started = dt.datetime.now(dt.UTC)
    sent(receiver)
    assert (dt.datetime.now(dt.UTC) - started).total_seconds() < 4
    assert only(webhook).state == Delivery.State.DELIVERED


def test_a_receiver_that_never_answers_is_given_up_for_now(webhook, receiver, ticket, monkeypatch):
    monkeypatch.setattr(sending, "SECONDS_MOST", 0.3)
    monkeypatch.setattr(receiver, "answer", lambda request: sleep(1) or Reply())
    sent(receiver)
    assert only(webhook).state == Delivery.State.PENDING
    assert "did not answer" in only(webhook).last_error


def test_a_hundred_megabytes_are_not_read(webhook, receiver, ticket):
    receiver.scripted = [Reply(200, b"y" * 100_000_000)]
    sent(receiver)
    assert only(webhook).state == Delivery.State.DELIVERED
    assert len(only(webhook).attempts.get().answer) < 600


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [(429, "120", 120), (503, "120", 120), (429, "", 30), (429, "soon", 30), (500, "120", None), (503, "", None)],
)
def test_a_busy_receiver_says_how_long_to_wait(webhook, receiver, ticket, status, header, seconds):
    receiver.scripted = [Reply(status, headers={"Retry-After": header} if header else {})]
    at = now()
    sent(receiver)
    paused = Circuit.objects.get(pk=webhook.destination).paused_until
    if seconds is None:
        assert paused is None
    else:
        assert seconds - 2 <= (paused - at).total_seconds() <= seconds + 5


def test_a_date_may_say_how_long_to_wait(webhook, receiver, ticket):
    until = now() + dt.timedelta(seconds=90)
    receiver.scripted = [Reply(429, headers={"Retry-After": until.strftime("%a, %d %b %Y %H:%M:%S GMT")})]
    sent(receiver)
    assert abs((Circuit.objects.get(pk=webhook.destination).paused_until - until).total_seconds()) < 5


def test_gone_for_good_switches_the_webhook_off_at_once_and_tells_its_owner(webhook, receiver, ticket, ada, mailoutbox):
    receiver.scripted = [Reply(410)]
    sent(receiver)
    assert only(webhook).state == Delivery.State.DEAD
    assert not after(webhook).is_active
    assert "410" in webhook.disabled_reason
    outbox.deliver_due()
    (mail,) = [one for one in mailoutbox if one.to == [ada.email]]
    assert "Webhook switched off: Bridge" in mail.subject
    assert "410" in mail.body
    assert f"/integrations/webhooks/{webhook.pk}/" in mail.body


def test_five_days_of_nothing_but_failure_switch_it_off(webhook, receiver, ticket, ada):
    receiver.answer = lambda request: Reply(500)
    sent(receiver)
    assert after(webhook).is_active
    WebhookSubscription.objects.update(failing_since=now() - dt.timedelta(days=4, hours=23))
    with time_machine.travel(now() + dt.timedelta(minutes=30)):
        sent(receiver)
        assert after(webhook).is_active
    with time_machine.travel(now() + dt.timedelta(hours=3)):
        sent(receiver)
    assert not after(webhook).is_active
    assert "5 days" in webhook.disabled_reason
    assert Delivery.objects.filter(template="webhook_disabled", destination=ada.email).count() == 1
    with time_machine.travel(now() + dt.timedelta(hours=30)):
        assert sent(receiver) == []
    assert only(webhook).state == Delivery.State.SKIPPED


def test_nothing_goes_to_a_webhook_that_is_off_or_gone(webhook, receiver, ticket, rita, ada):
    services.change_webhook(webhook, by=ada, is_active=False)
    assert sent(receiver) == []
    assert only(webhook).state == Delivery.State.SKIPPED
    services.change_webhook(webhook, by=ada, is_active=True)
    outbox.redeliver(only(webhook), by=ada)
    services.delete_webhook(webhook, by=ada)
    assert sent(receiver) == []
    gone = Delivery.objects.get(kind="webhook")
    assert (gone.state, gone.attempts.last().answer) == (Delivery.State.SKIPPED, "The webhook was deleted.")


def test_a_private_address_is_never_asked(webhook, receiver, ticket, settings):
    settings.PORTAL_PRIVATE_ADDRESSES_ALLOWED = False
    assert sent(receiver) == []
    assert "not a public address" in only(webhook).last_error


def test_a_dead_receiver_delays_no_other(webhook, receiver, ticket, ada, rita):
    other, _ = services.create_webhook(by=ada, name="Other", url=f"{receiver.url}/other", event_types=ALL)
    WebhookSubscription.objects.filter(pk=webhook.pk).update(url="http://127.0.0.1:1/")
    tickets.solve_ticket(ticket, by=ada)
    assert [request.path for request in sent(receiver)] == ["/other"]
    assert {one.state for one in queued(other)} == {Delivery.State.DELIVERED}


def test_later_events_of_a_ticket_wait_for_the_earlier_ones(webhook, receiver, ticket, ada):
    tickets.solve_ticket(ticket, by=ada)
    receiver.scripted = [Reply(500)]
    assert [request.json["type"] for request in sent(receiver)] == ["ticket.created"]
    with time_machine.travel(now() + dt.timedelta(minutes=10)):
        assert [request.json["type"] for request in sent(receiver)] == ["ticket.created", "ticket.solved"]


def test_what_was_sealed_with_a_lost_key_says_so(webhook, receiver, ticket, settings):
    settings.SECRET_KEY = "another"
    assert sent(receiver) == []
    assert "SECRET_KEY" in only(webhook).last_error
