"""The console's queue, bulk actions, new tickets and settings. The ticket page has its own file."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.models import ProductArea, Team
from tickets import services
from tickets.models import BlockedSender, CustomField, Tag, Ticket, TriageRule
from tickets.vocabulary import Channel, Priority, Status

QUEUE = reverse("admin:tickets_ticket_changelist")
ADD = reverse("admin:tickets_ticket_add")
pytestmark = pytest.mark.django_db


def told(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def open_many(requester, number: int) -> list[Ticket]:
    return [
        services.open_ticket(
            subject=f"Ticket number {n}", description="Help!", requester=requester, by=requester, channel=Channel.WEB
        )
        for n in range(number)
    ]


def shown(response) -> list[Ticket]:
    return list(response.context["cl"].result_list)


# --- who gets in ---


@pytest.mark.parametrize("path", [QUEUE, ADD, reverse("admin:index")])
def test_strangers_are_sent_to_the_portals_sign_in_page(client, path):
    response = client.get(path)
    assert response.status_code == 302
    assert response.url.startswith(f"{reverse('account_login')}?next=")
    assert path in response.url


@pytest.mark.parametrize("path", [QUEUE, ADD, reverse("admin:index"), reverse("admin:login")])
def test_customers_are_turned_away(client, rita, path):
    client.force_login(rita)
    assert client.get(path).status_code == 403


def test_the_consoles_own_sign_in_address_never_leads_elsewhere(client, agnes):
    login = reverse("admin:login")
    assert client.get(login, {"next": QUEUE}).url == f"{reverse('account_login')}?next={QUEUE}"
    assert "evil" not in client.get(login, {"next": "//evil.example/"}).url
    client.force_login(agnes)
    assert client.get(login).url == reverse("admin:index")


# --- queue ---


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


def test_queue_without_a_filter_has_the_open_ones_newest_activity_first(client, agnes, rita):
    old, newer, solved = open_many(rita, 3)
    services.solve_ticket(solved, by=agnes)
    services.add_internal_note(old, body="Back on top.", by=agnes)
    client.force_login(agnes)
    assert shown(client.get(QUEUE)) == [old, newer]
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
        ({"since": "nonsense"}, [theirs, other, wanted]),
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


def test_queue_is_sorted_by_its_headings(client, agnes, rita):
    first, second = open_many(rita, 2)
    services.change_ticket(second, by=agnes, priority="P1_CRITICAL", status=Status.ON_HOLD)
    client.force_login(agnes)
    columns = ["action_checkbox", "ticket", "requester", "status", "priority", "assignee", "updated"]
    for column, found in [("priority", [second, first]), ("status", [first, second]), ("ticket", [first, second])]:
        assert shown(client.get(QUEUE, {"o": columns.index(column)})) == found, column


def test_internal_notes_are_not_shown_to_staff_who_only_look(client, agnes, ticket):
    services.add_internal_note(ticket, body="Only among us.", by=agnes)
    agnes.groups.clear()
    agnes.user_permissions.set(_permissions("view_ticket"))
    client.force_login(agnes)
    page = client.get(QUEUE).content.decode()
    assert ticket.subject in page
    assert "Only among us." not in page
    assert 'name="action"' not in page


def _permissions(*names):
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename__in=names)


# --- bulk ---


def ask(client, action, tickets, **more):
    data = {"action": action, "index": "0", "_selected_action": [ticket.pk for ticket in tickets], **more}
    return client.post(f"{QUEUE}?status=all", data)


@pytest.mark.parametrize(
    ("action", "value", "column", "result"),
    [
        ("assign", "{agnes}", "assignee_id", "{agnes}"),
        ("assign", "nobody", "assignee_id", "None"),
        ("set_status", "PENDING", "status", "PENDING"),
        ("set_priority", "P1_CRITICAL", "priority", "P1_CRITICAL"),
        ("set_team", "{team}", "team_id", "{team}"),
        ("set_team", "none", "team_id", "None"),
    ],
)
def test_bulk_action_asks_first_and_then_changes_each(client, agnes, rita, action, value, column, result):
    names = {"agnes": agnes.pk, "team": agnes.teams.get().pk}
    tickets = open_many(rita, 2)
    client.force_login(agnes)
    question = ask(client, action, tickets)
    assert question.status_code == 200
    assert tickets[0].reference in question.content.decode()
    assert not Ticket.objects.filter(version__gt=1).exists(), "asking changes nothing"
    response = ask(client, action, tickets, confirmed="yes", value=value.format(**names))
    assert response.status_code == 302
    assert {str(getattr(t, column)) for t in Ticket.objects.all()} == {result.format(**names)}


def test_bulk_action_reports_for_each_ticket_what_became_of_it(client, agnes, rita):
    change, already, closed = open_many(rita, 3)
    services.change_ticket(already, by=agnes, status=Status.ON_HOLD)
    services.close_ticket(closed, by=agnes)
    client.force_login(agnes)
    words = told(ask(client, "set_status", [change, already, closed], confirmed="yes", value="ON_HOLD"))
    assert "1 ticket changed." in words
    assert "2 tickets skipped." in words
    assert f"{already.reference}: It is so already." in words
    assert f"{closed.reference}: A ticket that is closed cannot become on hold." in words


def test_bulk_action_tells_of_what_failed_and_goes_on(client, agnes, rita, sofia):
    tickets = open_many(rita, 2)
    sofia.groups.clear()  # still staff, and offered, but works no tickets any more
    client.force_login(agnes)
    words = told(ask(client, "assign", tickets, confirmed="yes", value=sofia.pk))
    assert "2 tickets failed." in words
    assert "does not work on tickets" in words


def test_bulk_action_without_a_choice_asks_again(client, agnes, rita):
    client.force_login(agnes)
    response = ask(client, "assign", open_many(rita, 1), confirmed="yes", value="")
    assert response.status_code == 422
    assert "Choose one." in response.content.decode()


def test_bulk_action_with_a_choice_that_is_gone_is_refused_in_words(client, agnes, rita):
    team = Team.objects.create(name="Short-lived")
    tickets = open_many(rita, 1)
    client.force_login(agnes)
    ask(client, "set_team", tickets)  # the choices are cached now
    Team.objects.filter(pk=team.pk).delete()
    assert "no longer there" in told(ask(client, "set_team", tickets, confirmed="yes", value=team.pk))


def test_bulk_action_is_refused_without_the_right(client, agnes, ticket, rita):
    agnes.groups.clear()
    agnes.user_permissions.set(_permissions("view_ticket"))
    client.force_login(agnes)
    ask(client, "set_priority", [ticket], confirmed="yes", value="P1_CRITICAL")
    client.force_login(rita)
    assert ask(client, "set_priority", [ticket], confirmed="yes", value="P1_CRITICAL").status_code == 403
    client.logout()
    assert ask(client, "set_priority", [ticket], confirmed="yes", value="P1_CRITICAL").status_code == 302
    assert Ticket.objects.get().priority == Priority.P3_NORMAL


def test_reading_the_address_of_an_action_does_nothing(client, agnes, ticket):
    client.force_login(agnes)
    client.get(QUEUE, {"action": "set_priority", "_selected_action": ticket.pk, "confirmed": "yes", "value": "P4_LOW"})
    assert Ticket.objects.get().version == ticket.version


# --- new ticket ---

NEW = {"name": "Nora Ek", "email": "nora@aarlund.example", "subject": "Cannot sign in", "description": "She called us."}


def test_ticket_is_opened_for_a_customer_who_called(client, agnes, aarlund):
    area = ProductArea.objects.create(key="SIGN_IN_TEST", name="Signing in")
    client.force_login(agnes)
    assert client.get(ADD).status_code == 200
    form = NEW | {"priority": "P2_HIGH", "product_area": area.pk, "token": str(uuid.uuid4())}
    first, second = client.post(ADD, form), client.post(ADD, form)
    ticket = Ticket.objects.get()
    assert first.url == second.url == reverse("admin:tickets_ticket_change", args=[ticket.pk])
    assert ticket.requester.email == "nora@aarlund.example"
    assert (ticket.submitter, ticket.organization, ticket.channel) == (agnes, aarlund, Channel.CONSOLE)
    assert (ticket.priority, ticket.product_area) == (Priority.P2_HIGH, area)


def test_new_ticket_says_what_is_wrong_and_keeps_what_was_typed(client, agnes, sofia):
    services.block_sender("aarlund.example", by=sofia)
    client.force_login(agnes)
    refused = client.post(ADD, NEW | {"token": str(uuid.uuid4())})
    assert refused.status_code == 403
    assert "not accepted" in refused.content.decode()
    assert "She called us." in refused.content.decode()
    short = client.post(ADD, NEW | {"subject": "x", "token": str(uuid.uuid4())})
    assert short.status_code == 422
    assert not Ticket.objects.exists()


def test_new_ticket_needs_the_right(client, agnes, rita):
    agnes.groups.clear()
    agnes.user_permissions.set(_permissions("view_ticket"))
    client.force_login(agnes)
    assert client.get(ADD).status_code == 403
    client.force_login(rita)
    assert client.post(ADD, NEW).status_code == 403


# --- settings ---


def test_senders_are_blocked_and_unblocked_by_supervisors_alone(client, agnes, sofia):
    add = reverse("admin:tickets_blockedsender_add")
    client.force_login(agnes)
    assert client.get(add).status_code == 403
    client.force_login(sofia)
    client.post(add, {"pattern": "@Spam.Example", "reason": "adverts"})
    blocked = BlockedSender.objects.get()
    assert (blocked.pattern, blocked.blocked_by) == ("spam.example", sofia)
    wrong = client.post(add, {"pattern": "no address", "reason": ""})
    assert "Enter an address, or a domain" in wrong.content.decode()
    client.get(reverse("admin:tickets_blockedsender_changelist"))
    client.post(reverse("admin:tickets_blockedsender_delete", args=[blocked.pk]), {"post": "yes"})
    assert not BlockedSender.objects.exists()


def test_several_senders_are_unblocked_at_once(client, sofia):
    for domain in ("one.example", "two.example"):
        services.block_sender(domain, by=sofia)
    client.force_login(sofia)
    data = {"action": "delete_selected", "index": 0, "post": "yes"}
    data["_selected_action"] = list(BlockedSender.objects.values_list("pk", flat=True))
    client.post(reverse("admin:tickets_blockedsender_changelist"), data)
    assert not BlockedSender.objects.exists()


FIELD = {"label": "Severity", "key": "how-bad", "help_text": "", "position": 1, "is_active": "on"}


def test_custom_field_is_checked_by_its_kind(client, ada):
    CustomField.objects.all().delete()
    add = reverse("admin:tickets_customfield_add")
    client.force_login(ada)
    for kind, choices, words in [
        ("CHOICE", "", "at least two choices"),
        ("CHOICES", "minor | Minor\nminor | Also minor", "Each value may stand here once"),
        ("TEXT", "a\nb", "has no choices"),
    ]:
        page = client.post(add, FIELD | {"kind": kind, "choices": choices}).content.decode()
        assert words in page
    client.post(add, FIELD | {"kind": "CHOICE", "choices": "minor | Minor | Work goes on\n\nmajor"})
    field = CustomField.objects.get()
    assert field.choices == [["minor", "Minor", "Work goes on"], ["major", "major", ""]]
    change = reverse("admin:tickets_customfield_change", args=[field.pk])
    assert "minor | Minor | Work goes on" in client.get(change).content.decode()
    client.post(change, FIELD | {"kind": "TEXT", "key": "another", "choices": "minor | Small\nmajor | Big"})
    field.refresh_from_db()
    assert (field.kind, field.key, field.choices[0][1]) == ("CHOICE", "how-bad", "Small")


def test_triage_rules_and_tags_are_plain_tables(client, sofia, ada, agnes):
    client.force_login(sofia)
    rule = {
        "name": "Outages",
        "words": "outage\ndata loss",
        "priority": "P1_CRITICAL",
        "position": 1,
        "is_active": "on",
    }
    client.post(reverse("admin:tickets_triagerule_add"), rule)
    assert TriageRule.objects.get(name="Outages").words == ["outage", "data loss"]
    assert "data loss" in client.get(reverse("admin:tickets_triagerule_changelist")).content.decode()
    client.force_login(ada)
    client.post(reverse("admin:tickets_tag_add"), {"name": " Needs  Release "})
    assert Tag.objects.filter(name="needs-release").exists()
    client.force_login(agnes)
    assert client.post(reverse("admin:tickets_tag_add"), {"name": "mine"}).status_code == 403
    assert client.get(reverse("admin:tickets_tag_changelist")).status_code == 200
