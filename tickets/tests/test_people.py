"""Followers, blocked senders, secret links."""

import datetime as dt
import threading

import pytest
import time_machine
from django.db import connection

from accounts.services import find_or_create_person
from common import journal
from common.errors import Invalid, NotAllowed, NotFound
from common.time import now
from tickets import services
from tickets.models import BlockedSender, Ticket, TrackingLink
from tickets.vocabulary import Channel


def test_a_colleague_added_sees_the_ticket(ticket, rita):
    colleague = find_or_create_person(email="new@aarlund.example", name="New")
    assert not Ticket.objects.visible_to(colleague).exists()
    services.add_follower(ticket, colleague, by=rita)
    services.add_follower(ticket, colleague, by=rita)
    assert Ticket.objects.visible_to(colleague).get() == ticket
    services.remove_follower(ticket, colleague, by=colleague)
    assert not Ticket.objects.visible_to(colleague).exists()


def test_a_customer_adds_nobody_from_outside(ticket, rita, mallory, agnes):
    with pytest.raises(NotAllowed):
        services.add_follower(ticket, mallory, by=rita)
    services.add_follower(ticket, mallory, by=agnes)
    with pytest.raises(NotAllowed):
        services.remove_follower(ticket, rita, by=mallory)


def test_the_requester_is_no_follower(ticket, rita, agnes):
    services.add_follower(ticket, rita, by=agnes)
    assert not ticket.followers.exists()


def test_there_is_a_limit_of_followers(ticket, agnes, otto, monkeypatch):
    monkeypatch.setattr("tickets.services.people.FOLLOWERS_MOST", 0)
    with pytest.raises(Invalid):
        services.add_follower(ticket, otto, by=agnes)


@pytest.mark.parametrize("pattern", ["rita@aarlund.example", "aarlund.example", "@AARLUND.example "])
def test_nothing_is_taken_from_a_blocked_sender(rita, sofia, pattern):
    services.block_sender(pattern, by=sofia, reason="spam")
    services.block_sender(pattern, by=sofia)
    with pytest.raises(NotAllowed) as refused:
        services.open_ticket(subject="Hello", description="x", requester=rita, by=rita, channel=Channel.WEB)
    assert refused.value.code == "sender_blocked"
    services.unblock_sender(BlockedSender.objects.get(), by=sofia)
    services.open_ticket(subject="Hello", description="x", requester=rita, by=rita, channel=Channel.WEB)


def test_a_domain_blocks_what_is_below_it_and_nothing_beside():
    assert "example.org" in BlockedSender.patterns_of("a@mail.example.org")
    assert "ample.org" not in BlockedSender.patterns_of("a@mail.example.org")


@pytest.mark.parametrize("pattern", ["", "nodots", "a b@c.d", "*@x.org"])
def test_what_is_no_sender_is_refused(sofia, pattern):
    with pytest.raises(Invalid):
        services.block_sender(pattern, by=sofia)


def test_agents_do_not_block(agnes, sofia):
    with pytest.raises(NotAllowed):
        services.block_sender("example.org", by=agnes)
    blocked = services.block_sender("example.org", by=sofia)
    with pytest.raises(NotAllowed):
        services.unblock_sender(blocked, by=agnes)


def test_a_link_ends_some_time_after_the_ticket(ticket, rita, agnes):
    token = services.tracking_token(ticket, rita)
    with time_machine.travel(now() + dt.timedelta(days=400)):
        assert services.open_tracking_link(token) is not None
    services.close_ticket(ticket, by=agnes)
    with time_machine.travel(now() + dt.timedelta(days=89)):
        assert services.open_tracking_link(token) is not None
    with time_machine.travel(now() + dt.timedelta(days=91)):
        assert services.open_tracking_link(token) is None


def test_opening_a_link_is_recorded_once_an_hour(ticket, rita):
    link = services.open_tracking_link(services.tracking_token(ticket, rita))
    services.record_link_opened(link)
    services.record_link_opened(services.open_tracking_link(services.tracking_token(ticket, rita)))
    assert journal.timeline(ticket).filter(kind="ticket.viewed_by_link").count() == 1


def test_a_new_secret_key_keeps_old_links_until_the_next_mail(ticket, rita, settings):
    old = services.tracking_token(ticket, rita)
    settings.SECRET_KEY = "another-key-" * 5
    assert services.open_tracking_link(old) is not None
    new = services.tracking_token(ticket, rita)
    assert new != old
    assert services.open_tracking_link(new) is not None
    assert TrackingLink.objects.count() == 1


def test_only_its_person_and_agents_revoke_a_link(ticket, rita, otto, agnes):
    link = services.open_tracking_link(services.tracking_token(ticket, rita))
    with pytest.raises(NotAllowed):
        services.revoke_tracking_link(link, by=otto)
    services.revoke_tracking_link(link, by=agnes)
    services.revoke_tracking_link(link, by=agnes)
    assert journal.timeline(ticket).filter(kind="ticket.link_revoked").count() == 1


@pytest.mark.parametrize("token", ["", "x" * 43, "\ud800", "ODG-1001"])
def test_a_wrong_token_opens_nothing(ticket, token):
    assert services.open_tracking_link(token) is None


def test_an_organization_admin_sees_the_organizations_tickets(ticket, otto, mallory):
    assert Ticket.objects.visible_to(otto).get() == ticket
    assert not Ticket.objects.visible_to(mallory).exists()
    with pytest.raises(NotFound):
        services.add_follower(ticket, otto, by=mallory)


@pytest.mark.django_db(transaction=True)
def test_page_and_mail_that_make_the_first_link_at_once_make_the_same(ticket, rita):
    tokens, both = [], threading.Barrier(2)

    def make():
        both.wait()
        try:
            tokens.append(services.tracking_token(ticket, rita))
        finally:
            connection.close()

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(tokens) == 2
    assert len(set(tokens)) == 1
    assert TrackingLink.objects.count() == 1


def test_a_first_link_that_somebody_else_just_made_is_taken(ticket, rita, monkeypatch):
    token = services.tracking_token(ticket, rita)
    look = TrackingLink.objects.none()
    monkeypatch.setattr(TrackingLink.objects, "select_for_update", lambda: look)
    assert services.tracking_token(ticket, rita) == token
