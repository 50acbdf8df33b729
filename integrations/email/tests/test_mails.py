"""Who is mailed what, and what the mail says."""

import pytest
from django.core import mail

from accounts.services import change_preferences, find_or_create_person
from common import context
from integrations import services as outbox
from integrations.email import addresses
from integrations.models import Delivery
from tickets import services
from tickets.models import Ticket
from tickets.vocabulary import Channel, Status


@pytest.fixture
def sent(db):
    def send():
        mail.outbox.clear()
        outbox.deliver_due()
        return mail.outbox

    return send


def html_of(message):
    return message.alternatives[0][0]


def test_who_asked_gets_a_receipt_with_the_secret_link(ticket, rita, sent):
    (message,) = sent()
    assert message.to == [rita.email]
    assert message.subject == f"[{ticket.reference}] Lineage graph is empty"
    url = f"http://localhost:8000/t/{services.tracking_token(ticket, rita)}"
    assert url in message.body
    assert url in html_of(message)
    assert message.extra_headers["Auto-Submitted"] == "auto-replied"
    assert message.extra_headers["Message-ID"] == addresses.thread_id(ticket.pk, rita.pk)


def test_an_answer_is_mailed_in_full_and_belongs_to_the_thread(ticket, rita, agnes, sent):
    sent()
    services.post_public_reply(ticket, body="Please run **this**:\n\n    odg <reindex>", by=agnes)
    (message,) = sent()
    assert "Please run **this**" in message.body
    assert "<strong>this</strong>" in html_of(message)
    assert "odg &lt;reindex&gt;" in html_of(message)
    assert message.extra_headers["References"] == addresses.thread_id(ticket.pk, rita.pk)
    assert "Auto-Submitted" not in message.extra_headers
    assert addresses.read_reply_address(message.extra_headers["Reply-To"]) == (ticket.pk, rita.pk)


def test_an_internal_note_is_never_mailed(ticket, agnes, sent):
    sent()
    services.add_internal_note(ticket, body="Between us.", by=agnes)
    assert sent() == []


def test_text_of_people_never_becomes_markup(rita, agnes, sent):
    rita.name = "Rita <b>bold</b>"
    rita.save(update_fields=["name"])
    ticket = services.open_ticket(
        subject="<script>alert(1)</script>\r\nBcc: x@evil.example",
        description="<img src=x onerror=alert(1)>",
        requester=rita,
        by=rita,
        channel=Channel.WEB,
    )
    (message,) = sent()
    for hostile in ("<script>", "<img", "<b>"):
        assert hostile not in html_of(message)
    assert "\n" not in message.subject
    assert "Bcc" not in message.message()
    assert ticket.subject in message.subject


def test_everybody_on_the_ticket_but_the_author_gets_an_answer(ticket, rita, otto, agnes, sent):
    services.add_follower(ticket, otto, by=rita)
    sent()
    services.post_customer_message(ticket, body="Me too.", by=otto, channel=Channel.WEB)
    assert [m.to for m in sent()] == [[rita.email]]
    services.post_public_reply(ticket, body="Both of you.", by=agnes)
    messages = sent()
    assert sorted(m.to[0] for m in messages) == [otto.email, rita.email]
    tokens = {services.tracking_token(ticket, person) for person in (rita, otto)}
    assert len(tokens) == 2
    for message in messages:
        assert len(message.to) == 1
        assert sum(token in message.body for token in tokens) == 1


def test_preferences_are_respected(ticket, rita, agnes, sent):
    sent()
    change_preferences(rita, by=rita, is_mailed_replies=False, is_mailed_status=False)
    services.post_public_reply(ticket, body="Hello", by=agnes)
    services.solve_ticket(ticket, by=agnes)
    assert sent() == []


def test_solving_is_mailed_and_ones_own_moves_are_not(ticket, rita, agnes, sent):
    sent()
    services.solve_ticket(ticket, by=agnes)
    (message,) = sent()
    assert "Solved" in message.subject
    services.reopen_ticket(ticket, by=rita)
    assert sent() == []


def test_a_first_touch_tells_nothing_new(ticket, agnes, sent):
    sent()
    services.change_ticket(ticket, by=agnes, assignee=agnes)
    assert sent() == []


def test_an_answer_sent_with_a_move_is_one_mail(ticket, agnes, sent):
    sent()
    with context.origin(context.Origin("one-request")):
        services.post_public_reply(ticket, body="Which version?", by=agnes)
        services.change_ticket(ticket, by=agnes, status=Status.PENDING)
    (message,) = sent()
    assert "Waiting for your answer" in message.body


def test_other_moves_are_mailed(ticket, agnes, sent):
    sent()
    services.change_ticket(ticket, by=agnes, status=Status.ON_HOLD)
    (message,) = sent()
    assert "Waiting for a third party" in message.body
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_merge_is_told_on_the_survivor_only(ticket, rita, agnes, sent):
    survivor = services.open_ticket(subject="Same", description="x", requester=rita, by=rita, channel=Channel.WEB)
    sent()
    services.merge_tickets(ticket, into=survivor, by=agnes)
    assert sent() == []


def test_what_is_filled_in_from_the_past_is_not_mailed(rita, sent):
    with context.origin(context.Origin(is_backfill=True)):
        services.open_ticket(subject="Old", description="x", requester=rita, by=rita, channel=Channel.IMPORT)
    assert sent() == []


def test_a_mail_about_what_is_gone_is_not_sent(ticket, sent):
    Ticket.objects.all().delete()
    assert sent() == []
    assert Delivery.objects.get().state == Delivery.State.SKIPPED


def test_somebody_who_left_is_not_mailed(ticket, rita, agnes, sent):
    sent()
    rita.is_active = False
    rita.save(update_fields=["is_active"])
    services.post_public_reply(ticket, body="Hello", by=agnes)
    assert sent() == []


def test_the_link_is_sent_again_only_to_the_right_address(ticket, rita, sent):
    sent()
    services.request_tracking_link(reference=ticket.reference, email="mallory@outside.example")
    services.request_tracking_link(reference="ODG-999999", email=rita.email)
    services.request_tracking_link(reference="nonsense", email=rita.email)
    assert sent() == []
    services.request_tracking_link(reference=ticket.reference.lower(), email="RITA@aarlund.example")
    (message,) = sent()
    assert message.to == [rita.email]


@pytest.mark.parametrize(
    "address",
    [
        "support+1-2-0000000000000000000a@localhost",
        "support@localhost",
        "x+1-2@localhost",
        "",
        "support+a-b-c@localhost",
    ],
)
def test_a_reply_address_that_we_did_not_make_is_worth_nothing(address):
    assert addresses.read_reply_address(address) is None


def test_a_reply_address_survives_a_change_of_case():
    assert addresses.read_reply_address(addresses.reply_address(12, 34).upper()) == (12, 34)


def test_a_guest_is_mailed_at_the_address_given(sent):
    guest = find_or_create_person(email="Guest@Example.org", name="A Guest")
    services.open_ticket(subject="Hello", description="World", requester=guest, by=guest, channel=Channel.WEB)
    (message,) = sent()
    assert message.to == ["guest@example.org"]
