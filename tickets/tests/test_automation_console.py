"""Rules and macros in the console: put together by buttons, tried without effect, saved by the services."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from common.models import Event
from tickets import services
from tickets.automation.sharing import exported
from tickets.models import AutomationRule, Macro, RuleRun, SavedReply
from tickets.tests.console import other_ticket
from tickets.tests.rules import act, leaf, trigger


@pytest.fixture
def page(client, sofia):
    client.force_login(sofia)
    return reverse("admin:tickets_automationrule_add")


def sent(**more):
    """Return the form of a rule with a nested group, as a browser would send it."""
    return {
        "name": "Night watch",
        "kind": "TRIGGER",
        "event_kinds": ["ticket.opened"],
        "is_active": "on",
        "c.join": "all",
        "c.n": "2",
        "c.0.field": "priority",
        "c.0.op": "any_of",
        "c.0.value": ["P1_CRITICAL", "P3_NORMAL"],
        "c.1.join": "any",
        "c.1.n": "2",
        "c.1.0.field": "subject",
        "c.1.0.op": "contains",
        "c.1.0.value": "graph, data loss",
        "c.1.1.field": "since_opened",
        "c.1.1.op": "longer_than",
        "c.1.1.value": "1.5",
        "a.n": "2",
        "a.0.action": "add_tags",
        "a.0.was": "words",
        "a.0.value": "night, watch",
        "a.1.action": "set_custom_field",
        "a.1.was": "custom",
        "a.1.key": "severity",
        "a.1.value": "major",
        "build": "save",
        **more,
    }


def test_a_rule_is_saved_from_rows_and_shown_again(client, page, sofia):
    assert client.get(page).status_code == 200
    assert client.post(page, sent()).status_code == 302
    rule = AutomationRule.objects.get(name="Night watch")
    assert rule.conditions == {
        "all": [
            leaf("priority", "any_of", ["P1_CRITICAL", "P3_NORMAL"]),
            {"any": [leaf("subject", "contains", ["graph", "data loss"]), leaf("since_opened", "longer_than", 1.5)]},
        ]
    }
    assert rule.actions == [
        act("add_tags", ["night", "watch"]),
        act("set_custom_field", {"key": "severity", "value": "major"}),
    ]
    assert rule.changed_by == sofia
    shown = client.get(reverse("admin:tickets_automationrule_change", args=[rule.pk])).content.decode()
    assert 'value="graph, data loss"' in shown and 'value="night, watch"' in shown


def test_buttons_add_and_drop_rows_and_lose_nothing(client, page):
    shown = client.post(page, sent(build="add:c.1")).context
    assert [part.path for part in shown["group"].walk()] == ["c", "c.0", "c.1", "c.1.0", "c.1.1", "c.1.2"]
    shown = client.post(page, sent(build="drop:c.0")).context
    assert [part.path for part in shown["group"].walk()] == ["c", "c.0", "c.0.0", "c.0.1"]
    assert shown["form"]["name"].value() == "Night watch"
    assert not shown["form"].errors
    steps = client.post(page, sent(build="up-step:1")).context["steps"]
    assert [(step.n, step.action) for step in steps] == [(0, "set_custom_field"), (1, "add_tags")]
    assert len(client.post(page, sent(build="step")).context["steps"]) == 3
    assert not AutomationRule.objects.filter(name="Night watch").exists()


def test_what_is_wrong_is_said_at_its_row(client, page):
    response = client.post(page, sent(**{"c.1.1.value": "soon", "name": "Night watch"}))
    assert response.status_code == 422
    assert response.context["group"].at("c.1.1").error == "Give hours, as a number."
    response = client.post(page, sent(**{"a.1.value": "odd"}))
    assert response.context["steps"][1].error
    assert "name" in client.post(page, sent(name="automatic closing")).context["form"].errors


def test_the_preview_counts_and_shows_matching_tickets(client, page, ticket, django_assert_max_num_queries):
    client.get(page)  # fills the cache of what can be chosen
    with django_assert_max_num_queries(8):
        found = client.post(page, sent(build="preview", name="")).context["matches"]
    assert (found.count, found.tickets, found.is_more) == (1, [ticket], False)
    assert client.post(page, sent(build="preview", **{"c.0.value": "P4_LOW"})).context["matches"].count == 0


def test_a_dry_run_tells_each_condition_and_changes_nothing(client, page, ticket):
    before = (Event.objects.count(), RuleRun.objects.count(), ticket.version)
    response = client.post(page, sent(build="try", ticket=ticket.reference))
    asked = response.context["verdicts"]
    assert asked[1][1:] == ("Priority is one of Critical, Normal", "Normal", True)
    assert [holds for *_, holds in asked] == [True, True, True, True, False]
    assert [(step.label, step.old, step.new) for step in response.context["trial"].steps] == [
        ("Tags", "none", "night, watch"),
        ("How much does it hold you up?", "empty", "major"),
    ]
    ticket.refresh_from_db()
    assert (Event.objects.count(), RuleRun.objects.count(), ticket.version) == before
    assert "There is no ticket ODG-1" in client.post(page, sent(build="try", ticket="ODG-1")).content.decode()


@pytest.mark.parametrize(("who", "status"), [("agnes", 403), ("rita", 403), ("ada", 200)])
def test_rules_are_the_supervisors(client, request, who, status):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("admin:tickets_automationrule_add")).status_code == status
    assert client.get(reverse("admin:tickets_rules_export")).status_code == status


def test_order_and_switch_are_set_in_the_list(client, sofia):
    client.force_login(sofia)
    url = reverse("admin:tickets_automationrule_changelist")
    rows = list(AutomationRule.objects.all())
    data = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2, "_save": "Save"}
    for n, row in enumerate(rows):
        data |= {f"form-{n}-id": row.pk, f"form-{n}-position": 50 - n}
    assert client.post(url, data).status_code == 302
    assert [(row.key, row.is_active) for row in AutomationRule.objects.all()] == [
        ("auto-close", False),
        ("auto-close-reminder", False),
    ]
    assert Event.objects.filter(kind="automation.rule_changed").count() == 2


def test_rules_travel_as_text_by_name(client, sofia, agnes, tmp_path, capsys):
    client.force_login(sofia)
    steps = [act("set_team", agnes.teams.get().pk), act("notify", {"to": {"person": agnes.pk}, "text": "Look."})]
    rule = trigger("Travel", ["ticket.opened"], steps, leaf("assignee", "person_is", agnes.pk))
    text = client.get(reverse("admin:tickets_rules_export")).content.decode()
    row = next(one for one in json.loads(text)["rules"] if one["name"] == "Travel")
    assert row["conditions"]["all"][0]["value"] == {"email": agnes.email}
    assert row["actions"][0]["value"] == {"name": "Alpha"}
    services.delete_rule(rule, by=sofia)
    file = tmp_path / "rules.json"
    file.write_text(text, encoding="utf-8")
    call_command("import_rules", file)
    assert capsys.readouterr().out == "1 made, 0 changed.\n"
    again = AutomationRule.objects.get(name="Travel")
    assert (again.conditions, again.actions) == (rule.conditions, rule.actions)
    call_command("export_rules")
    assert json.loads(capsys.readouterr().out) == json.loads(text)


def test_a_bad_file_is_refused_whole_and_says_where(client, sofia, tmp_path):
    client.force_login(sofia)
    text = exported(AutomationRule.objects.all()).replace('"CLOSED"', '"GONE"')
    url = reverse("admin:tickets_rules_import")
    for content, words in ((text, "rules[1].actions[0].value"), ("{", "no JSON"), ("[]", "format")):
        response = client.post(url, {"file": SimpleUploadedFile("rules.json", content.encode())})
        assert response.status_code == 422
        assert words in response.content.decode()
    file = tmp_path / "rules.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=r"rules\[1\]"):
        call_command("import_rules", file)


def test_macros_and_saved_replies_are_written_in_the_console(client, sofia):
    client.force_login(sofia)
    facts = {"name": "Ask twice", "reply": "Hello {{ requester.first_name }}.", "is_active": "on", "build": "save"}
    steps = {"a.n": "1", "a.0.action": "set_assignee", "a.0.was": "assignee", "a.0.value": "current_user"}
    assert client.post(reverse("admin:tickets_macro_add"), {**facts, **steps}).status_code == 302
    macro = Macro.objects.get(name="Ask twice")
    assert macro.actions == [act("set_assignee", "current_user")]
    shown = client.get(reverse("admin:tickets_macro_change", args=[macro.pk]))
    assert "Whoever applies it" in shown.content.decode()
    reply = {"title": "Hi", "keyword": "hi", "body": "Hello {{ requester }}.", "is_active": "on"}
    url = reverse("admin:tickets_savedreply_add")
    assert "There is no variable requester" in client.post(url, reply).content.decode()
    assert client.post(url, {**reply, "body": "Hello."}).status_code == 302
    assert SavedReply.objects.filter(keyword="hi").exists()


def test_the_timeline_names_the_rule_and_leads_whoever_may_see_it_there(client, rita, agnes, sofia):
    rule = trigger("Mark", ["ticket.opened"], [act("set_priority", "P4_LOW")])
    marked = other_ticket(rita)
    services.change_rule(rule, name="Renamed", by=sofia)
    url = reverse("admin:tickets_automationrule_change", args=[rule.pk])
    for person, is_led in ((sofia, True), (agnes, False)):
        client.force_login(person)
        shown = client.get(reverse("admin:tickets_ticket_change", args=[marked.pk])).content.decode()
        assert "The rule “Mark”" in shown
        assert (f'href="{url}"' in shown) is is_led
    client.force_login(sofia)
    assert f"{marked.reference}: Priority: Low" in client.get(url).content.decode()
