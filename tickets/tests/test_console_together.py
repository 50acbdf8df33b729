"""Two agents on one ticket: who is there, what happened meanwhile, and drafts that wait for their writer."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from common import retention
from common.time import now
from tickets import services
from tickets.models import Draft, Presence
from tickets.services import discard_draft, leave_ticket, note_presence, present_besides, save_draft
from tickets.tests.console import answer, do, only_looks, told, url

pytestmark = pytest.mark.django_db


def presence(client, ticket, **fields):
    return client.post(reverse("admin:tickets_ticket_presence", args=[ticket.pk]), fields)


def draft(client, ticket, **fields):
    return client.post(reverse("admin:tickets_ticket_draft", args=[ticket.pk]), fields)


def words(response) -> str:
    return " ".join(response.content.decode().split())


# --- who is there ---


def test_who_else_is_there_is_told_and_forgotten_when_they_leave(client, ticket, agnes, bruno):
    client.force_login(bruno)
    assert words(presence(client, ticket)) == ""
    client.force_login(agnes)
    assert "<strong>Bruno Costa</strong> is viewing this ticket." in words(presence(client, ticket))
    client.force_login(bruno)
    presence(client, ticket, composing="1")
    client.force_login(agnes)
    assert "<strong>Bruno Costa</strong> is writing on this ticket." in words(presence(client, ticket))
    client.force_login(bruno)
    assert presence(client, ticket, leaving="1").status_code == 204
    client.force_login(agnes)
    assert words(presence(client, ticket)) == ""


def test_who_lost_the_connection_is_gone_within_half_a_minute(ticket, agnes, bruno, monkeypatch):
    note_presence(ticket, by=bruno)
    assert [one.person for one in present_besides(ticket, agnes)] == [bruno]
    later = now() + dt.timedelta(seconds=29)
    monkeypatch.setattr("tickets.services.working.now", lambda: later)
    assert present_besides(ticket, agnes) == []
    leave_ticket(ticket, by=bruno)
    leave_ticket(ticket, by=bruno)
    assert not Presence.objects.exists()


def test_what_others_did_since_the_page_was_read_is_told(client, ticket, agnes, bruno, rita):
    client.force_login(agnes)
    seen = client.get(url(ticket)).context["seen"]
    services.add_internal_note(ticket, body="Mine.", by=agnes)
    assert words(presence(client, ticket, seen=seen)) == ""
    services.change_ticket(ticket, by=bruno, priority="P1_CRITICAL")
    said = words(presence(client, ticket, seen=seen))
    assert "Bruno Costa changed the priority, Priority: Normal → Critical." in said
    assert f'href="{url(ticket)}"' in said
    assert words(presence(client, ticket, seen="nonsense")) == ""


@pytest.mark.parametrize("call", [presence, draft])
def test_only_who_works_on_tickets_says_so(client, ticket, agnes, rita, call):
    assert call(client, ticket).status_code == 302
    client.force_login(rita)
    assert call(client, ticket).status_code == 403
    only_looks(agnes)
    client.force_login(agnes)
    assert call(client, ticket).status_code == 403
    assert client.get(reverse("admin:tickets_ticket_presence", args=[ticket.pk])).status_code == 405


# --- what happened meanwhile ---


def test_an_answer_to_what_has_changed_is_not_sent_before_it_was_read(client, ticket, agnes, bruno):
    client.force_login(agnes)
    form = client.get(url(ticket)).context["forms"]["answer"]
    version, seen = form["version"].value(), form["seen"].value()
    services.post_public_reply(ticket, body="Bruno was quicker.", by=bruno)
    token = str(uuid.uuid4())
    refused = answer(client, ticket, token=token, body="Mine.", version=version, seen=seen)
    assert refused.status_code == 412
    assert "Not sent yet" in told(refused)
    assert "Bruno Costa answered" in told(refused)
    again = refused.context["forms"]["answer"]
    assert again["body"].value() == "Mine."
    sent = answer(
        client, ticket, token=token, body="Mine.", version=again["version"].value(), seen=again["seen"].value()
    )
    assert sent.status_code == 302
    assert [message.body for message in ticket.messages.all()][1:] == ["Bruno was quicker.", "Mine."]


def test_a_note_is_added_whatever_happened_meanwhile(client, ticket, agnes, bruno):
    services.change_ticket(ticket, by=bruno, priority="P1_CRITICAL")
    client.force_login(agnes)
    assert answer(client, ticket, deed="note", version=1, seen=0).status_code == 302


# --- drafts ---


def test_a_draft_waits_for_its_writer_and_for_nobody_else(client, ticket, agnes, bruno):
    client.force_login(agnes)
    assert "Draft saved" in words(draft(client, ticket, mode="note", body="Half a thou"))
    draft(client, ticket, mode="note", body="Half a thought")
    assert Draft.objects.get().body == "Half a thought"
    client.logout()
    client.force_login(agnes)
    page = client.get(url(ticket))
    assert page.context["forms"]["answer"]["body"].value() == "Half a thought"
    assert page.context["open_form"] == "note"
    assert "Your draft from" in words(page)
    client.force_login(bruno)
    assert "Half a thought" not in words(client.get(url(ticket)))


def test_a_draft_ends_when_it_is_sent_emptied_or_discarded(client, ticket, agnes):
    client.force_login(agnes)
    token = str(uuid.uuid4())
    draft(client, ticket, body="Hello", token=token)
    answer(client, ticket, body="Hello", token=token)
    draft(client, ticket, body="Hello", token=token)  # was under way while the form was sent
    assert not Draft.objects.exists()
    draft(client, ticket, body="Hello", token="no token")
    assert words(draft(client, ticket, body="  ")) == ""
    assert not Draft.objects.exists()
    save_draft(ticket, by=agnes, kind="PUBLIC_REPLY", body="Hello")
    assert do(client, ticket, "discard_draft").status_code == 302
    discard_draft(ticket, by=agnes)
    assert not Draft.objects.exists()


def test_drafts_and_presence_are_not_kept_for_good(ticket, agnes):
    save_draft(ticket, by=agnes, kind="PUBLIC_REPLY", body="Hello")
    note_presence(ticket, by=agnes)
    purgers = retention.purgers()
    assert purgers["who had which ticket open"](now() + dt.timedelta(days=2)) == 1
    assert purgers["drafts of replies"](now() + dt.timedelta(days=2)) == 0
    assert purgers["drafts of replies"](now() + dt.timedelta(days=91)) == 1
