"""The console's frame: side bar, search, first page and content policy."""

from __future__ import annotations

import pytest
from django.urls import reverse

from knowledgebase.models import Category
from knowledgebase.services import create_article
from tickets import services

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")


def side_bar(client) -> dict[str, list[str]]:
    groups = client.get(INDEX).context["sidebar_navigation"]
    return {group["title"]: [item["title"] for item in group["items"]] for group in groups}


def test_side_bar_has_what_the_person_may_open(client, agnes, sofia, ada):
    client.force_login(agnes)
    shown = side_bar(client)
    assert shown["Tickets"] == [
        *("All open", "Unassigned", "Mine", "My team", "Breaching soon", "Waiting for customer", "Recently solved"),
        *("Spam", "All tickets"),
    ]
    assert shown["People"] == ["Organizations", "People", "Teams", "Skills", "Product areas", "Out of office"]
    assert shown["Settings"] == ["Custom fields", "Macros", "Saved replies", "Tags"]
    assert shown["Operations"] == [
        *("Integrations", "Incoming", "Mailbox addresses", "Deliveries", "Addresses held back", "Journal"),
    ]
    client.force_login(sofia)
    assert "Blocked senders" in side_bar(client)["Settings"]
    client.force_login(ada)
    assert "Roles" in side_bar(client)["People"]


def test_staff_without_a_role_are_told_so(client, agnes):
    agnes.groups.clear()
    client.force_login(agnes)
    assert "Ask an administrator" in client.get(INDEX).content.decode()


def test_every_entry_of_the_side_bar_opens(client, ada, ticket):
    client.force_login(ada)
    for group in client.get(INDEX).context["sidebar_navigation"]:
        for item in group["items"]:
            assert client.get(item["link"]).status_code == 200, item["title"]


def test_side_bar_counts_and_marks_the_view_at_hand(client, agnes, ticket):
    services.change_ticket(ticket, by=agnes, assignee=agnes)
    client.force_login(agnes)
    queue = reverse("admin:tickets_ticket_changelist")
    mine = next(item for item in client.get(queue).context["sidebar_navigation"][0]["items"] if item["title"] == "Mine")
    assert mine["badge"] == 1
    items = client.get(mine["link"]).context["sidebar_navigation"][0]["items"]
    assert [item["title"] for item in items if item["active"]] == ["Mine"]
    items = client.get(queue, {"priority": "P4_LOW"}).context["sidebar_navigation"][0]["items"]
    assert [item["title"] for item in items if item["active"]] == [], "a look of one's own is no view"


def test_search_finds_what_the_person_may_see(client, agnes, sofia, aarlund, ticket):
    category = Category.objects.create(slug="a", name="A")
    create_article(title="Lineage for beginners", body="x", category=category, by=sofia)
    client.force_login(agnes)
    found = client.get(reverse("admin:search"), {"s": "lineage", "extended": "1"}).content.decode()
    assert ticket.reference in found
    assert "Lineage for beginners" not in found, "a draft is for those who write"
    assert "City of Aarlund" in client.get(reverse("admin:search"), {"s": "aarlund", "extended": "1"}).content.decode()


def test_only_the_console_has_the_relaxed_content_policy(client, agnes):
    client.force_login(agnes)
    policy = client.get(INDEX)["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "unsafe" not in client.get(reverse("account_login"))["Content-Security-Policy"]
