"""The way through a queue: next and previous, what comes after an answer, who has which open, and the keys."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.services import go_away
from tickets.console.keys import letters_for
from tickets.models import Habits, Ticket
from tickets.services import (
    change_ticket,
    create_macro,
    note_presence,
    post_public_reply,
    present_elsewhere,
    present_on,
    set_habits,
)
from tickets.tests.console import do, only_looks, open_many, told, url
from tickets.tests.rules import act
from tickets.wordsearch import words_query

pytestmark = pytest.mark.django_db
QUEUE = "/admin/tickets/ticket/"


@pytest.fixture
def several(rita):
    """Five open tickets; with ?sort=oldest they stand in this order."""
    return open_many(rita, 5)


def rows(client, query):
    return {row.pk: row.address for row in client.get(QUEUE + query).context["rows"]}


def beside(client, address, way):
    path, query = address.split("?")
    return client.get(f"{path.replace('change', 'beside')}?way={way}&{query}")


def number(response):
    return int(response.url.removeprefix(QUEUE).split("/")[0])


def test_next_and_previous_follow_the_queue(client, agnes, several):
    client.force_login(agnes)
    addresses = rows(client, "?sort=oldest")
    first, second, third, *_, last = several
    onward = beside(client, addresses[second.pk], "next")
    assert number(onward) == third.pk
    assert number(beside(client, addresses[second.pk], "previous")) == first.pk
    assert number(beside(client, onward.url, "next")) == several[3].pk
    end = beside(client, addresses[last.pk], "next")
    assert end.url == f"{QUEUE}?sort=oldest"
    assert [str(one) for one in get_messages(end.wsgi_request)] == ["That was the last ticket here."]


def test_the_next_one_stays_the_next_when_an_answer_moves_the_ticket(client, agnes, several):
    client.force_login(agnes)
    addresses = rows(client, "?sort=updated")  # the newest activity first
    order = list(addresses)
    post_public_reply(Ticket.objects.get(pk=order[2]), body="Now it is on top.", by=agnes)
    assert number(beside(client, addresses[order[2]], "next")) == order[3]


@pytest.mark.parametrize("at", ["", "nonsense", "eyJhIjoxfQ:1a:b"])
def test_a_broken_cursor_begins_where_the_ticket_stands(client, agnes, several, at):
    client.force_login(agnes)
    found = client.get(f"{QUEUE}{several[1].pk}/beside/?way=next&queue=sort%3Doldest&at={at}")
    assert number(found) == several[2].pk


@pytest.mark.parametrize(("then", "to"), [("STAY", 0), ("NEXT", 1), ("QUEUE", None)])
def test_after_solving_it_goes_on_as_chosen(client, agnes, several, then, to):
    client.force_login(agnes)
    address = rows(client, "?sort=oldest")[several[0].pk]
    kept = client.post(reverse("admin:tickets_habits"), {"then": then, "back": address})
    assert kept.url == address
    gone = client.post(address, {"deed": "solve"})
    assert Ticket.objects.get(pk=several[0].pk).status == "SOLVED"
    assert (gone.url == f"{QUEUE}?sort=oldest") if to is None else (number(gone) == several[to].pk)


def test_the_next_ticket_is_one_that_nobody_has_open(client, agnes, bruno, several):
    set_habits(by=agnes, then="NEXT")
    note_presence(several[1], by=bruno)
    assert [row["ticket"] for row in present_elsewhere(agnes)] == [several[1].pk]
    client.force_login(agnes)
    gone = client.post(rows(client, "?sort=oldest")[several[0].pk], {"deed": "solve"})
    assert number(gone) == several[2].pk


def test_a_macro_goes_on_too(client, agnes, sofia, several):
    set_habits(by=agnes, then="NEXT")
    macro = create_macro(by=sofia, name="Urgent", actions=[act("set_priority", "P2_HIGH")])
    client.force_login(agnes)
    query = rows(client, "?sort=oldest")[several[0].pk].split("?")[1]
    page = reverse("admin:tickets_macro_use", args=[several[0].reference])
    done = client.post(f"{page}?macro={macro.pk}&{query}", {"version": several[0].version, "reply": ""})
    assert number(done) == several[1].pk


def test_who_has_a_ticket_open_is_told_in_its_row(client, agnes, bruno, several):
    note_presence(several[0], by=bruno, is_composing=True)
    assert {pk: [one.person for one in found] for pk, found in present_on(several, agnes).items()} == {
        several[0].pk: [bruno]
    }
    client.force_login(agnes)
    assert f"{bruno} is writing" in client.get(QUEUE).content.decode()
    client.force_login(bruno)
    assert f"{bruno} is writing" not in client.get(QUEUE).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("priority", "P1_CRITICAL", "Priority: Critical."),
        ("status", "PENDING", "Status: Pending."),
        ("assignee", "me", "Assignee: Agnes"),
        ("assignee", "", "Assignee: nobody."),
        ("team", "", "Team: nobody."),
    ],
)
def test_one_thing_is_set_from_the_head(client, agnes, ticket, field, value, words):
    client.force_login(agnes)
    done = do(client, ticket, "set", field=field, value=str(agnes.pk) if value == "me" else value)
    assert done.status_code == 302
    assert told(done).startswith(words)


def test_who_is_away_is_marked_where_one_chooses(client, agnes, bruno, ticket):
    go_away(bruno, by=bruno)
    client.force_login(agnes)
    assert client.get(url(ticket)).content.decode().count(f"{bruno}, away") == 2  # in the head, and beside


@pytest.mark.parametrize(
    ("field", "value"),
    [("priority", "P9"), ("status", "NEW"), ("assignee", "999999"), ("assignee", "x"), ("subject", "Other"), ("", "")],
)
def test_what_cannot_be_set_is_refused(client, agnes, ticket, field, value):
    change_ticket(ticket, by=agnes, status="OPEN")
    before = Ticket.objects.values().get(pk=ticket.pk)
    client.force_login(agnes)
    assert do(client, ticket, "set", field=field, value=value).status_code in (302, 409, 422)
    after = Ticket.objects.values().get(pk=ticket.pk)
    assert {name for name in after if after[name] != before[name]} <= {"assignee_id", "version", "updated_at"}


def test_habits_are_ones_own_and_checked(client, agnes, rita, ticket):
    page = reverse("admin:tickets_habits")
    client.force_login(agnes)
    assert client.post(page, {"then": "SLEEP", "back": "https://elsewhere.example/"}).url == "/admin/"
    assert not Habits.objects.filter(person=agnes).exists()
    client.post(page, {"uses_keys": "off"})
    assert (Habits.objects.get(person=agnes).uses_keys, Habits.objects.get(person=agnes).then) == (False, "STAY")
    assert 'data-keys="off"' in client.get(url(ticket)).content.decode()
    client.force_login(rita)
    assert client.post(page, {"then": "NEXT"}).status_code == 403


@given(st.lists(st.text(max_size=12), max_size=40))
def test_letters_are_given_once(names):
    given_out = [letter for letter in letters_for(names) if letter]
    assert len(given_out) == len(set(given_out)) == min(len(names), 24)
    assert not {"h", "a"} & set(given_out)


# --- finding by words ---


def test_messages_are_searched_and_notes_only_by_the_team(client, agnes, rita, several):
    post_public_reply(several[0], body="Restart the *zookeeper* ensemble.", by=agnes)
    client.force_login(agnes)
    do(client, several[1], "note", token="6f1f7a54-6d6c-4c39-9d1f-0c3f57d5d6a1", body="The zookeeper again.")
    assert set(rows(client, "?q=zookeeper")) == {several[0].pk, several[1].pk}
    assert set(rows(client, "?q=zookeep&sort=newest")) == {several[0].pk, several[1].pk}
    assert not rows(client, "?q=zookeeper quorum")
    theirs = Ticket.objects.visible_to(rita).matching("zookeeper", is_staff=False)
    assert list(theirs) == [several[0]]
    only_looks(agnes)
    client.force_login(agnes)
    assert set(rows(client, "?q=zookeeper")) == {several[0].pk}, "who reads no notes finds none"


@pytest.mark.parametrize("text", ["'", "''", "\\", "a' | 'b", "!", "& |", ":*", "%_", "é:*", "<->", "x\\'"])
def test_any_text_is_a_safe_question(text, several):
    list(Ticket.objects.matching(text, is_staff=True))


def test_words_without_letters_ask_for_nothing():
    assert words_query("-- !! '") == ""
    assert words_query("it's 5") == "'it''s':* & '5':*"
