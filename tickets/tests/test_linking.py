"""Merging, splitting, linking."""

import pytest

from common import journal
from common.errors import Conflict, Invalid, NotAllowed
from tickets import services
from tickets.models import TicketLink
from tickets.vocabulary import Channel, LinkKind, Status


@pytest.fixture
def other(otto):
    return services.open_ticket(
        subject="Also empty", description="Same here.\nSince Monday.", requester=otto, by=otto, channel=Channel.WEB
    )


def test_a_merge_closes_one_and_tells_the_other(ticket, other, agnes, rita):
    services.merge_tickets(ticket, into=other, by=agnes)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.merged_into) == (Status.CLOSED, other)
    note = other.messages.get(kind="INTERNAL_NOTE")
    assert ticket.reference in note.body
    assert [f.person for f in other.followers.all()] == [rita]
    assert journal.timeline(other).last().kind == "ticket.absorbed"


@pytest.mark.parametrize("which", ["itself", "closed", "into closed"])
def test_what_cannot_be_merged(ticket, other, agnes, which):
    if which == "closed":
        services.close_ticket(ticket, by=agnes)
    if which == "into closed":
        services.close_ticket(other, by=agnes)
    with pytest.raises(Conflict):
        services.merge_tickets(ticket, into=ticket if which == "itself" else other, by=agnes)


def test_messages_follow_a_chain_of_merges(ticket, other, agnes, rita, otto):
    last = services.open_ticket(subject="Third", description="x", requester=otto, by=otto, channel=Channel.WEB)
    services.merge_tickets(ticket, into=other, by=agnes)
    services.merge_tickets(other, into=last, by=agnes)
    assert services.post_customer_message(ticket, body="Hello", by=rita, channel=Channel.WEB).ticket == last


def test_splitting_a_message_makes_a_linked_ticket_of_its_author(ticket, rita, agnes):
    message = services.post_customer_message(ticket, body="By the way, exports fail.", by=rita, channel=Channel.WEB)
    split = services.split_message(message, subject="Exports fail", by=agnes)
    assert (split.requester, split.submitter) == (rita, agnes)
    assert split.messages.get().body == "By the way, exports fail."
    assert split.links.get().kind == LinkKind.SPLIT_FROM
    answer = services.post_public_reply(ticket, body="Hello", by=agnes)
    with pytest.raises(Conflict):
        services.split_message(answer, subject="No", by=agnes)


def test_linking_twice_is_one_link_and_unlinking_is_recorded(ticket, other, agnes, rita):
    for _ in range(2):
        link = services.link_tickets(ticket, kind=LinkKind.RELATED, other=other, by=agnes)
    assert TicketLink.objects.count() == 1
    services.unlink_tickets(link, by=agnes)
    assert journal.timeline(ticket).last().kind == "ticket.unlinked"
    with pytest.raises(Invalid):
        services.link_tickets(ticket, kind=LinkKind.RELATED, other=ticket, by=agnes)
    with pytest.raises(NotAllowed):
        services.link_tickets(ticket, kind=LinkKind.RELATED, other=other, by=rita)
