import pytest

from integrations.email import addresses
from integrations.email.incoming.storing import store
from integrations.email.incoming.tests.corpus import mail
from integrations.email.incoming.tests.receiving import receive
from integrations.models import Delivery, InboundMail
from integrations.services import process_due
from tickets.models import Message, Ticket
from tickets.services import add_follower, block_sender, close_ticket, post_public_reply, solve_ticket
from tickets.vocabulary import Channel, MessageKind, Status

pytestmark = pytest.mark.django_db
FAILING = {"Authentication_Results": "mx.support.example; spf=fail; dmarc=fail"}


def test_a_mail_of_a_stranger_opens_a_ticket_of_a_guest():
    row = receive(mail(sender="Nils Berg <nils@new.example>"))
    ticket = Ticket.objects.get()
    assert (row.state, row.outcome, row.ticket) == ("PROCESSED", f"It opened {ticket.reference}.", ticket)
    assert (ticket.subject, ticket.channel) == ("Lineage graph is empty", Channel.EMAIL)
    assert (ticket.requester.email, ticket.requester.name) == ("nils@new.example", "Nils Berg")
    assert ticket.messages.get().body == "Since Monday every lineage graph is empty."
    assert [one.template for one in Delivery.objects.all()] == ["ticket_received"]


def test_doing_it_twice_makes_one_ticket(rita):
    row = receive(mail())
    row.state, row.due_at = "RECEIVED", row.received_at  # a worker died before it could say so
    row.save()
    process_due()
    row.refresh_from_db()
    assert Ticket.objects.count() == 1 and row.state == "PROCESSED"


def test_one_mail_that_came_two_ways_is_taken_once(rita):
    receive(mail())
    again = receive(mail(), recipient="support@localhost")
    assert (again.state, Ticket.objects.count()) == ("IGNORED", 1)
    assert "came before" in again.outcome


def test_the_same_bytes_are_stored_once(rita):
    assert store(mail(), way="pipe") is not None
    assert store(mail(), way="pipe") is None


def test_two_mails_with_one_message_id_are_two(rita):
    receive(mail(subject="First question"))
    receive(mail("Something else.", subject="Second question"))
    assert Ticket.objects.count() == 2


def _answer(ticket, person, text="It works now.", **more):
    more = {"sender": person.email, "message_id": "<answer@aarlund.example>", "subject": f"Re: {ticket.subject}"} | more
    return mail(text, **more)


def _ways(ticket, person):
    delivery = Delivery.objects.filter(recipient=person).first()
    return {
        "reply address": {"to": addresses.reply_address(ticket.pk, person.pk)},
        "reply address in Cc": {"Cc": addresses.reply_address(ticket.pk, person.pk).upper()},
        "thread": {"In_Reply_To": addresses.thread_id(ticket.pk, person.pk)},
        "delivery": {"References": f"<other@x> {addresses.message_id(f'delivery.{delivery.pk}')}"},
        "subject": {"subject": f"Question about [{ticket.reference}]"},
    }


@pytest.mark.parametrize("way", ["reply address", "reply address in Cc", "thread", "delivery", "subject"])
def test_an_answer_finds_its_ticket(way, ticket, rita, agnes):
    post_public_reply(ticket, body="Try again, please.", by=agnes)
    row = receive(_answer(ticket, rita, **_ways(ticket, rita)[way]))
    message = ticket.messages.last()
    assert (row.outcome, row.ticket) == (f"It is a message of {ticket.reference}.", ticket)
    assert (message.body, message.author, message.kind) == ("It works now.", rita, MessageKind.CUSTOMER_MESSAGE)
    assert message.channel == Channel.EMAIL


def test_an_answer_to_a_mail_that_came_in_finds_its_ticket(rita, otto):
    ticket = receive(mail(Cc="otto@aarlund.example")).ticket
    row = receive(_answer(ticket, otto, In_Reply_To="<first@aarlund.example>"))
    assert (row.ticket, row.state) == (ticket, "PROCESSED")
    assert ticket.messages.last().author == otto


def test_an_answer_opens_a_solved_ticket_again(ticket, rita, agnes):
    solve_ticket(ticket, by=agnes)
    receive(_answer(ticket, rita, to=addresses.reply_address(ticket.pk, rita.pk)))
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN


def test_an_answer_to_a_closed_ticket_opens_a_follow_up(ticket, rita, agnes):
    close_ticket(solve_ticket(ticket, by=agnes), by=agnes)
    row = receive(_answer(ticket, rita, to=addresses.reply_address(ticket.pk, rita.pk)))
    assert (
        row.ticket != ticket
        and row.outcome == f"It is a message of {row.ticket.reference}, which continues {ticket.reference}."
    )


@pytest.mark.parametrize("way", ["reply address", "thread", "subject"])
def test_somebody_who_is_not_on_the_ticket_is_held(way, ticket, rita, agnes, mallory):
    post_public_reply(ticket, body="Try again, please.", by=agnes)
    row = receive(_answer(ticket, mallory, **_ways(ticket, rita)[way]))
    assert (row.state, ticket.messages.count()) == ("HELD", 2)
    assert row.outcome == f"It is about {ticket.reference}, and mallory@outside.example is not on that ticket."


