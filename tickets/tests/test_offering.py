"""Own tickets among what is offered while somebody types in the help centre's search."""

from __future__ import annotations

import pytest

from tickets import services
from tickets.vocabulary import Channel

pytestmark = pytest.mark.django_db


def offered(client, text):
    return client.get("/help/suggest", {"q": text}).content.decode()


def test_a_customer_is_offered_their_own_tickets(client, ticket, rita, mallory):
    client.force_login(rita)
    page = offered(client, "graph lineage")
    assert f'data-url="/tickets/{ticket.reference}"' in page
    assert "Your tickets" in page
    assert "<mark>Lineage</mark> <mark>graph</mark> is empty" in page
    assert ticket.reference in offered(client, ticket.reference.lower())
    client.force_login(mallory)
    assert ticket.reference not in offered(client, "lineage graph") + offered(client, ticket.reference)


def test_guests_and_the_team_are_offered_none(client, ticket, agnes):
    assert ticket.reference not in offered(client, "lineage graph")
    client.force_login(agnes)
    assert ticket.reference not in offered(client, "lineage graph")


def test_no_more_than_three_the_newest_first_and_as_words(client, ticket, rita):
    for number in range(4):
        services.open_ticket(
            subject=f"Graph <b>{number}</b>", description="Words.", requester=rita, by=rita, channel=Channel.WEB
        )
    client.force_login(rita)
    page = offered(client, "graph")
    assert page.count("/tickets/ODG-") == 3
    assert page.index("&lt;b&gt;3") < page.index("&lt;b&gt;2")
    assert "<b>" not in page


@pytest.mark.parametrize("text", ["%%%", "___", "'; --", "🙂🙂🙂", "a" * 300])
def test_any_text_is_safe(client, ticket, rita, text):
    client.force_login(rita)
    assert ticket.reference not in offered(client, text)
