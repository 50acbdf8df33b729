"""The console's queue: what it shows, in which order, a page at a time, and the views that are kept of it."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse

from accounts.models import ProductArea, Team
from common.models import Event
from common.time import now
from tickets import services
from tickets.console import queue
from tickets.models import SavedView, Ticket
from tickets.tests.console import only_looks, open_many, told
from tickets.tests.levels import at_level
from tickets.vocabulary import Status

QUEUE = reverse("admin:tickets_ticket_changelist")
pytestmark = pytest.mark.django_db


def shown(response) -> list[Ticket]:
    return list(response.context["rows"])


def test_queue_shows_what_a_row_needs(client, agnes, ticket):
    services.post_public_reply(ticket, body="Which **version** is it?", by=agnes)
    client.force_login(agnes)
    page = client.get(QUEUE).content.decode()
    for words in (ticket.subject, ticket.reference, "Which version is it?", "City of Aarlund", "Enterprise", "Nobody"):
        assert words in page
    assert "circle-dot" in page, "an open ticket is told by its glyph as well"


def test_queue_of_fifty_needs_few_queries(client, agnes, rita, bruno, django_assert_max_num_queries):
    for n, ticket in enumerate(open_many(rita, 50)):
        services.change_ticket(ticket, by=agnes, assignee=agnes if n % 2 else bruno, tags=["one", f"tag-{n}"])
        services.add_internal_note(ticket, body="Noted.", by=bruno)
    client.force_login(agnes)
    client.get(QUEUE)  # fills the cache of the side bar's numbers
    with django_assert_max_num_queries(12):
        response = client.get(QUEUE)
    assert len(shown(response)) == 50


def test_queue_without_a_filter_has_the_open_ones(client, agnes, rita):
    old, newer, solved = open_many(rita, 3)
    services.solve_ticket(solved, by=agnes)
    services.add_internal_note(old, body="Back on top.", by=agnes)
    client.force_login(agnes)
    assert set(shown(client.get(QUEUE))) == {old, newer}
    assert len(shown(client.get(QUEUE, {"status": "all"}))) == 3
    assert shown(client.get(QUEUE, {"status": "SOLVED"})) == [solved]


def test_queue_filters(client, agnes, bruno, rita, mallory):
    area = ProductArea.objects.create(key="QUEUE_TEST", name="Queue test")
    wanted, other = open_many(rita, 2)
    services.change_ticket(
        wanted, by=agnes, assignee=agnes, team=agnes.teams.get(), priority="P2_HIGH", product_area=area, tags=["slow"]
    )
    theirs = open_many(mallory, 1)[0]
    client.force_login(agnes)
    for query, found in [
        ({"assignee": "me"}, [wanted]),
        ({"assignee": "nobody"}, [theirs, other]),
        ({"assignee": bruno.pk}, []),
        ({"team": agnes.teams.get().pk}, [wanted]),
        ({"team": "none"}, [theirs, other]),
        ({"priority": "P2_HIGH"}, [wanted]),
        ({"area": area.pk}, [wanted]),
        ({"area": "none"}, [theirs, other]),
        ({"tier": "ENTERPRISE"}, [other, wanted]),
        ({"channel": "EMAIL"}, []),
        ({"tag": " Slow "}, [wanted]),
        ({"requester": mallory.pk}, [theirs]),
        ({"organization": rita.organization_id}, [other, wanted]),
        ({"since": "2020-01-01", "until": "2020-02-01"}, []),
        ({"since": "2020-01-01"}, [theirs, other, wanted]),
        ({"since": "nonsense"}, []),
        ({"status": ["NEW", "SOLVED"]}, [theirs, other]),
        ({"due": "none"}, [theirs]),
        ({"due": "nonsense"}, []),
        ({"quiet": "1"}, []),
        ({"solved": "x"}, []),
        ({"followed": "me"}, []),
        ({"team": "mine"}, [wanted]),
        ({"assignee": "nonsense"}, []),
    ]:
        assert set(shown(client.get(QUEUE, query))) == set(found), query


def test_queue_search_finds_people_and_jumps_to_a_reference(client, agnes, rita, ticket):
    client.force_login(agnes)
    assert shown(client.get(QUEUE, {"q": "lineage"})) == [ticket]
    assert shown(client.get(QUEUE, {"q": "rita@"})) == [ticket]
    assert shown(client.get(QUEUE, {"q": str(ticket.pk)})) == [ticket]
    assert client.get(QUEUE, {"q": ticket.reference.lower()}).url.endswith(f"/{ticket.pk}/change/")
    assert shown(client.get(QUEUE, {"q": "ODG-999999"})) == []


def test_the_most_urgent_ticket_comes_first_and_other_orders_are_a_link_away(client, agnes, rita):
    later, sooner, nothing = open_many(rita, 3)
    services.change_ticket(nothing, by=agnes, priority="P1_CRITICAL")
    soon = now() + dt.timedelta(hours=1)
    Ticket.objects.all().update(next_due_at=None)
    services.set_next_due(later.pk, soon + dt.timedelta(days=2))
    services.set_next_due(sooner.pk, soon)
    client.force_login(agnes)
    assert shown(client.get(QUEUE)) == [sooner, later, nothing]
    assert "Next 4 hours" in client.get(QUEUE).content.decode()
    assert shown(client.get(QUEUE, {"sort": "priority"})) == [nothing, sooner, later]
    assert shown(client.get(QUEUE, {"sort": "oldest"})) == [later, sooner, nothing]
    assert shown(client.get(QUEUE, {"sort": "nonsense"})) == [sooner, later, nothing]
    assert shown(client.get(QUEUE, {"status": "all"})) == [nothing, sooner, later], "the newest, as many are over"


def test_internal_notes_are_not_shown_to_staff_who_only_look(client, agnes, ticket):
    services.add_internal_note(ticket, body="Only among us.", by=agnes)
    only_looks(agnes)
    client.force_login(agnes)
    page = client.get(QUEUE).content.decode()
    assert ticket.subject in page
    assert "Only among us." not in page
    assert 'name="action"' not in page


# --- pages ---


@pytest.fixture
def pages_of_two(monkeypatch):
    monkeypatch.setattr(queue, "ROWS", 2)


@pytest.mark.parametrize("sort", ["urgency", "priority", "updated", "quiet", "newest", "oldest"])
def test_pages_forward_and_back_show_every_ticket_once(client, agnes, rita, pages_of_two, sort):
    tickets = open_many(rita, 5)
    Ticket.objects.all().update(next_due_at=None)
    for n, ticket in enumerate(tickets[:3]):
        services.set_next_due(ticket.pk, now() + dt.timedelta(hours=n // 2))
    client.force_login(agnes)
    there, back = [], []
    response = client.get(QUEUE, {"sort": sort})
    while True:
        there.append(shown(response))
        if not response.context["pages"]["next"]:
            break
        response = client.get(f"{QUEUE}{response.context['pages']['next']}")
    assert [len(page) for page in there] == [2, 2, 1]
    assert {ticket.pk for page in there for ticket in page} == {ticket.pk for ticket in tickets}
    while response.context["pages"]["previous"]:
        response = client.get(f"{QUEUE}{response.context['pages']['previous']}")
        back.insert(0, shown(response))
    assert back == there[:-1]


def test_a_cursor_of_another_order_or_of_nobody_begins_anew(client, agnes, rita, pages_of_two):
    open_many(rita, 3)
    client.force_login(agnes)
    following = client.get(QUEUE).context["pages"]["next"]
    assert len(shown(client.get(f"{QUEUE}{following}&sort=oldest"))) == 2
    assert len(shown(client.get(QUEUE, {"from": "nonsense"}))) == 2


def test_many_are_counted_roughly(client, agnes, rita, monkeypatch):
    monkeypatch.setattr(queue, "COUNTED_MOST", 2)
    monkeypatch.setattr(queue, "ROWS", 2)  # what stands on one page is counted by having been read
    open_many(rita, 2)
    client.force_login(agnes)
    assert client.get(QUEUE).context["pages"]["count"] == "2"
    open_many(rita, 1)
    assert client.get(QUEUE).context["pages"]["count"] in {"more than 2", "about 2"}


# --- views ---


def keep(client, query="", **fields):
    return client.post(f"{QUEUE}?{query}", {"view_deed": "save", "name": "Urgent ones", "circle": "me", **fields})


def test_everybody_finds_the_usual_views_with_their_counts(client, agnes, rita, django_assert_max_num_queries):
    mine, theirs = open_many(rita, 2)
    services.change_ticket(mine, by=agnes, assignee=agnes, team=agnes.teams.get())
    services.mark_as_spam(theirs, by=agnes)
    client.force_login(agnes)
    items = client.get(QUEUE).context["sidebar_navigation"][0]["items"]
    counts = {item["title"]: item.get("badge") for item in items}
    assert counts == {
        **{"All open": None, "Unassigned": 0, "Mine": 1, "My team": 1, "Breaching soon": 0},
        **{"Waiting for customer": 0, "Recently solved": 0, "Spam": 1, "All tickets": None},
    }
    spam = next(item for item in items if item["title"] == "Spam")
    response = client.get(spam["link"])
    assert shown(response) == [theirs]
    assert next(i for i in response.context["sidebar_navigation"][0]["items"] if i["active"])["title"] == "Spam"


def test_what_is_shown_is_kept_as_a_view_and_found_in_the_side_bar(client, agnes, rita, bruno):
    urgent, _ = open_many(rita, 2)
    services.change_ticket(urgent, by=agnes, priority="P1_CRITICAL")
    client.force_login(agnes)
    client.get(QUEUE)  # the side bar is cached from here on
    response = keep(client, "priority=P1_CRITICAL&sort=oldest&column=tags&column=status", name="  Urgent   ones ")
    view = SavedView.objects.get(owner=agnes)
    assert (view.name, view.filters, view.sort) == ("Urgent ones", {"priority": ["P1_CRITICAL"]}, "oldest")
    assert view.columns == ["status", "tags"]
    page = client.get(response.url)
    assert shown(page) == [urgent]
    assert page.context["asked"].columns == ("status", "tags")
    assert "Urgent ones" in [item["title"] for item in page.context["sidebar_navigation"][0]["items"]]
    client.force_login(bruno)
    assert len(shown(client.get(response.url))) == 2, "somebody else's view is none: all open ones are shown"


def test_a_filter_in_the_address_stands_in_the_place_of_the_views(client, agnes, rita):
    view = services.save_view(by=agnes, name="High", filters={"priority": ["P2_HIGH"], "assignee": ["nobody"]})
    high, normal = open_many(rita, 2)
    services.change_ticket(high, by=agnes, priority="P2_HIGH")
    client.force_login(agnes)
    assert shown(client.get(QUEUE, {"view": view.pk})) == [high]
    assert shown(client.get(QUEUE, {"view": view.pk, "priority": "P3_NORMAL"})) == [normal]
    page = client.get(QUEUE, {"view": view.pk, "priority": ""})
    assert set(shown(page)) == {high, normal}
    (chip,) = page.context["chips"]
    assert (chip["label"], chip["words"]) == ("Assignee", "Nobody")
    client.post(f"{QUEUE}?view={view.pk}&priority=", {"view_deed": "update"})
    view.refresh_from_db()
    assert view.filters == {"assignee": ["nobody"]}


def test_views_are_shared_with_a_team_or_with_everybody_by_right(client, agnes, bruno, sofia):
    client.force_login(agnes)
    team = agnes.teams.get()
    keep(client, "assignee=nobody", circle=f"team-{team.pk}")
    assert "You cannot change a view of everybody" in told(keep(client, circle="all"))
    assert "You cannot change a view of a team" in told(keep(client, circle=f"team-{bruno.teams.get().pk}"))
    assert "no longer there" in told(keep(client, circle="team-99999"))
    view = SavedView.objects.get(team=team)
    assert view not in SavedView.objects.visible_to(bruno)
    client.force_login(bruno)
    client.post(f"{QUEUE}?view={view.pk}", {"view_deed": "delete"})
    assert SavedView.objects.filter(pk=view.pk).exists()
    client.force_login(sofia)
    keep(client, circle="all", name="For all")
    assert SavedView.objects.filter(owner=None, team=None, name="For all").exists()
    client.force_login(agnes)
    client.post(f"{QUEUE}?view={view.pk}", {"view_deed": "rename", "name": "Ours"})
    assert SavedView.objects.get(pk=view.pk).name == "Ours"
    client.post(f"{QUEUE}?view={view.pk}", {"view_deed": "delete"})
    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_a_view_needs_a_name_of_its_own(client, agnes):
    client.force_login(agnes)
    assert "Give the view a name" in told(keep(client, name="  "))
    keep(client)
    assert "already" in told(keep(client, name="URGENT ones"))


def test_who_only_looks_keeps_no_view(client, agnes):
    only_looks(agnes)
    client.force_login(agnes)
    assert keep(client).status_code == 403


def test_a_row_tells_the_time_left(client, agnes, rita):
    (ticket,) = open_many(rita, 1)
    client.force_login(agnes)
    (row,) = shown(client.get(QUEUE))
    assert (row.time_left["look"], row.time_left["name"]) == ("fine", "First response")
    services.post_public_reply(ticket, body="Done?", by=agnes)
    services.change_ticket(ticket, by=agnes, status=Status.PENDING)
    (row,) = shown(client.get(QUEUE))
    assert (row.time_left["words"], row.time_left["name"]) == ("Paused", "Customer’s turn")


def test_what_is_shown_is_taken_away_as_a_file_and_that_is_told(client, agnes, rita, django_assert_max_num_queries):
    several = open_many(rita, 8)
    services.change_ticket(several[0], by=agnes, subject="=1+1", tags=["slow", "upgrade"], assignee=agnes)
    client.force_login(agnes)
    assert "as=csv" in client.get(QUEUE).content.decode()
    with django_assert_max_num_queries(10):
        file = client.get(QUEUE, {"sort": "newest", "q": "ticket number", "as": "csv"})
    assert file["Content-Disposition"] == 'attachment; filename="tickets.csv"'
    rows = list(csv.DictReader(io.StringIO(file.content.decode())))
    assert [row["ticket_id"] for row in rows] == [one.reference for one in reversed(several[1:])]
    (mine,) = csv.DictReader(io.StringIO(client.get(QUEUE, {"assignee": "me", "as": "csv"}).content.decode()))
    assert (mine["subject"], mine["tags"], mine["assignee"]) == ("'=1+1", "slow, upgrade", agnes.email)
    taken = Event.objects.filter(kind="tickets.exported", subject_id=agnes.pk).order_by("pk")
    assert [(one.data["count"], one.data["filters"], one.data["words"]) for one in taken] == [
        (7, {}, "ticket number"),
        (1, {"assignee": ["me"]}, ""),
    ]


def test_an_export_is_told_of_whom_it_was(agnes):
    services.note_export(by=agnes, count=3, filters={"status": ["NEW"]}, words="lineage")
    (event,) = Event.objects.filter(kind="tickets.exported")
    assert (event.actor_id, event.data["count"], event.data["words"]) == (agnes.pk, 3, "lineage")


@pytest.mark.django_db(transaction=True)
def test_a_file_is_handed_out_outside_of_a_tests_transaction(client, agnes, rita):
    open_many(rita, 1)
    client.force_login(agnes)
    assert client.get(QUEUE, {"as": "csv"}).status_code == 200
    assert Event.objects.filter(kind="tickets.exported").count() == 1


def test_nobody_takes_away_what_they_may_not_see(client, agnes, rita):
    hers, others = open_many(rita, 2)
    services.change_ticket(hers, by=agnes, assignee=agnes)
    services.change_ticket(others, by=agnes, team=Team.objects.create(name="Elsewhere"))
    client.force_login(at_level(agnes, "own"))
    (row,) = csv.DictReader(io.StringIO(client.get(QUEUE, {"as": "csv"}).content.decode()))
    assert row["ticket_id"] == hers.reference
    client.force_login(rita)
    assert client.get(QUEUE, {"as": "csv"}).status_code == 403


def test_what_comes_or_changes_while_one_reads_is_told(client, agnes, rita, django_assert_max_num_queries):
    first, other = open_many(rita, 2)
    client.force_login(agnes)
    address = client.get(QUEUE, {"assignee": "me"}).context["news_url"]
    assert client.get(QUEUE + address).status_code == 204
    services.change_ticket(other, by=agnes, priority="P2_HIGH")
    assert client.get(QUEUE + address).status_code == 204, "it is not in this queue"
    services.change_ticket(first, by=agnes, assignee=agnes)
    with django_assert_max_num_queries(6):
        told_of = client.get(QUEUE + address).content.decode()
    assert "1 ticket changed here." in told_of
    assert 'href="?assignee=me"' in told_of


@pytest.mark.parametrize("since", ["", "yesterday", "0001-01-01T00:00:00+23:00", "2026-13-01"])
def test_news_since_no_instant_are_not_there(client, agnes, since):
    client.force_login(agnes)
    assert client.get(QUEUE, {"as": "news", "read_at": since}).status_code == 404
