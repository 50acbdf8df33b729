"""Mail by SendGrid, through anymail, against a server that holds every request against SendGrid's description."""

import datetime as dt
import time

import pytest
import time_machine

from common.time import now
from integrations import services as outbox
from integrations.checking import check
from integrations.email import transport
from integrations.email.models import MailEvent
from integrations.models import Circuit, Delivery
from tests.vendors.openapi import FOLDER, MISSING
from tests.vendors.sendgrid import KEY, SendGrid
from tests.vendors.server import Reply
from tickets import services as tickets

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason=MISSING)


@pytest.fixture
def sendgrid(settings):
    with SendGrid() as vendor:
        settings.EMAIL_BACKEND = transport.SENDGRID
        settings.SENDGRID_API_KEY = KEY
        settings.ANYMAIL = {
            "SENDGRID_API_KEY": KEY,
            "SENDGRID_API_URL": f"{vendor.url}/v3/",
            "REQUESTS_TIMEOUT": (1, 1),
        }
        settings.PORTAL_PRIVATE_ADDRESSES_ALLOWED = True
        yield vendor


@pytest.fixture
def delivery(ticket):
    return Delivery.objects.get(kind="email")


def after(row):
    row.refresh_from_db()
    return row


def later(**span):
    return time_machine.travel(now() + dt.timedelta(**span))


def test_a_mail_is_what_sendgrid_describes_and_carries_what_comes_back_with_its_events(sendgrid, delivery, ticket):
    outbox.deliver_due()
    assert after(delivery).state == Delivery.State.DELIVERED
    (mail,) = sendgrid.mails
    (to,) = mail["personalizations"]
    assert [one["email"] for one in to["to"]] == ["rita@aarlund.example"]
    told = {**mail.get("custom_args", {}), **to.get("custom_args", {})}
    assert told["delivery"] == delivery.attempt_id
    assert (told["ticket_id"], told["email_type"]) == (ticket.reference, "ticket_received")
    assert [one["type"] for one in mail["content"]] == ["text/plain", "text/html"]


def test_every_kind_of_mail_is_what_sendgrid_describes(sendgrid, delivery, ticket, agnes, rita):
    tickets.post_public_reply(ticket, body="Which **version**?", by=agnes)
    tickets.solve_ticket(ticket, by=agnes)
    tickets.reopen_ticket(ticket, by=agnes)
    tickets.request_tracking_link(reference=ticket.reference, email=rita.email)
    outbox.deliver_due()
    assert set(Delivery.objects.filter(kind="email").values_list("state", flat=True)) == {"DELIVERED"}
    assert len(sendgrid.mails) == 5


@pytest.mark.parametrize(
    ("reply", "state", "words"),
    [
        (Reply(400, {"errors": [{"message": "bad"}]}), "DEAD", "answered 400"),
        (Reply(413), "DEAD", "answered 413"),
        (Reply(401), "PENDING", "answered 401"),
        (Reply(403), "PENDING", "answered 403"),
        (Reply(500, b"<html>"), "PENDING", "answered 500"),
        (Reply(302, headers={"Location": "/elsewhere"}), "PENDING", "302"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_refusals(sendgrid, delivery, reply, state, words):
    sendgrid.scripted = [reply]
    outbox.deliver_due()
    assert after(delivery).state == state
    if state == "DEAD" or reply.status != 302:
        assert words in delivery.last_error
    assert KEY not in delivery.last_error


def test_too_many_requests_let_everything_wait_until_the_instant_told(sendgrid, delivery):
    sendgrid.scripted = [Reply(429, {"errors": []}, {"X-RateLimit-Reset": str(int(time.time()) + 90)})]
    outbox.deliver_due()
    paused = Circuit.objects.get(pk=delivery.circuit).paused_until
    assert 80 <= (paused - now()).total_seconds() <= 95


def test_a_lost_answer_is_not_repeated_where_word_of_the_mail_comes(sendgrid, delivery):
    sendgrid.scripted = [Reply(is_reset=True, is_taken=True)]
    outbox.deliver_due()
    assert after(delivery).state == Delivery.State.PENDING
    assert len(sendgrid.mails) == 1
    MailEvent.objects.create(
        delivery=delivery,
        attempt_id=delivery.attempt_id,
        address=delivery.destination,
        kind="ACCEPTED",
        external_id="e1",
        occurred_at=now(),
    )
    with later(minutes=1):
        outbox.deliver_due()
    assert after(delivery).state == Delivery.State.DELIVERED
    assert len(sendgrid.mails) == 1
    assert "had been taken" in delivery.attempts.last().answer


def test_a_lost_answer_without_word_is_repeated_after_a_while(sendgrid, delivery):
    sendgrid.scripted = [Reply(is_reset=True)]
    outbox.deliver_due()
    with later(minutes=1):
        outbox.deliver_due()
        assert transport.WAITING in after(delivery).last_error
        assert sendgrid.mails == []
    with later(minutes=12):
        outbox.deliver_due()
    assert after(delivery).state == Delivery.State.DELIVERED
    assert len(sendgrid.mails) == 1


def test_a_refused_connection_is_no_unknown_outcome(sendgrid, delivery, settings):
    settings.ANYMAIL = {**settings.ANYMAIL, "SENDGRID_API_URL": "http://127.0.0.1:1/v3/"}
    outbox.deliver_due()
    assert "out of reach" in after(delivery).last_error
    assert delivery.claimed_at is None


@pytest.mark.parametrize(
    ("prepare", "is_good", "words"),
    [
        (lambda vendor: None, True, "it may send"),
        (lambda vendor: vendor.scopes.clear(), False, "lacks the scope"),
        (lambda vendor: vendor.scripted.append(Reply(401)), False, "not accepted"),
        (lambda vendor: vendor.scripted.append(Reply(200, b"<html>")), False, "cannot be asked"),
    ],
)
def test_the_key_is_tried(sendgrid, prepare, is_good, words):
    prepare(sendgrid)
    found = check("sendgrid", is_live=True)
    assert (found.is_good, words in found.words) == (is_good, True)
    assert KEY not in found.words
    assert check("email", is_live=False).is_good
