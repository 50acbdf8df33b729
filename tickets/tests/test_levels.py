"""Access by level: all tickets, all to see, one's own, or only to look at one's own. Each way in, at each level."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Role, Team
from common.errors import NotAllowed, NotFound
from common.tests.api import client_of
from integrations.email import addresses
from integrations.email.incoming.tests.corpus import mail
from integrations.email.incoming.tests.receiving import receive
from tickets import services
from tickets.access import may_see, may_work
from tickets.assignment.candidates import candidates_for
from tickets.console.marginalia import linked
from tickets.models import Macro, Ticket
from tickets.similar import similar_to
from tickets.tests.api import url as api_url
from tickets.tests.console import answer, do, open_many, panel_url, told, url
from tickets.tests.levels import LEVELS, at_level
from tickets.vocabulary import LinkKind, Status

QUEUE = reverse("admin:tickets_ticket_changelist")
pytestmark = pytest.mark.django_db

# The ticket of another team, and of one's own: what each way in answers at each level.
OTHERS = {
    "page": {"all": 200, "sees all": 200, "own": 404, "light": 404},
    "file": {"all": 200, "sees all": 200, "own": 404, "light": 404},
    "answer": {"all": 302, "sees all": 403, "own": 404, "light": 404},
    "note": {"all": 302, "sees all": 403, "own": 404, "light": 404},
    "take": {"all": 302, "sees all": 403, "own": 404, "light": 404},
    "presence": {"all": 200, "sees all": 403, "own": 404, "light": 403},
    "api get": {"all": 200, "sees all": 200, "own": 404, "light": 404},
    "api patch": {"all": 200, "sees all": 403, "own": 404, "light": 404},
    "api version": {"all": 200, "sees all": 403, "own": 404, "light": 404},
    "api comment": {"all": 201, "sees all": 403, "own": 404, "light": 404},
    "api solve": {"all": 200, "sees all": 403, "own": 404, "light": 404},
    "api assign": {"all": 200, "sees all": 403, "own": 404, "light": 404},
}
OWN = {
    way: {"all": done, "sees all": done, "own": done, "light": done if way in ("page", "file", "api get") else 403}
    for way, done in ((way, answers["all"]) for way, answers in OTHERS.items())
}


@pytest.fixture
def world(rita, agnes, bruno):
    """Bruno, of the team Beta; a ticket of Alpha with a file, one of Beta, and one of no team."""
    others, own, free = open_many(rita, 3)
    for ticket, team in ((others, "Alpha"), (own, "Beta")):
        services.change_ticket(ticket, by=agnes, team=Team.objects.get(name=team))
    for ticket in (others, own):
        services.attach_file(ticket, SimpleUploadedFile("a.txt", b"plain words"), by=rita)
    return {name: Ticket.objects.get(pk=one.pk) for name, one in (("others", others), ("own", own), ("free", free))}


def ways(client, api, ticket):
    """Return each way to `ticket` by its name, as a call that gives the status of its answer."""
    file = reverse("admin:tickets_attachment_file", args=[ticket.attachments.get().uid])
    there = reverse("admin:tickets_ticket_presence", args=[ticket.pk])
    page = {"version": ticket.version}
    return {
        "page": lambda: client.get(url(ticket)),
        "file": lambda: read_through(client.get(file)),
        "answer": lambda: answer(client, ticket, **page),
        "note": lambda: answer(client, ticket, "note", **page),
        "take": lambda: do(client, ticket, "take"),
        "presence": lambda: client.post(there),
        "api get": lambda: api.get(api_url(ticket)),
        "api patch": lambda: api.patch(api_url(ticket), {"priority": "P1"}, format="json"),
        "api version": lambda: api.patch(api_url(ticket), {"product_version": "9"}, format="json"),
        "api comment": lambda: api.post(api_url(ticket, "comments"), {"body": "Hello."}, format="json"),
        "api assign": lambda: api.post(api_url(ticket, "assign"), {}, format="json"),
        "api solve": lambda: api.post(api_url(ticket, "solve"), format="json"),
    }


def read_through(response):
    if response.streaming:
        assert b"".join(response.streaming_content) == b"plain words"
    return response


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("whose", "table"), [("others", OTHERS), ("own", OWN)])
def test_every_way_in_answers_by_level(client, world, bruno, level, whose, table):
    bruno, ticket = at_level(bruno, level), world[whose]
    client.force_login(bruno)
    api = client_of(bruno)
    answers = {name: call().status_code for name, call in ways(client, api, ticket).items()}
    assert answers == {name: row[level] for name, row in table.items()}
    if table[next(iter(table))][level] == 404 or level == "light":
        assert Ticket.objects.get(pk=ticket.pk).version == ticket.version, "nothing was changed"


@pytest.mark.parametrize(
    ("level", "seen", "worked"),
    [
        ("all", {"others", "own", "free"}, {"others", "own", "free"}),
        ("sees all", {"others", "own", "free"}, {"own", "free"}),
        ("own", {"own", "free"}, {"own", "free"}),
        ("light", {"own", "free"}, set()),
    ],
)
def test_queue_counts_list_and_bulk_keep_to_the_level(client, world, bruno, level, seen, worked):
    bruno = at_level(bruno, level)
    client.force_login(bruno)
    page = client.get(QUEUE)
    assert {row.pk for row in page.context["rows"]} == {world[name].pk for name in seen}
    api = client_of(bruno)
    assert len(api.get("/api/v1/tickets").json()["results"]) == len(seen)
    data = {"action": "set_priority", "ticket": [one.pk for one in world.values()], "confirmed": "yes"}
    response = client.post(QUEUE, {**data, "value": "P1_CRITICAL"})
    raised = Ticket.objects.filter(priority="P1_CRITICAL")
    assert {one.pk for one in raised} == {world[name].pk for name in worked}
    if level == "sees all":
        assert "belongs to the team Alpha" in told(response)
    assert {name for name, one in world.items() if may_see(bruno, one)} == seen
    assert {name for name, one in world.items() if may_work(bruno, one)} == worked


def test_counts_of_the_side_bar_are_each_persons_own(client, world, bruno, agnes):
    everything, alphas = [], []
    for person, counts in ((at_level(bruno, "own"), alphas), (agnes, everything)):
        client.force_login(person)
        client.get(QUEUE)
        counts += [entry.count for entry in client.get(QUEUE).wsgi_request.console_shared[f"console:views:{person.pk}"]]
    assert max(everything) == 3 and max(alphas) == 2


def test_what_is_given_to_somebody_is_theirs_whatever_its_team(world, bruno, agnes):
    services.change_ticket(world["others"], by=agnes, assignee=bruno)
    bruno = at_level(bruno, "own")
    assert may_work(bruno, Ticket.objects.get(pk=world["others"].pk))
    assert may_see(bruno, world["others"])


def test_a_follower_sees_and_does_not_work(world, bruno, agnes):
    services.add_follower(world["others"], bruno, by=agnes)
    bruno = at_level(bruno, "own")
    assert may_see(bruno, world["others"])
    with pytest.raises(NotAllowed, match="team Alpha"):
        services.post_public_reply(world["others"], body="Hello.", by=bruno)


def test_an_agent_asks_for_help_like_everybody(bruno, agnes):
    ticket = open_many(bruno, 1)[0]
    services.change_ticket(ticket, by=agnes, team=agnes.teams.get())
    api = client_of(at_level(bruno, "own"))
    assert api.post(api_url(ticket, "comments"), {"body": "One more thing."}, format="json").status_code == 201
    assert api.patch(api_url(ticket), {"product_version": "3"}, format="json").status_code == 200
    assert api.patch(api_url(ticket), {"priority": "P1"}, format="json").status_code == 403
    assert ticket.messages.filter(kind="CUSTOMER_MESSAGE").count() == 2


def test_giving_a_ticket_away_is_finished_and_leads_back_to_the_queue(client, world, bruno, agnes):
    alpha = agnes.teams.get()
    steps = [{"action": "set_team", "value": alpha.pk}, {"action": "set_status", "value": "PENDING"}]
    macro = Macro.objects.create(name="To Alpha", actions=steps, reply="Alpha looks at it.")
    bruno, ticket = at_level(bruno, "own"), world["own"]
    services.apply_macro(macro, ticket, by=bruno)
    ticket.refresh_from_db()
    assert (ticket.team, ticket.status) == (alpha, Status.PENDING)
    with pytest.raises(NotFound):
        services.change_ticket(ticket, by=bruno, status=Status.OPEN)
    client.force_login(bruno)
    response = client.post(f"{QUEUE}{world['free'].pk}/change/", {"deed": "solve"})
    assert response.url == url(world["free"])


def test_what_stands_beside_a_ticket_keeps_to_the_level(client, world, bruno, agnes):
    services.link_tickets(world["own"], kind=LinkKind.RELATED, other=world["others"], by=agnes)
    bruno = at_level(bruno, "own")
    assert linked(world["own"], bruno) == [] and len(linked(world["own"], agnes)) == 1
    assert world["others"].pk not in {one.ticket.pk for one in similar_to(world["own"], bruno)}
    client.force_login(bruno)
    assert client.get(panel_url(world["others"], "sla")).status_code == 404


def test_a_rule_chooses_nobody_who_could_not_work_the_ticket(world, bruno, agnes):
    at_level(bruno, "own")
    assert {one.id for one in candidates_for(world["others"], at=world["others"].created_at)} == {agnes.pk}


@pytest.mark.parametrize(("level", "state"), [("all", "PROCESSED"), ("sees all", "HELD")])
def test_an_answer_by_mail_of_who_may_only_look_waits(world, bruno, level, state):
    bruno, ticket = at_level(bruno, level), world["others"]
    to = addresses.reply_address(ticket.pk, bruno.pk)
    row = receive(mail("It works now.", sender=bruno.email, to=to, subject=f"Re: {ticket.subject}"))
    assert row.state == state, row.outcome


def test_the_rights_reach_whoever_worked_before():
    """What an older portal had: a role and a person with the two older rights."""
    older = Permission.objects.filter(codename__in=["view_ticket", "work_ticket"], content_type__app_label="tickets")
    role = Group.objects.create(name="night shift")
    role.permissions.set(older)
    importlib.import_module("tickets.migrations.0018_levels_of_access").add(apps, None)
    names = set(role.permissions.values_list("codename", flat=True))
    assert names == {"view_ticket", "work_ticket", "see_every_ticket", "work_every_ticket"}


def test_the_page_of_a_role_says_in_words_how_far_it_reaches(client, ada):
    role = Group.objects.get(name=Role.AGENT)
    client.force_login(ada)
    page = reverse("admin:auth_group_change", args=[role.pk])
    assert "Sees every ticket. Works every ticket." in client.get(page).content.decode()
    role.permissions.remove(Permission.objects.get(codename="work_every_ticket"))
    assert "Sees every ticket. Works those of their own teams" in client.get(page).content.decode()


def test_asking_costs_the_same_however_many_teams(world, bruno, django_assert_max_num_queries):
    bruno = at_level(bruno, "own")
    list(Ticket.objects.visible_to(bruno))
    bruno.teams.add(*[Team.objects.create(name=f"Team {number}") for number in range(5)])
    with django_assert_max_num_queries(1):
        list(Ticket.objects.visible_to(bruno))
