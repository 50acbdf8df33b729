"""Saved replies, articles and names that are offered while a message is written, and those whom a note calls."""

from __future__ import annotations

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from integrations.models import Delivery
from tickets.console.typing_aid import link_to
from tickets.mentions import mentioned
from tickets.models import Ticket
from tickets.services import add_follower, add_internal_note, create_saved_reply, post_public_reply
from tickets.services.mentions import tell_mentioned
from tickets.tests.console import only_looks, open_many, panel_url, url
from tickets.tests.helping import published

pytestmark = pytest.mark.django_db


def offered(client, ticket, kind, words):
    return client.get(reverse("admin:tickets_ticket_insert", args=[ticket.pk]), {"kind": kind, "q": words})


def test_saved_replies_are_found_and_filled(client, ticket, agnes, sofia, django_assert_max_num_queries):
    body = "Hello {{ requester.first_name }}, this is {{ agent.first_name }}."
    create_saved_reply(by=sofia, title="A quick greeting", keyword="zzhello", body=body)
    client.force_login(agnes)
    for words in ("quick gree", "zzhel"):
        (one,) = offered(client, ticket, "reply", words).json()["results"]
        assert one == {"label": "A quick greeting", "detail": "zzhello", "text": "Hello Rita, this is Agnes."}
    with django_assert_max_num_queries(8):
        assert offered(client, ticket, "reply", "nothing like it").json() == {"results": []}


def test_articles_the_customer_may_read_are_offered(client, ticket, agnes, settings):
    published("Rotate a token")
    published("Rotate a token by hand", audience="STAFF")
    client.force_login(agnes)
    (one,) = offered(client, ticket, "article", "rotate").json()["results"]
    assert one["text"] == f"[Rotate a token]({settings.SITE_URL}/help/rotate-a-token)"
    assert offered(client, ticket, "article", "").json() == {"results": []}


def test_colleagues_are_offered_and_customers_are_not(client, ticket, agnes, bruno, rita):
    client.force_login(agnes)
    assert [one["text"] for one in offered(client, ticket, "person", "bru").json()["results"]] == ["@Bruno Costa "]
    assert offered(client, ticket, "person", "Rita").json() == {"results": []}
    assert offered(client, ticket, "nonsense", "x").json() == {"results": []}


def test_nothing_is_offered_to_who_answers_nobody(client, ticket, agnes, rita):
    client.force_login(rita)
    assert offered(client, ticket, "person", "b").status_code == 403
    only_looks(agnes)
    client.force_login(agnes)
    assert offered(client, ticket, "person", "b").status_code == 403


def test_who_is_called_follows_and_is_mailed(ticket, agnes, bruno):
    add_internal_note(ticket, body="@Bruno Costa same lock as yesterday.", by=agnes)
    assert [follower.person for follower in ticket.followers.all()] == [bruno]
    (mail,) = Delivery.objects.filter(template="rule_notice")
    assert mail.recipient == bruno
    assert "Agnes" in mail.event.data["text"]


@pytest.mark.parametrize("body", ["Write to bruno@costa.example.", "No at all.", "@Agnes Moreau is me.", "@No One"])
def test_who_is_not_called_is_not_told(ticket, agnes, bruno, body):
    note = add_internal_note(ticket, body=body, by=agnes)
    assert tell_mentioned(note, by=agnes, at=note.created_at) == []
    assert not Delivery.objects.filter(template="rule_notice").exists()
    assert not Ticket.objects.get(pk=ticket.pk).followers.exists()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@Ann Lee and @ann", [2, 1]),
        ("(@ANN LEE)", [2]),
        ("@Ann Leeward", [1]),
        ("@Ann\nLee", [2]),
        ("x@Ann", []),
        ("@@Ann", []),
        ("@Annabel", []),
        ("@Jo", [3, 4]),
        ("@Ann @Ann", [1]),
    ],
)
def test_the_longest_name_counts(text, found):
    assert mentioned(text, [(1, "Ann"), (2, "Ann Lee"), (3, "Jo"), (4, "jo"), (5, "")]) == found


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(1, 9), st.text(max_size=8)), max_size=6))
def test_any_text_calls_only_known_people(text, people):
    found = mentioned(text, people)
    assert set(found) <= {pk for pk, _ in people}
    assert len(found) == len(set(found))


def test_a_title_cannot_break_its_link(settings):
    settings.SITE_URL = "https://support.example"
    assert link_to("Use [x] & `y`", "use-x") == "[Use \\[x\\] & \\`y\\`](https://support.example/help/use-x)"


# --- beside the message: to whom it goes, how it will look, what may answer it ---


def test_a_preview_is_what_the_reader_will_see(client, ticket, agnes, rita):
    page = reverse("admin:tickets_ticket_preview", args=[ticket.pk])
    client.force_login(agnes)
    shown = client.post(page, {"body": "# Big\n\n**bold** <script>alert(1)</script>"}).content.decode()
    assert "<h3>Big</h3>" in shown
    assert "<strong>bold</strong>" in shown
    assert "<script" not in shown
    assert client.get(page).status_code == 405
    client.force_login(rita)
    assert client.post(page, {"body": "x"}).status_code == 403


def test_the_composer_says_to_whom_a_reply_goes(client, ticket, agnes, otto):
    client.force_login(agnes)
    assert "Send to Rita<" in client.get(url(ticket)).content.decode()
    add_follower(ticket, otto, by=agnes)
    page = client.get(url(ticket)).content.decode()
    assert f"Send to Rita and {otto.name}<" in page
    assert f"{otto.name} joined since the last message and has read nothing" in page
    post_public_reply(ticket, body="Hello both.", by=agnes)
    assert "joined since the last message" not in client.get(url(ticket)).content.decode()


def panel(client, ticket, key):
    return client.get(panel_url(ticket, key), headers={"hx-request": "true"})


def test_earlier_tickets_and_articles_stand_beside(client, ticket, agnes, rita, django_assert_max_num_queries):
    client.force_login(agnes)
    assert panel(client, ticket, "earlier").status_code == 204
    assert panel(client, ticket, "articles").status_code == 204
    others = open_many(rita, 6)
    published(ticket.subject)
    with django_assert_max_num_queries(12):
        shown = panel(client, ticket, "earlier").content.decode()
    assert [other.reference in shown for other in others] == [False, *[True] * 5]
    assert f'data-put="[{ticket.subject}](' in panel(client, ticket, "articles").content.decode()
