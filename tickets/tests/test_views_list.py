"""My tickets: order, tabs, filters, pages, and their cost."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import ProductArea
from tickets.services import add_follower, change_ticket, open_ticket, solve_ticket
from tickets.tests.pages import words
from tickets.views.listing import PER_PAGE
from tickets.vocabulary import Channel, Status

LIST = "/tickets"
QUERIES_MOST = 12
pytestmark = pytest.mark.django_db


def file(person, subject="A question", **fields):
    return open_ticket(subject=subject, description="x", requester=person, by=person, channel=Channel.WEB, **fields)


def subjects(response) -> list[str]:
    return re.findall(r'<li><a href="/tickets/ODG-\d+">([^<]+)</a>', words(response))


@pytest.fixture
def page(client, rita):
    client.force_login(rita)
    return client


def test_list_is_for_whoever_is_signed_in(client):
    assert client.get(LIST)["Location"] == "/accounts/login/?next=/tickets"


def test_what_waits_for_the_customer_comes_first(page, rita, agnes):
    waiting = file(rita, "Waits for me")
    change_ticket(waiting, by=agnes, status=Status.PENDING)
    file(rita, "Newer")
    solve_ticket(file(rita, "Done"), by=agnes)
    response = page.get(LIST)
    assert subjects(response) == ["Waits for me", "Newer"]
    text = words(response)
    assert [label.strip() for label in re.findall(r"(Open, \d|Waiting for you, \d|Solved, \d|All, \d)", text)] == [
        "Open, 2",
        "Waiting for you, 1",
        "Solved, 1",
        "All, 3",
    ]
    assert "Waiting for your answer" in text
    assert subjects(page.get(LIST, {"show": "waiting"})) == ["Waits for me"]
    assert subjects(page.get(LIST, {"show": "solved"})) == ["Done"]
    assert subjects(page.get(LIST, {"show": "all"}))[0] == "Waits for me"
    assert len(subjects(page.get(LIST, {"show": "nonsense"}))) == 2


def test_list_holds_what_is_theirs_to_see(client, rita, otto, mallory, agnes):
    own, strange = file(rita, "Of Rita"), file(mallory, "Of Mallory")
    client.force_login(mallory)
    assert subjects(client.get(LIST)) == ["Of Mallory"]
    add_follower(own, mallory, by=agnes)
    assert set(subjects(client.get(LIST))) == {"Of Mallory", "Of Rita"}
    client.force_login(otto)
    assert subjects(client.get(LIST)) == ["Of Rita"]
    assert "asked by Rita Lindqvist" in words(client.get(LIST))
    client.force_login(agnes)
    assert subjects(client.get(LIST)) == []
    add_follower(strange, agnes, by=agnes)
    assert subjects(client.get(LIST)) == ["Of Mallory"]


def test_search_and_filters_narrow_list_and_counts(client, rita, otto):
    area = ProductArea.objects.get(key="LINEAGE")
    one = file(rita, "Graph is empty", product_area=area)
    file(otto, "Invoice is wrong")
    client.force_login(otto)
    assert subjects(client.get(LIST, {"q": "graph"})) == ["Graph is empty"]
    assert subjects(client.get(LIST, {"q": one.reference.lower()})) == ["Graph is empty"]
    assert subjects(client.get(LIST, {"area": "LINEAGE"})) == ["Graph is empty"]
    assert subjects(client.get(LIST, {"person": otto.pk})) == ["Invoice is wrong"]
    assert "Open, 1" in words(client.get(LIST, {"q": "graph"}))
    assert "No ticket matches" in words(client.get(LIST, {"q": "zebra"}))


@pytest.mark.parametrize(
    "query",
    [{"q": "\x00"}, {"area": "\x00"}, {"person": "x"}, {"person": "9" * 30}, {"at": "forged"}, {"area": "NONE"}],
)
def test_odd_addresses_are_no_failure(page, query):
    assert page.get(LIST, query).status_code == 200


def test_members_are_not_shown_their_colleagues(page, rita, otto):
    file(otto)
    assert "Asked by" not in words(page.get(LIST))


def test_pages_hold_every_ticket_once_both_ways(page, rita, agnes):
    made = [file(rita, f"Question {n:02}") for n in range(2 * PER_PAGE + 5)]
    for ticket in made[::7]:
        change_ticket(ticket, by=agnes, status=Status.PENDING)
    seen, address, back = [], LIST, []
    while address:
        response = page.get(address)
        seen.append(subjects(response))
        back.append(_way(response, "prev"))
        address = _way(response, "next")
    assert [len(rows) for rows in seen] == [PER_PAGE, PER_PAGE, 5]
    flat = [subject for rows in seen for subject in rows]
    assert len(set(flat)) == len(made)
    assert subjects(page.get(back[2])) == seen[1]
    assert subjects(page.get(back[1])) == seen[0]
    assert back[0] == ""
    assert _way(page.get(back[1]), "prev") == ""


def test_empty_list_says_what_to_do(page):
    assert "You have no open tickets" in words(page.get(LIST))
    assert "Nothing is waiting for you" in words(page.get(LIST, {"show": "waiting"}))
    assert "Nothing solved yet" in words(page.get(LIST, {"show": "solved"}))


def test_queries_do_not_grow_with_the_list(client, otto, rita):
    def n_queries(show: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST, {"show": show}).status_code == 200
        return len(queries)

    client.force_login(otto)
    areas = list(ProductArea.objects.all())
    file(rita, product_area=areas[0])
    few = n_queries("all")
    for n in range(50):
        file(rita if n % 2 else otto, f"Number {n}", product_area=areas[n % len(areas)], tags=["a", f"t{n}"])
    assert n_queries("all") <= min(few, QUERIES_MOST)


def _way(response, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', words(response))
    return found[1].replace("&amp;", "&") if found else ""
