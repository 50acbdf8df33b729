"""Saving a ticket's properties in the console, also when somebody else did meanwhile."""

from __future__ import annotations

import pytest

from accounts.models import ProductArea
from tickets import services
from tickets.models import CustomField, Ticket
from tickets.tests.console import properties, told, url

pytestmark = pytest.mark.django_db


def test_properties_are_saved_by_what_was_changed(client, agnes, bruno, ticket):
    area = ProductArea.objects.create(key="PAGE_TEST", name="Page test")
    client.force_login(agnes)
    chosen = {
        **{"status": "OPEN", "priority": "P1_CRITICAL", "assignee": bruno.pk, "team": bruno.teams.get().pk},
        **{"product_area": area.pk, "environment": "STAGING", "product_version": "1.8", "tags": "slow, Lineage graph"},
        "subject": "Lineage is empty",
    }
    response = client.post(url(ticket), properties(client, ticket, **chosen))
    assert response.status_code == 302
    now = Ticket.objects.get()
    assert (now.status, now.priority, now.assignee, now.team) == ("OPEN", "P1_CRITICAL", bruno, bruno.teams.get())
    assert (now.product_area, now.environment, now.product_version) == (area, "STAGING", "1.8")
    assert sorted(tag.name for tag in now.tags.all()) == ["lineage-graph", "slow"]
    assert now.subject == "Lineage is empty"
    client.post(url(ticket), properties(client, ticket, assignee="", team="", product_area=""))
    now.refresh_from_db()
    assert (now.assignee, now.team, now.product_area) == (None, None, None)


def test_custom_fields_are_saved_as_their_kinds(client, agnes, ticket):
    CustomField.objects.all().delete()
    kinds = ["TEXT", "NUMBER", "BOOLEAN", "DATE", "CHOICE", "CHOICES"]
    for kind in kinds:
        choices = [["a", "A", ""], ["b", "B", ""]] if kind.startswith("CHOICE") else []
        CustomField.objects.create(key=kind.lower(), label=kind, kind=kind, choices=choices)
    client.force_login(agnes)
    typed = {"text": "yes", "number": "0", "boolean": "no", "date": "2026-02-08", "choice": "b", "choices": ["a", "b"]}
    sent = {f"custom-{key}": value for key, value in typed.items()}
    assert client.post(url(ticket), properties(client, ticket, **sent)).status_code == 302
    stored = {"text": "yes", "number": 0, "boolean": False, "date": "2026-02-08", "choice": "b", "choices": ["a", "b"]}
    assert Ticket.objects.get().custom_fields == stored
    version = Ticket.objects.get().version
    assert told(client.post(url(ticket), properties(client, ticket))) == "Nothing was changed."
    assert Ticket.objects.get().version == version
    emptied = {f"custom-{key}": [] if key == "choices" else "" for key in typed}
    client.post(url(ticket), properties(client, ticket, **emptied))
    assert Ticket.objects.get().custom_fields == {}


def test_stale_save_tells_what_changed_and_loses_nothing_on_either_side(client, agnes, bruno, ticket):
    client.force_login(agnes)
    data = properties(client, ticket, product_version="1.8.2", tags="mine")
    services.change_ticket(ticket, by=bruno, priority="P1_CRITICAL", environment="PRODUCTION")
    response = client.post(url(ticket), data)
    assert response.status_code == 412
    words = told(response)
    assert "Bruno Costa changed the priority" in words
    assert "Normal → Critical" in words
    assert Ticket.objects.get().product_version == ""
    form = response.context["forms"]["properties"]
    assert form["product_version"].value() == "1.8.2"
    assert form["priority"].value() == "P1_CRITICAL"
    again = {"deed": "properties"}
    for bound in form:
        again[bound.name] = bound.value() if bound.value() is not None else ""
        if bound.field.show_hidden_initial:
            again[f"initial-{bound.name}"] = form.data.getlist(bound.html_initial_name)
    assert client.post(url(ticket), again).status_code == 302
    now = Ticket.objects.get()
    assert (now.product_version, now.priority, now.environment) == ("1.8.2", "P1_CRITICAL", "PRODUCTION")
    assert [tag.name for tag in now.tags.all()] == ["mine"]


def test_refused_properties_say_why_at_their_field(client, agnes, sofia, ticket):
    client.force_login(agnes)
    response = client.post(url(ticket), properties(client, ticket, subject="x", priority="P4_LOW"))
    assert response.status_code == 422
    assert response.context["forms"]["properties"]["priority"].value() == "P4_LOW"
    sofia.groups.clear()
    refused = client.post(url(ticket), properties(client, ticket, assignee=sofia.pk))
    assert refused.status_code == 422
    assert "does not work on tickets" in refused.context["forms"]["properties"].errors["assignee"][0]
    services.close_ticket(ticket, by=agnes)
    final = client.post(url(ticket), properties(client, ticket, status="OPEN"))
    assert final.status_code == 409
    assert "cannot become open" in told(final)


def test_a_choice_that_is_gone_is_refused_in_words(client, agnes, ticket):
    area = ProductArea.objects.create(key="GONE_TEST", name="Soon gone")
    client.force_login(agnes)
    data = properties(client, ticket, product_area=area.pk)
    ProductArea.objects.filter(pk=area.pk).delete()
    response = client.post(url(ticket), data)
    assert response.status_code == 422
    assert "no longer there" in told(response)
