"""What the console's ticket page shows."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common.errors import PortalError
from tickets import services
from tickets.console.conversation import said_on
from tickets.console.timeline import line
from tickets.models import Message, Ticket
from tickets.slots import PANELS, Panel
from tickets.tests.console import LOG, do, only_looks, other_ticket, panel_url, told, url
from tickets.vocabulary import Channel, LinkKind, MessageKind

pytestmark = pytest.mark.django_db


def test_page_shows_the_conversation_in_order_and_tells_the_kinds_apart(client, agnes, rita, ticket):
    services.change_ticket(ticket, by=agnes, priority="P2_HIGH", assignee=agnes)
    services.add_internal_note(ticket, body="Same as last week.", by=agnes)
    services.post_public_reply(ticket, body="Which <b>version</b>?", by=agnes)
    client.force_login(agnes)
    page = client.get(url(ticket)).content.decode()
    order = [
        "Since the upgrade every lineage graph",
        "3 changes by Agnes Moreau",
        "Same as last week.",
        "Which &lt;b&gt;",
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert 'class="message note"' in page
    assert 'class="message staff"' in page
    assert "Send to Rita" in page
    assert "Add internal note" in page
    assert "Normal</s> → <b>High" in page, "the timeline tells old and new values"


def test_page_of_fifty_messages_needs_few_queries(client, agnes, rita, otto, ticket, django_assert_max_num_queries):
    services.add_follower(ticket, otto, by=agnes)
    services.tracking_token(ticket, rita)
    services.link_tickets(ticket, kind=LinkKind.RELATED, other=other_ticket(rita), by=agnes)
    services.change_ticket(ticket, by=agnes, tags=["slow", "upgrade"], assignee=agnes)
    for n in range(49):
        files = [SimpleUploadedFile("a.log", LOG)] if n % 10 == 0 else []
        services.post_customer_message(ticket, body=f"Message {n}", by=rita, channel=Channel.WEB, files=files)
    client.force_login(agnes)
    client.get(url(ticket))  # fills the cache of the side bar and the choices
    with django_assert_max_num_queries(15):
        page = client.get(url(ticket)).content.decode()
    assert page.count("<article") == 50
    for words in ("Otto Brandt", "Secret link of Rita Lindqvist", "Another matter", "slow, upgrade", "a.log"):
        assert words in page


def test_links_are_told_from_both_sides(client, agnes, rita, ticket):
    other = other_ticket(rita)
    services.link_tickets(ticket, kind=LinkKind.DUPLICATE_OF, other=other, by=agnes)
    client.force_login(agnes)
    assert "A duplicate of" in client.get(url(ticket)).content.decode()
    assert "Has the duplicate" in client.get(url(other)).content.decode()


def test_staff_who_only_look_see_neither_notes_nor_buttons(client, agnes, ticket):
    services.add_internal_note(ticket, body="Only among us.", by=agnes)
    only_looks(agnes)
    client.force_login(agnes)
    page = client.get(url(ticket)).content.decode()
    assert "Since the upgrade" in page
    assert "Only among us." not in page
    assert 'name="deed"' not in page


def test_there_is_no_page_for_what_is_no_ticket(client, agnes):
    client.force_login(agnes)
    for number in ("999999", "abc", "9" * 30):
        assert client.get(reverse("admin:tickets_ticket_change", args=[number])).status_code == 404


def test_history_is_the_timeline(client, agnes, ticket):
    client.force_login(agnes)
    assert client.get(reverse("admin:tickets_ticket_history", args=[ticket.pk])).url == f"{url(ticket)}#timeline"


def test_tickets_cannot_be_deleted(client, ada, ticket):
    client.force_login(ada)
    assert client.post(reverse("admin:tickets_ticket_delete", args=[ticket.pk]), {"post": "yes"}).status_code == 403
    assert Ticket.objects.exists()


def panel_of(client, ticket, key, **headers):
    return client.get(panel_url(ticket, key), headers=headers)


def test_other_rooms_show_their_panels_to_who_may_see_them(client, agnes, ticket, monkeypatch):
    def dead(_ticket, _reader):
        raise ConnectionError("The other system does not answer.")

    for key, permission, read in (
        ("shown", "tickets.view_ticket", lambda ticket, reader: {"rows": []}),
        ("empty", "tickets.view_ticket", lambda ticket, reader: None),
        ("hidden", "tickets.delete_ticket", lambda ticket, reader: {}),
        ("dead", "tickets.view_ticket", dead),
    ):
        panel = Panel(key, f"The {key} panel", permission, "console/ticket/deliveries.html", read)
        monkeypatch.setitem(PANELS, key, panel)
    client.force_login(agnes)
    page = client.get(url(ticket)).content.decode()
    assert "The dead panel" in page, "which did not hold up the page"
    assert "The hidden panel" not in page
    assert "Nothing was sent yet." in panel_of(client, ticket, "shown", hx_request="true").content.decode()
    assert "<title>" in panel_of(client, ticket, "shown").content.decode(), "a page of its own without scripts"
    assert panel_of(client, ticket, "empty", hx_request="true").status_code == 204
    assert "There is nothing to show." in panel_of(client, ticket, "empty").content.decode()
    assert panel_of(client, ticket, "hidden").status_code == 403
    assert panel_of(client, ticket, "unknown").status_code == 404
    client.raise_request_exception = False
    assert panel_of(client, ticket, "dead", hx_request="true").status_code == 500


def test_files_are_handed_to_who_may_read_their_message(client, agnes, rita, ticket):
    services.add_internal_note(ticket, body="The log.", by=agnes, files=[SimpleUploadedFile("our.log", LOG)])
    file = reverse("admin:tickets_attachment_file", args=[ticket.attachments.get().uid])
    assert client.get(file).status_code == 302
    client.force_login(agnes)
    response = client.get(file)
    assert b"".join(response.streaming_content) == LOG
    assert response["Content-Disposition"] == 'attachment; filename="our.log"'
    ticket.attachments.get().file.delete(save=False)
    assert client.get(file).status_code == 404
    assert client.get(reverse("admin:tickets_attachment_file", args=[uuid.uuid4()])).status_code == 404
    client.force_login(rita)
    assert client.get(file).status_code == 403
    only_looks(agnes)
    client.force_login(agnes)
    assert client.get(file).status_code == 404


def test_every_event_of_a_tickets_life_is_told_in_words(agnes, bruno, rita, otto, ticket):
    from common import journal

    services.change_ticket(ticket, by=agnes, assignee=bruno)
    services.change_ticket(ticket, by=agnes, team=bruno.teams.get(), tags=["slow"], environment="STAGING")
    services.attach_file(ticket, SimpleUploadedFile("a.log", LOG), by=agnes)
    services.add_follower(ticket, otto, by=agnes)
    lines = {event.kind: line(event) for event in journal.timeline(ticket)}
    assert "assigned the ticket, Team: nobody → Bruno Costa" not in lines["ticket.assigned"].sentence
    assert lines["ticket.assigned"].changes[0].field == "Assignee"
    assert lines["ticket.team_changed"].changes[0].field == "Team"
    assert "Environment: nothing → Staging" in lines["ticket.fields_changed"].sentence
    assert "Tags: nothing → slow" in lines["ticket.fields_changed"].sentence
    assert lines["attachment.added"].tail == "a.log"
    assert lines["ticket.follower_added"].actor == "Agnes Moreau"


def test_what_a_service_refuses_is_a_message_and_never_a_failure(client, agnes, ticket, monkeypatch):
    def refuse(*args, **kwargs):
        raise PortalError("Not today.")

    monkeypatch.setattr(services, "solve_ticket", refuse)
    client.force_login(agnes)
    client.raise_request_exception = False
    response = do(client, ticket, "solve")
    assert "Not today." in told(response)


def test_a_long_conversation_opens_folded(client, ticket, agnes, rita, django_assert_max_num_queries):
    for n in range(80):
        say = {"kind": MessageKind.CUSTOMER_MESSAGE, "author": rita, "channel": "WEB", "body": f"No {n}."}
        ticket.messages.create(**say, body_html=f"<p>Number {n}.</p>")
    client.force_login(agnes)
    client.get(url(ticket))
    with django_assert_max_num_queries(15):
        page = client.get(url(ticket)).content.decode()
    assert "Show 21 earlier messages" in page
    assert ("Number 20." in page, "Number 21." in page, "Number 79." in page) == (False, True, True)
    whole = client.get(f"{url(ticket)}?all=1").content.decode()
    assert "earlier messages" not in whole
    assert whole.count('<article class="message') == 81


@pytest.mark.parametrize(("count", "hidden"), [(1, 0), (60, 0), (61, 1), (200, 140)])
def test_the_first_and_the_newest_are_shown(ticket, agnes, rita, count, hidden):
    one = {"ticket": ticket, "kind": MessageKind.CUSTOMER_MESSAGE, "author": rita, "channel": "WEB"}
    Message.objects.bulk_create([Message(**one, body=str(n)) for n in range(1, count)])
    numbers = list(ticket.messages.values_list("pk", flat=True))
    said, unshown = said_on(ticket, agnes, is_all=False)
    assert unshown == hidden
    assert [message.pk for message in said] == [numbers[0], *numbers[hidden + 1 :]]
    assert len(said_on(ticket, agnes, is_all=True)[0]) == count
