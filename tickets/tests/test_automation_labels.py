"""Status labels set by macros and rules: written in the console, shown before, done, taken back, carried as text."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common import journal
from common.actors import SYSTEM
from common.tests.api import client_of
from tickets import services
from tickets.models import AutomationRule, Macro, StatusLabel, Ticket
from tickets.tests.api import url
from tickets.tests.rules import act, leaf, trigger

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor(db):
    return StatusLabel.objects.create(name="With the vendor", status="ON_HOLD")


def macro(*steps):
    return services.create_macro(by=SYSTEM, name="Ask the vendor", actions=list(steps))


def preview(ticket, one, agnes):
    seen = client_of(agnes).get(url(ticket, "macros", str(one.pk), "preview")).json()["changes"]
    return [(step["label"], step["old"], step["new"], step["problem"]) for step in seen]


def fresh(ticket):
    return Ticket.objects.get(pk=ticket.pk)


def test_a_macro_is_written_previewed_applied_and_taken_back(client, ticket, vendor, agnes, sofia):
    client.force_login(sofia)
    step = {"a.n": "1", "a.0.action": "set_status_label", "a.0.was": "label", "a.0.value": str(vendor.pk)}
    facts = {"name": "Ask the vendor", "reply": "", "is_active": "on", "build": "save"}
    assert client.post(reverse("admin:tickets_macro_add"), {**facts, **step}).status_code == 302
    one = Macro.objects.get(name="Ask the vendor")
    assert one.actions == [act("set_status_label", vendor.pk)]
    shown = client.get(reverse("admin:tickets_macro_change", args=[one.pk])).content.decode()
    assert f'<option value="{vendor.pk}" selected>With the vendor (on hold)' in shown

    services.change_ticket(ticket, by=agnes, status="OPEN")
    assert preview(ticket, one, agnes) == [("Status label", "none", "With the vendor (on hold)", "")]
    assert fresh(ticket).label is None
    client_of(agnes).post(url(ticket, "macros", str(one.pk), "apply"), {}, format="json")
    assert (fresh(ticket).status, fresh(ticket).label) == ("ON_HOLD", vendor)
    assert preview(ticket, one, agnes)[0][3] == "It is so already."

    event = journal.timeline(ticket).get(kind="automation.macro_applied")
    undone = services.undo_macro(ticket, event.pk, by=agnes)
    assert (sorted(undone.restored), undone.kept) == (["status", "status label"], [])
    assert (fresh(ticket).status, fresh(ticket).label) == ("OPEN", None)


def test_a_macro_that_takes_a_label_off_gives_it_back(ticket, vendor, agnes):
    services.change_ticket(ticket, by=agnes, label=vendor)
    one = macro(act("set_status", "PENDING"))
    services.apply_macro(one, fresh(ticket), by=agnes)
    event = journal.timeline(ticket).get(kind="automation.macro_applied")
    services.undo_macro(ticket, event.pk, by=agnes)
    assert (fresh(ticket).status, fresh(ticket).label) == ("ON_HOLD", vendor)


def test_a_preview_follows_the_label_and_says_what_is_in_the_way(ticket, vendor, agnes):
    new = StatusLabel.objects.create(name="Just in", status="NEW")
    steps = [act("set_status_label", vendor.pk), act("set_status", "PENDING"), act("set_status_label", "none")]
    one = macro(*steps, act("set_status_label", new.pk))
    assert preview(ticket, one, agnes) == [
        ("Status label", "none", "With the vendor (on hold)", ""),
        ("Status", "On hold", "Pending", ""),
        ("Status label", "none", "none", "It is so already."),
        ("Status label", "none", "", "A ticket that is pending cannot become new."),
    ]
    StatusLabel.objects.filter(pk=vendor.pk).update(is_active=False)
    new.delete()
    problems = [step[3] for step in preview(ticket, one, agnes)]
    assert (problems[0], problems[3]) == ("“With the vendor” is no longer used.", "The status label is gone.")
    assert client_of(agnes).post(url(ticket, "macros", str(one.pk), "apply"), {}, format="json").status_code == 422


def test_a_rule_sets_it_and_travels_by_its_name(client, ticket, vendor, agnes, sofia):
    wanted = leaf("tags", "has_any", ["vendor"])
    rule = trigger("Vendor", ["ticket.fields_changed"], [act("set_status_label", vendor.pk)], wanted)
    services.change_ticket(ticket, by=agnes, tags=["vendor"])
    assert fresh(ticket).label == vendor

    client.force_login(sofia)
    text = client.get(reverse("admin:tickets_rules_export")).content.decode()
    (row,) = (one for one in json.loads(text)["rules"] if one["name"] == "Vendor")
    assert row["actions"] == [act("set_status_label", {"name": "With the vendor"})]
    services.delete_rule(rule, by=sofia)
    load = lambda words: client.post(  # noqa: E731
        reverse("admin:tickets_rules_import"), {"file": SimpleUploadedFile("rules.json", words.encode())}
    )
    refused = load(text.replace("With the vendor", "At sea"))
    assert (refused.status_code, "no status label At sea" in refused.content.decode()) == (422, True)
    assert load(text).status_code == 302
    assert AutomationRule.objects.get(name="Vendor").actions == rule.actions


def test_a_label_that_is_not_there_is_refused_when_a_rule_is_saved(client, sofia, vendor):
    client.force_login(sofia)
    step = {"a.n": "1", "a.0.action": "set_status_label", "a.0.was": "label", "a.0.value": str(vendor.pk + 1)}
    sent = {"name": "x", "kind": "TRIGGER", "event_kinds": ["ticket.opened"], "c.join": "all", "c.n": "0"}
    refused = client.post(reverse("admin:tickets_automationrule_add"), {**sent, **step, "build": "save"})
    assert "There is no such status label." in refused.content.decode()
