"""What the write path does, seen from its services."""

from __future__ import annotations

import pytest

from common import journal
from common.errors import Conflict, InvalidTransition, NotAllowed, NotFound, Stale
from integrations.models import Delivery
from tickets import services
from tickets.models import Ticket
from tickets.vocabulary import Channel, Priority, PrioritySource, Status


def kinds(ticket: Ticket) -> list[str]:
    return list(journal.timeline(ticket).values_list("kind", flat=True))


def test_a_ticket_is_opened_with_its_description_as_first_message(ticket, rita):
    assert ticket.reference == f"ODG-{ticket.pk}"
    assert ticket.pk > 1000
    assert ticket.organization == rita.organization
    assert [m.body for m in ticket.messages.all()] == ["Since the upgrade every lineage graph is empty."]
    assert kinds(ticket) == ["ticket.opened"]
    assert Delivery.objects.get().destination == rita.email


def test_an_answer_opens_the_ticket_and_is_the_first_response(ticket, agnes):
    services.post_public_reply(ticket, body="We look into it.", by=agnes)
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN
    assert ticket.first_response_at is not None
    assert kinds(ticket) == ["ticket.opened", "message.public_reply_posted", "ticket.status_changed"]


def test_the_customer_cannot_reply_as_support(ticket, rita):
    with pytest.raises(NotAllowed):
        services.post_public_reply(ticket, body="I am support.", by=rita)


def test_a_customers_answer_reopens_a_solved_ticket(ticket, rita, agnes):
    services.solve_ticket(ticket, by=agnes)
    services.post_customer_message(ticket, body="Not yet.", by=rita, channel=Channel.WEB)
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN
    assert ticket.solved_at is None
    assert kinds(ticket)[-1] == "ticket.reopened"


def test_a_message_on_a_closed_ticket_opens_a_follow_up(ticket, rita, agnes):
    services.close_ticket(ticket, by=agnes)
    message = services.post_customer_message(ticket, body="It is back.", by=rita, channel=Channel.WEB)
    assert message.ticket != ticket
    assert message.ticket.links.get().other == ticket


def test_two_saves_never_overwrite_each_other(ticket, agnes):
    services.change_ticket(ticket, by=agnes, expected_version=1, priority=Priority.P2_HIGH)
    with pytest.raises(Stale):
        services.change_ticket(ticket, by=agnes, expected_version=1, priority=Priority.P4_LOW)


def test_an_illegal_move_is_refused_by_name(ticket, agnes):
    services.close_ticket(ticket, by=agnes)
    with pytest.raises(InvalidTransition, match="closed cannot become open"):
        services.change_ticket(ticket, by=agnes, status=Status.OPEN)


def test_an_outsider_gets_not_found(ticket, mallory):
    with pytest.raises(NotFound):
        services.post_customer_message(ticket, body="Hello", by=mallory, channel=Channel.WEB)


def test_merged_tickets_send_later_messages_to_the_survivor(ticket, rita, agnes):
    survivor = services.open_ticket(
        subject="The same again", description="Empty graphs.", requester=rita, by=rita, channel=Channel.WEB
    )
    services.merge_tickets(ticket, into=survivor, by=agnes)
    message = services.post_customer_message(ticket, body="More.", by=rita, channel=Channel.WEB)
    assert message.ticket == survivor


def test_tickets_of_different_customers_are_not_merged(ticket, mallory, agnes):
    other = services.open_ticket(
        subject="Mine", description="Mine.", requester=mallory, by=mallory, channel=Channel.WEB
    )
    with pytest.raises(Conflict) as refused:
        services.merge_tickets(ticket, into=other, by=agnes)
    assert refused.value.code == "different_customers"


def test_triage_matches_whole_words_within_the_tier(rita, mallory):
    def opened(requester, subject):
        return services.open_ticket(
            subject=subject, description="Text", requester=requester, by=requester, channel=Channel.WEB
        )

    assert opened(rita, "The catalog is down").priority == Priority.P1_CRITICAL
    assert opened(rita, "A download question").priority_source == PrioritySource.DEFAULT
    assert opened(mallory, "The catalog is down").priority == Priority.P3_NORMAL


def test_the_secret_link_is_kept_only_as_a_digest(ticket, rita):
    token = services.tracking_token(ticket, rita)
    assert services.tracking_token(ticket, rita) == token
    link = services.open_tracking_link(token)
    assert link is not None
    assert link.ticket == ticket
    assert token not in str(vars(link))
    services.revoke_tracking_link(link, by=rita)
    assert services.open_tracking_link(token) is None
    assert services.tracking_token(ticket, rita) != token
