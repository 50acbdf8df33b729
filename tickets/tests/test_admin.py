"""Who gets into the console, new tickets, and settings. The ticket page has its own file."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.models import ProductArea
from tickets import services
from tickets.models import BlockedSender, CustomField, Tag, Ticket, TriageRule
from tickets.tests.console import only_looks
from tickets.vocabulary import Channel, Priority

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
    only_looks(agnes)
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
