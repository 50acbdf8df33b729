"""What SendGrid tells of our mails: who may tell it, what is noted, and who is sent nothing more."""

import base64
import json
import time
from pathlib import Path

import pytest
from django.conf import settings as conf
from django.urls import reverse

from common.errors import NotAllowed
from common.journal import Event
from integrations import services as outbox
from integrations.email.models import MailEvent, SuppressedAddress
from integrations.email.suppressing import lift_suppression, suppress
from integrations.models import Delivery, InboundEvent
from tests.vendors.sendgrid import SIGNATURE, STAMP, Signer, batch
from tickets import services as tickets

URL = "/webhooks/email/sendgrid/tracking/"
SPECS = Path(conf.BASE_DIR).parent / "shared" / "vendor-specs"


@pytest.fixture
def signer(settings, db):
    signer = Signer()
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [signer.public_key]
    settings.SENDGRID_INBOUND_SECRETS = []
    return signer


@pytest.fixture
def delivery(ticket):
    outbox.deliver_due()
    return Delivery.objects.get(kind="email")


def entry(delivery, event, number=1, **more):
    return {
        "email": delivery.destination,
        "timestamp": int(time.time()),
        "event": event,
        "sg_event_id": f"{event}-{number}",
        "delivery": delivery.attempt_id,
        **more,
    }


@pytest.fixture
def tell(client, signer):
    def tell(*entries):
        body = batch(*entries)
        answer = client.post(URL, body, content_type="application/json", headers=signer.headers(body, int(time.time())))
        assert answer.status_code == 200
        outbox.process_due()
        return InboundEvent.objects.latest("pk")

    return tell


def post(client, body, headers):
    return client.post(URL, body, content_type="application/json", headers=headers)


def test_a_signature_decides(client, signer):
    body, at = batch({"event": "open"}), int(time.time())
    good = signer.headers(body, at)
    assert post(client, body, good).status_code == 200
    wrong = [
        {},
        {STAMP: good[STAMP]},
        {SIGNATURE: good[SIGNATURE]},
        {**good, SIGNATURE: "nonsense"},
        {**good, SIGNATURE: "ü"},
        {**good, STAMP: "soon"},
        {**good, STAMP: str(at + 1)},
        Signer().headers(body, at),
        signer.headers(body, at - 3600),
        signer.headers(body, at + 3600),
        {**good, STAMP: "9" * 40},
    ]
    for headers in wrong:
        assert post(client, body, headers).status_code == 401, headers
    assert post(client, body + b" ", good).status_code == 401
    assert post(client, body.strip(), good).status_code == 401
    assert InboundEvent.objects.count() == 1
    assert post(client, body, good).status_code == 200, "a batch that comes again is no fault of the sender"
    assert InboundEvent.objects.count() == 1
    assert client.get(URL).status_code == 405


def test_the_old_key_holds_while_a_new_one_is_made(client, signer, settings):
    other = Signer()
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [other.public_key, signer.public_key]
    body = batch()
    for one in (signer, other):
        assert post(client, body, one.headers(body, int(time.time()))).status_code == 200


@pytest.mark.skipif(not SPECS.exists(), reason="the vendors' descriptions are not on this machine")
def test_the_published_vectors(client, db, settings):
    settings.SENDGRID_WEBHOOK_TOLERANCE_SECONDS = 10**9
    vectors = [one for one in json.loads((SPECS / "test-vectors.json").read_text()) if one["vendor"] == "sendgrid"]
    assert {one["valid"] for one in vectors} == {True, False}
    for one in vectors:
        settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [one["public_key"]]
        answer = post(client, one["body"].encode(), one["headers"])
        assert answer.status_code == (200 if one["valid"] else 401)


def test_a_password_in_the_address_where_there_is_no_key(client, db, settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS, settings.SENDGRID_INBOUND_SECRETS = [], ["old:pass", "new:pass"]
    for words, status in (("new:pass", 200), ("old:pass", 200), ("x:y", 401)):
        headers = {"Authorization": f"Basic {base64.b64encode(words.encode()).decode()}"}
        assert post(client, batch(), headers).status_code == status
    assert post(client, batch(), {"Authorization": "Basic ü"}).status_code == 401
    assert post(client, batch(), {}).status_code == 401
    settings.SENDGRID_INBOUND_SECRETS = []
    assert post(client, batch(), headers).status_code == 401, "without a key and a password nobody is believed"


def test_what_became_of_a_mail_is_noted_once(tell, delivery):
    first = [entry(delivery, name) for name in ("processed", "deferred", "delivered", "open", "click")]
    assert tell(*first).outcome == "3 of 5 noted."
    assert list(delivery.mail_events.values_list("kind", flat=True)) == ["ACCEPTED", "DEFERRED", "DELIVERED"]
    assert tell(*first, entry(delivery, "processed", 2)).outcome == "1 of 6 noted."
    assert not SuppressedAddress.objects.exists()


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"event": "bounce"},
        None,
        7,
        "text",
        {"event": "delivered", "email": "a@b.example", "sg_event_id": "x", "timestamp": "soon"},
        {"event": "delivered", "email": "a@b.example", "sg_event_id": "y", "timestamp": 10**30},
        {"event": ["delivered"], "email": "a@b.example", "sg_event_id": "z", "timestamp": 1},
    ],
)
def test_an_odd_entry_loses_no_other(tell, delivery, odd):
    row = tell(odd, entry(delivery, "delivered"))
    assert "1 of 2 noted, 1 made no sense" in row.outcome
    assert row.state == InboundEvent.State.PROCESSED


