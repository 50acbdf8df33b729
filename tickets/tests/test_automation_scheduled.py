"""Rules on time: which tickets they look at, that each is acted on once, and the two that the portal comes with."""

import datetime as dt

import pytest

from common import retention
from common.errors import Invalid, NotAllowed
from common.time import now
from integrations.models import Delivery
from tickets import services
from tickets.automation import running
from tickets.models import AutomationRule, RuleRun, Ticket
from tickets.tests.console import other_ticket
from tickets.tests.rules import act, leaf, on_time, trigger
from tickets.vocabulary import MessageKind, Status

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
OLD = leaf("since_opened", "longer_than", 4)


def look(rule, at):
    rule.refresh_from_db()
    return running.run_rule(rule, at=at)


def test_a_rule_acts_once_until_the_ticket_changes(ticket, agnes):
    rule = on_time("Stale", [act("internal_note", "Still open after four hours.")], OLD)
    assert look(rule, now() + 3 * HOUR) == 0
    assert look(rule, now() + 5 * HOUR) == 1
    assert look(rule, now() + 6 * HOUR) == 0
    services.change_ticket(ticket, by=agnes, tags=["seen"])
    assert look(rule, now() + 7 * HOUR) == 1
    assert ticket.messages.filter(kind=MessageKind.INTERNAL_NOTE).count() == 2


def test_every_ticket_is_reached_though_one_look_is_bounded(rita, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 2)
    monkeypatch.setattr(running, "WALKED_MOST", 4)
    for n in range(7):
        other_ticket(rita, subject="Needle" if n == 6 else f"Straw {n}")
    rule = on_time("Needle", [act("add_tags", ["found"])], leaf("subject", "contains", ["needle"]))
    assert look(rule, now()) == 0
    assert look(rule, now()) == 1
    rule.refresh_from_db()
    assert rule.walked_to == 0


def test_no_more_than_so_many_are_acted_on_in_one_look(rita):
    for n in range(5):
        other_ticket(rita, subject=f"Straw {n}")
    rule = on_time("All", [act("add_tags", ["found"])], leaf("status", "is", "NEW"))
    assert running.run_rule(rule, most=2) == 2
    rule.refresh_from_db()
    assert running.run_rule(rule, most=10) == 3


def test_a_look_costs_no_query_for_tickets_that_sql_leaves_out(rita, django_assert_max_num_queries):
    for n in range(20):
        other_ticket(rita, subject=f"Straw {n}")
    rule = on_time("Old", [act("add_tags", ["old"])], OLD, leaf("tags", "has_none", ["old"]))
    with django_assert_max_num_queries(2):
        assert running.run_rule(rule) == 0


def test_what_a_rule_on_time_changes_fires_triggers(ticket):
    trigger("Tagged", ["ticket.fields_changed"], [act("set_priority", "P4_LOW")])
    on_time("Tag", [act("add_tags", ["old"])], OLD)
    assert services.run_scheduled_rules(at=now() + 5 * HOUR) == 1
    ticket.refresh_from_db()
    assert ticket.priority == "P4_LOW"


def test_runs_are_kept_for_a_while_and_longer_where_they_keep_a_rule_from_acting_twice(ticket, agnes):
    rule = on_time("Stale", [act("add_tags", ["stale"])], OLD)
    trigger("Tagged", ["ticket.fields_changed"], [act("set_priority", "P4_LOW")])
    look(rule, now() + 5 * HOUR)
    purge = retention.purgers()["runs of rules"]
    assert purge(now() + 89 * DAY) == 0
    look(rule, now() + 6 * HOUR)
    assert RuleRun.objects.count() == 3
    assert purge(now() + 91 * DAY) == 2
    assert RuleRun.objects.get().rule == rule
    services.close_ticket(ticket, by=agnes)
    assert purge(now() + 91 * DAY) == 1


# --- the two that the portal comes with -------------------------------------------------------------------------------


def test_a_solved_ticket_is_reminded_of_once_and_then_closed(ticket, agnes, settings):
    services.solve_ticket(ticket, by=agnes)
    at = now()
    assert services.run_scheduled_rules(at=at + 4 * DAY) == 0
    assert services.run_scheduled_rules(at=at + 5 * DAY + HOUR) == 1
    (reminder,) = ticket.messages.filter(kind=MessageKind.PUBLIC_REPLY)
    assert "will be closed in about two days" in reminder.body
    assert reminder.body.startswith("Hello Rita,")
    assert Delivery.objects.filter(template="new_message", destination=ticket.requester.email).count() == 1
    services.add_internal_note(ticket, body="Seen.", by=agnes, at=at + 5 * DAY + 2 * HOUR)
    assert services.run_scheduled_rules(at=at + 6 * DAY) == 0
    assert services.run_scheduled_rules(at=at + 7 * DAY + HOUR) == 1
    ticket.refresh_from_db()
    assert ticket.status == Status.CLOSED


