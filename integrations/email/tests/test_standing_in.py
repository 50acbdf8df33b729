"""A customer's message reaches who stands in for the assignee, and nobody twice."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail

from accounts.models import User
from accounts.services import go_away
from common.time import now
from integrations import services as outbox
from integrations.models import Delivery
from tickets import services
from tickets.assignment.standing_in import stand_in_for, told_instead
from tickets.models import Ticket, TrackingLink
from tickets.vocabulary import Channel


@pytest.fixture
def agnes_ticket(ticket, agnes) -> Ticket:
    outbox.deliver_due()
    services.change_ticket(ticket, by=agnes, assignee=agnes)
    mail.outbox.clear()
    return Ticket.objects.get(pk=ticket.pk)


def write(ticket, person, **fields):
    services.post_customer_message(ticket, body="Still empty.", by=person, channel=Channel.WEB, **fields)


def mailed():
    outbox.deliver_due()
    return [message.to[0] for message in mail.outbox]


def again(person):
    return User.objects.get(pk=person.pk)


def test_the_stand_in_is_mailed_in_the_assignees_place(agnes_ticket, rita, agnes, bruno):
    go_away(agnes, stand_in=bruno, by=agnes)
    write(agnes_ticket, rita)
    assert mailed() == [bruno.email]
    (message,) = mail.outbox
    for text in (message.body, message.alternatives[0][0]):
        assert "Still empty." in text
        assert f"http://localhost:8000/admin/tickets/ticket/{agnes_ticket.pk}/change/" in text
        assert "because you stand in for Agnes Moreau" in text
        assert "/profile" not in text
    assert not TrackingLink.objects.filter(person=bruno).exists(), "who works here needs no secret link"


def test_who_is_here_is_not_replaced(agnes_ticket, rita, agnes, bruno):
    go_away(agnes, until=now() + dt.timedelta(hours=1), stand_in=bruno, by=agnes)
    later = now() + dt.timedelta(hours=2)
    assert told_instead(agnes_ticket, at=later) is None
    write(agnes_ticket, rita, at=later)
    assert mailed() == []


def test_a_follower_is_mailed_once(agnes_ticket, rita, agnes, bruno):
    services.add_follower(agnes_ticket, bruno, by=agnes)
    go_away(agnes, stand_in=bruno, by=agnes)
    write(agnes_ticket, rita)
    assert mailed() == [bruno.email]


def test_machines_and_oneself_are_no_news(agnes_ticket, rita, agnes, bruno):
    go_away(agnes, stand_in=bruno, by=agnes)
    write(agnes_ticket, rita, is_automatic=True)
    write(agnes_ticket, bruno)
    assert bruno.email not in mailed()


def test_a_stand_in_who_is_away_has_one_of_their_own(agnes_ticket, agnes, bruno, sofia):
    go_away(agnes, stand_in=bruno, by=agnes)
    go_away(bruno, stand_in=sofia, by=bruno)
    assert stand_in_for(again(agnes), at=now()) == sofia
    go_away(sofia, stand_in=agnes, by=sofia)
    assert stand_in_for(again(agnes), at=now()) is None, "it goes round in a circle"
    User.objects.filter(pk=bruno.pk).update(is_active=False)
    assert stand_in_for(again(agnes), at=now()) is None


def test_nobody_is_told_where_nobody_stands_in(agnes_ticket, rita, agnes):
    go_away(agnes, by=agnes)
    write(agnes_ticket, rita)
    assert mailed() == []
    assert not Delivery.objects.filter(recipient=agnes).exists()