def test_a_reply_address_of_another_ticket_opens_nothing_there(ticket, rita, mallory):
    forged = addresses.reply_address(ticket.pk, mallory.pk).replace(f"+{ticket.pk}-", f"+{ticket.pk + 1}-")
    assert receive(mail(sender=mallory.email, to=forged)).ticket != ticket


def test_a_requester_whose_mail_fails_the_checks_is_held_without_the_reply_address(ticket, rita):
    held = receive(_answer(ticket, rita, subject=f"Re: [{ticket.reference}]", **FAILING))
    assert held.state == "HELD" and "speak against that" in held.outcome
    row = receive(_answer(ticket, rita, to=addresses.reply_address(ticket.pk, rita.pk), **FAILING))
    assert row.state == "PROCESSED"
    assert InboundMail.objects.get().is_suspicious


def test_an_agent_answers_by_the_address_of_their_own_mail(ticket, rita, agnes):
    receive(_answer(ticket, agnes, to=addresses.reply_address(ticket.pk, agnes.pk)))
    message = ticket.messages.last()
    assert (message.kind, message.author) == (MessageKind.PUBLIC_REPLY, agnes)
    ticket.refresh_from_db()
    assert ticket.first_response_at is not None


@pytest.mark.parametrize("case", ["thread", "token of another", "checks fail"])
def test_an_agents_answer_is_held_where_it_may_be_anybodys(case, ticket, rita, agnes):
    facts = {
        "thread": {"In_Reply_To": addresses.thread_id(ticket.pk, agnes.pk)},
        "token of another": {"to": addresses.reply_address(ticket.pk, rita.pk)},
        "checks fail": {"to": addresses.reply_address(ticket.pk, agnes.pk), **FAILING},
    }[case]
    assert receive(_answer(ticket, agnes, **facts)).state == "HELD"
    assert ticket.messages.count() == 1


def test_an_out_of_office_reply_opens_nothing_again_and_is_told_to_nobody(ticket, rita, otto, agnes):
    add_follower(ticket, otto, by=agnes)
    solve_ticket(ticket, by=agnes)
    before = Delivery.objects.count()
    row = receive(_answer(ticket, rita, to=addresses.reply_address(ticket.pk, rita.pk), Auto_Submitted="auto-replied"))
    ticket.refresh_from_db()
    assert (row.state, ticket.status) == ("PROCESSED", Status.SOLVED)
    assert ticket.messages.last().is_automatic
    assert Delivery.objects.count() == before


def test_an_out_of_office_reply_to_a_closed_ticket_makes_nothing(ticket, rita, agnes):
    close_ticket(solve_ticket(ticket, by=agnes), by=agnes)
    row = receive(_answer(ticket, rita, to=addresses.reply_address(ticket.pk, rita.pk), Auto_Submitted="auto-replied"))
    assert (row.state, Ticket.objects.count()) == ("IGNORED", 1)


@pytest.mark.parametrize(
    ("headers", "state", "words"),
    [
        ({"Auto_Submitted": "auto-replied"}, "IGNORED", "automatic reply"),
        ({"List_Id": "<users.lists.example>"}, "HELD", "mailing list"),
        ({"sender": "support@localhost"}, "IGNORED", "own address"),
        ({"sender": "support+x@localhost"}, "IGNORED", "own address"),
        ({"message_id": "<delivery.17@localhost>"}, "IGNORED", "came back"),
        ({"sender": "a@b.example, c@d.example"}, "HELD", "names several senders"),
    ],
)
def test_what_opens_no_ticket(headers, state, words):
    row = receive(mail(**headers))
    assert (row.state, Ticket.objects.count()) == (state, 0)
    assert words in row.outcome


def test_a_group_address_of_our_own_is_no_foreign_list():
    receive(mail(List_Id="<support.localhost>"))
    assert Ticket.objects.count() == 1


def test_a_machine_that_opens_a_ticket_gets_no_acknowledgement():
    receive(mail(sender="alerts@monitor.example", Auto_Submitted="auto-generated"))
    assert Ticket.objects.get().messages.get().is_automatic
    assert not Delivery.objects.exists()


def test_a_blocked_sender_is_ignored(sofia):
    block_sender("spam.example", by=sofia)
    row = receive(mail(sender="x@spam.example"))
    assert (row.state, row.outcome) == ("IGNORED", "x@spam.example is blocked.")


def test_a_switched_off_account_is_held(rita):
    rita.is_active = False
    rita.save()
    assert receive(mail()).state == "HELD"


def test_a_flood_waits_for_an_agent(settings, time_machine):
    settings.PORTAL_MAIL_PER_SENDER = 3
    time_machine.move_to("2026-11-24 10:00Z", tick=False)
    states = [receive(mail(message_id=f"<{n}@x>", subject=f"Question {n}")).state for n in range(5)]
    assert states == ["PROCESSED"] * 3 + ["HELD"] * 2
    time_machine.move_to("2026-11-24 10:11Z")
    assert receive(mail(message_id="<later@x>", subject="Later")).state == "PROCESSED"


def test_what_cannot_be_read_goes_to_quarantine():
    row = receive(b"\x00\x01 nothing like a mail")
    assert (row.state, row.outcome) == ("FAILED", "This is no mail: it has none of the headers that every mail has.")


def test_every_message_by_mail_has_its_mail(ticket, rita):
    receive(_answer(ticket, rita, to=addresses.reply_address(ticket.pk, rita.pk)))
    assert InboundMail.objects.get().message == Message.objects.last()