def test_the_setting_says_after_how_many_days(ticket, agnes, settings):
    settings.PORTAL_AUTO_CLOSE_DAYS = 1
    services.solve_ticket(ticket, by=agnes)
    assert services.close_solved_tickets(at=now() + DAY + HOUR) == 1


def test_nothing_closes_where_the_rule_is_switched_off(ticket, agnes, sofia):
    services.solve_ticket(ticket, by=agnes)
    rule = AutomationRule.objects.get(key="auto-close")
    services.change_rule(rule, is_active=False, by=sofia)
    assert services.close_solved_tickets(at=now() + 30 * DAY) == 0
    assert Ticket.objects.get().status == Status.SOLVED


# --- making and changing ----------------------------------------------------------------------------------------------

GOOD = {"name": "X", "kind": "SCHEDULED", "conditions": {"all": [OLD]}, "actions": [act("add_tags", ["x"])]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "automatic closing"}, "name"),
        ({"kind": "SOMETIMES"}, "kind"),
        ({"kind": "TRIGGER"}, "event_kinds"),
        ({"kind": "TRIGGER", "event_kinds": ["sender.blocked"]}, "event_kinds"),
        ({"conditions": {"all": []}}, "conditions"),
        ({"conditions": {"all": [leaf("team", "is", 4711)]}}, "all[0].value"),
        ({"conditions": {"all": [leaf("product_area", "any_of", ["GONE"])]}}, "all[0].value"),
        ({"actions": []}, "actions"),
        ({"actions": [act("add_tags", ["x"]), act("explode", 1)]}, "actions[1].action"),
        ({"actions": [act("set_status", "NEW")]}, "actions[0].value"),
        ({"actions": [act("set_assignee", 4711)]}, "actions[0].value"),
        ({"actions": [act("set_assignee", "current_user")]}, "actions[0].value"),
        ({"actions": [act("set_custom_field", {"key": "severity", "value": "odd"})]}, "actions[0].value"),
        ({"actions": [act("public_reply", "Hello {{ settings }}")]}, "actions[0].value"),
        ({"actions": [act("notify", {"to": {"team": 4711}, "text": "Look."})]}, "actions[0].value.to"),
        ({"position": -1}, "position"),
    ],
)
def test_a_rule_is_refused_where_it_is_wrong(db, sofia, changes, field):
    with pytest.raises(Invalid) as refused:
        services.create_rule(by=sofia, **{**GOOD, **changes})
    assert refused.value.field == field


def test_only_supervisors_make_change_move_and_delete_rules(agnes, sofia):
    rule = services.create_rule(by=sofia, **GOOD)
    for verb in (
        lambda: services.create_rule(by=agnes, **{**GOOD, "name": "Y"}),
        lambda: services.change_rule(rule, by=agnes, is_active=False),
        lambda: services.move_rule(rule, steps=1, by=agnes),
        lambda: services.delete_rule(rule, by=agnes),
    ):
        with pytest.raises(NotAllowed):
            verb()
    services.move_rule(rule, steps=-2, by=sofia)
    assert AutomationRule.objects.first() == rule
    rule = services.change_rule(rule, by=sofia, name="Z", conditions={"all": [OLD, OLD]})
    assert (rule.name, rule.changed_by) == ("Z", sofia)
    services.delete_rule(rule, by=sofia)
    assert not AutomationRule.objects.filter(name="Z").exists()


def test_rules_are_imported_by_name_all_or_none(db, sofia):
    assert services.import_rules([GOOD, {**GOOD, "name": "Y"}], by=sofia) == (2, 0)
    assert services.import_rules([GOOD, {**GOOD, "name": "Y", "is_active": False}], by=sofia) == (0, 1)
    with pytest.raises(Invalid):
        services.import_rules([{**GOOD, "name": "Z"}, {**GOOD, "actions": []}], by=sofia)
    assert not AutomationRule.objects.filter(name="Z").exists()
