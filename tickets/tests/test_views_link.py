"""The same page by the secret link, without an account."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client

from common.models import Event
from common.time import now
from tickets.models import Ticket, TrackingLink
from tickets.services import (
    add_internal_note,
    attach_file,
    close_ticket,
    open_ticket,
    post_public_reply,
    revoke_tracking_link,
    solve_ticket,
    tracking_token,
)
from tickets.tests.pages import text_file, token, words
from tickets.vocabulary import Channel, Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(ticket) -> str:
    return f"/t/{tracking_token(ticket, ticket.requester)}"


@pytest.fixture
def guest() -> Client:
    """A browser under no-referrer: it sends "Origin: null" and none of our cookies."""
    return Client(enforce_csrf_checks=True, headers={"Origin": "null"})


def test_link_opens_the_ticket_and_leaves_no_trace(guest, link, ticket, agnes):
    post_public_reply(ticket, body="Nothing is lost.", by=agnes)
    response = guest.get(link)
    assert "Nothing is lost." in words(response)
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    assert "Sign out" not in words(response)


def test_opening_is_written_once_an_hour(guest, link, ticket):
    guest.get(link)
    guest.get(link)
    assert Event.objects.filter(kind="ticket.viewed_by_link").count() == 1
    with time_machine.travel(now() + dt.timedelta(hours=2)):
        guest.get(link)
    assert Event.objects.filter(kind="ticket.viewed_by_link").count() == 2


def test_links_that_do_not_open_answer_alike(guest, link, ticket, agnes, rita):
    pages = [guest.get("/t/" + "x" * 43), guest.get("/t/short")]
    row = TrackingLink.objects.get()
    revoke_tracking_link(row, by=agnes)
    pages.append(guest.get(link))
    fresh = f"/t/{tracking_token(ticket, rita)}"
    solve_ticket(ticket, by=agnes)
    close_ticket(ticket, by=agnes)
    with time_machine.travel(now() + dt.timedelta(days=91)):
        pages.append(guest.get(fresh))
        pages.append(guest.post(f"{fresh}/reply", {"body": "hello"}))
    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1
    assert all(page["Referrer-Policy"] == "no-referrer" for page in pages)
    assert "Send me a fresh link" in words(pages[0])


def test_everything_a_customer_does_works_by_the_link(guest, link, ticket):
    form = {"body": "By the link.", "token": token(), "attachments": [text_file()]}
    assert guest.post(f"{link}/reply", form)["Location"] == link
    message = ticket.messages.last()
    assert (message.author, message.body) == (ticket.requester, "By the link.")
    uid = ticket.attachments.get().uid
    handed = guest.get(f"{link}/files/{uid}")
    assert b"".join(handed.streaming_content) == b"it went wrong\n"
    assert handed["Referrer-Policy"] == "no-referrer"
    for deed, status in (("solve", Status.SOLVED), ("reopen", Status.OPEN), ("cancel", Status.CANCELLED)):
        assert guest.post(f"{link}/{deed}")["Location"] == link
        ticket.refresh_from_db()
        assert ticket.status == status
    assert guest.get(f"{link}/cancel").status_code == 200


def test_refusals_by_the_link_keep_its_headers(guest, link, ticket):
    refused = guest.post(f"{link}/reopen")
    assert (refused.status_code, refused["Referrer-Policy"]) == (409, "no-referrer")
    assert guest.post(f"{link}/reply", {"body": "", "token": token()}).status_code == 422
    assert guest.get(f"{link}/files/{ticket.requester.pk}").status_code == 404


def test_follow_up_by_the_link_has_a_link_of_its_own(guest, link, ticket, agnes):
    solve_ticket(ticket, by=agnes)
    close_ticket(ticket, by=agnes)
    response = guest.post(f"{link}/reply", {"body": "It is back.", "token": token()})
    follow_up = Ticket.objects.latest("pk")
    assert response["Location"] == f"/t/{tracking_token(follow_up, ticket.requester)}"
    assert "It is back." in words(guest.get(response["Location"]))
    assert follow_up.reference in words(guest.get(link))


def test_colleague_can_be_added_by_the_link(guest, link, otto, ticket):
    assert guest.post(f"{link}/people", {"email": otto.email})["Location"] == link
    assert "Otto Brandt" in words(guest.get(link))


def test_link_hands_out_no_internal_file(guest, link, ticket, agnes):
    note = add_internal_note(ticket, body="inside", by=agnes, files=[text_file("inside.log")])
    assert guest.get(f"{link}/files/{note.attachments.get().uid}").status_code == 404
    assert "inside" not in words(guest.get(link))


def test_link_of_one_ticket_opens_no_file_of_another(guest, link, mallory):
    other = open_ticket(subject="Other", description="x", requester=mallory, by=mallory, channel=Channel.WEB)
    uid = attach_file(other, text_file(), by=mallory).uid
    assert guest.get(f"{link}/files/{uid}").status_code == 404


def test_signed_in_pages_keep_the_csrf_check(ticket, rita):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(rita)
    response = browser.post(f"/tickets/{ticket.reference}/solve")
    assert response.status_code == 403
    assert "Please send it once more" in words(response)