@pytest.mark.parametrize("body", [b"{}", b"nonsense", b"\xff", b"5"])
def test_what_is_no_batch_is_kept_for_somebody_to_look_at(client, signer, body):
    assert post(client, body, signer.headers(body, int(time.time()))).status_code == 200
    outbox.process_due()
    assert InboundEvent.objects.get().state == InboundEvent.State.FAILED


@pytest.mark.skipif(not SPECS.exists(), reason="the vendors' descriptions are not on this machine")
def test_sendgrids_own_samples_are_read(tell):
    samples = json.loads((SPECS / "sendgrid" / "samples-event-webhook.json").read_text())
    assert "made no sense" not in tell(*samples).outcome
    assert not SuppressedAddress.objects.exists(), "these are not about mails of ours"


@pytest.mark.parametrize(
    ("event", "more", "kind", "cause"),
    [
        ("bounce", {"type": "bounce", "reason": "550 no such user"}, "BOUNCED", "BOUNCE"),
        ("bounce", {"type": "blocked", "reason": "421 later"}, "BLOCKED", None),
        ("bounce", {"type": "expired"}, "BLOCKED", None),
        ("dropped", {"reason": "Bounced Address"}, "DROPPED", "BOUNCE"),
        ("dropped", {"reason": "Invalid"}, "DROPPED", "BOUNCE"),
        ("dropped", {"reason": "Spam Reporting Address"}, "DROPPED", "COMPLAINT"),
        ("dropped", {"reason": "Unsubscribed Address"}, "DROPPED", None),
        ("spamreport", {}, "COMPLAINED", "COMPLAINT"),
        ("deferred", {"response": "421"}, "DEFERRED", None),
    ],
)
def test_who_is_sent_nothing_more(tell, delivery, event, more, kind, cause):
    tell(entry(delivery, event, **more))
    assert delivery.mail_events.get().kind == kind
    assert list(SuppressedAddress.objects.values_list("cause", flat=True)) == ([cause] if cause else [])
    if event == "spamreport":
        assert Event.objects.filter(kind="email.complained").count() == 1


def test_an_event_about_somebody_elses_mail_suppresses_nobody(tell, delivery):
    other = {**entry(delivery, "bounce", type="bounce"), "email": "agnes@support.example"}
    unknown = {**entry(delivery, "spamreport", 2), "delivery": "nonsense"}
    tell(other, unknown)
    assert MailEvent.objects.filter(delivery=None).count() == 2
    assert not SuppressedAddress.objects.exists()


@pytest.fixture
def held_back(tell, delivery, ticket, agnes):
    """Rita's address bounced; an answer to her was held back."""
    tell(entry(delivery, "bounce", type="bounce", reason="550 no such user"))
    tickets.post_public_reply(ticket, body="Hello.", by=agnes)
    outbox.deliver_due()
    return Delivery.objects.get(template="new_message")


def test_nothing_goes_to_a_held_back_address_and_the_log_says_why(held_back):
    assert held_back.state == Delivery.State.SKIPPED
    assert held_back.attempts.get().answer.startswith("Held back: mail does not reach it (550 no such user).")


def test_a_code_that_was_asked_for_is_sent_all_the_same(db, mailoutbox):
    suppress("rita@aarlund.example", cause="COMPLAINT", reason="")
    payload = {"subject": "Code", "text": "123", "html": ""}
    outbox.queue_delivery(
        kind="email", template="code", destination="Rita@aarlund.example", payload=payload, is_secret=True
    )
    outbox.deliver_due()
    assert len(mailoutbox) == 1


def test_mail_goes_there_again_and_what_was_held_back_with_it(held_back, sofia, agnes, mailoutbox):
    row = SuppressedAddress.objects.get()
    with pytest.raises(NotAllowed):
        lift_suppression(row, by=agnes)
    mailoutbox.clear()
    assert lift_suppression(row, by=sofia) == 1
    outbox.deliver_due()
    assert [mail.to for mail in mailoutbox] == [["rita@aarlund.example"]]
    assert Event.objects.filter(kind="email.suppression_lifted").exists()


def test_the_console_shows_it_and_lets_supervisors_send_again(held_back, client, sofia, agnes, ticket):
    client.force_login(agnes)
    page = client.get(reverse("admin:tickets_ticket_panel", args=[ticket.pk, "mail"])).content.decode()
    assert "rita@aarlund.example is sent nothing" in page
    assert "550 no such user" in page
    row = SuppressedAddress.objects.get()
    url = reverse("admin:integrations_suppressedaddress_change", args=[row.pk])
    lift = reverse("admin:integrations_suppressedaddress_lift", args=[row.pk])
    assert "Mail does not reach it" in client.get(url).content.decode()
    assert client.post(lift, {"_form_submitted": "True"}).status_code == 403
    client.force_login(sofia)
    person = reverse("admin:accounts_user_change", args=[ticket.requester_id])
    assert "Nothing is mailed to rita@aarlund.example" in client.get(person).content.decode()
    assert "550 no such user" in client.get(reverse("admin:integrations_suppressedaddress_changelist")).content.decode()
    client.post(lift, {"_form_submitted": "True"})
    assert not SuppressedAddress.objects.exists()
    held_back.refresh_from_db()
    assert held_back.state == Delivery.State.PENDING


def test_a_ticket_whose_mails_arrive_says_so(tell, delivery, client, agnes, ticket):
    tell(entry(delivery, "delivered", response="250 OK"))
    client.force_login(agnes)
    page = client.get(reverse("admin:tickets_ticket_panel", args=[ticket.pk, "mail"])).content.decode()
    assert "Arrived, ticket received" in page
