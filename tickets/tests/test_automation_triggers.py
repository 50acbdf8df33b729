"""Rules on events: when they look, what they do, how they stop, and what they leave behind."""

from accounts.models import Team
from common import context, journal
from common.actors import SYSTEM
from sla.events import BREACHED
from tickets import services
from tickets.models import FiringEvent, Message, RuleRun, Ticket
from tickets.tests.rules import act, leaf, trigger
from tickets.vocabulary import Channel, MessageKind, Priority, Status

OPENED, WRITES = ["ticket.opened"], ["message.customer_message_posted"]
STATUS = ["ticket.status_changed", "ticket.solved", "ticket.reopened"]


def opened(rita, **more):
    facts = {"subject": "Lineage graph is empty", "description": "Since the upgrade.", **more}
    return services.open_ticket(requester=rita, by=rita, channel=Channel.WEB, **facts)


def kinds(ticket):
    return list(journal.timeline(ticket).order_by("pk").values_list("kind", "actor_label"))


def test_a_trigger_acts_in_the_same_transaction_and_the_answer_shows_it(rita, agnes, bruno):
    team = Team.objects.get(name="Beta")
    rule = trigger(
        "Lineage to Beta",
        OPENED,
        [
            act("set_team", team.pk),
            act("set_priority", "P2_HIGH"),
            act("add_tags", ["Lineage"]),
            act("set_custom_field", {"key": "severity", "value": "major"}),
            act("internal_note", "Routed for {{ requester.first_name }}."),
        ],
        leaf("subject", "contains", ["lineage"]),
        leaf("priority", "is_not", "P2_HIGH"),
    )
    ticket = opened(rita)
    assert (ticket.team, ticket.priority, ticket.custom_fields) == (team, Priority.P2_HIGH, {"severity": "major"})
    assert [tag.name for tag in ticket.tags.all()] == ["lineage"]
    assert kinds(ticket) == [
        ("ticket.opened", "Rita Lindqvist"),
        ("ticket.team_changed", "Lineage to Beta"),
        ("ticket.priority_changed", "Lineage to Beta"),
        ("ticket.fields_changed", "Lineage to Beta"),
        ("ticket.fields_changed", "Lineage to Beta"),
        ("message.internal_note_added", "Lineage to Beta"),
    ]
    run = RuleRun.objects.get()
    assert (run.rule, run.ticket, run.name, run.version) == (rule, ticket, "Lineage to Beta", ticket.version)
    assert run.deeds[0] == "Team: Beta"
    note = ticket.messages.get(kind=MessageKind.INTERNAL_NOTE)
    assert (note.body, note.author) == ("Routed for Rita.", None)


def test_a_trigger_that_is_off_or_does_not_hold_leaves_no_trace(rita):
    trigger("Off", OPENED, [act("add_tags", ["off"])], is_active=False)
    trigger("Other", OPENED, [act("add_tags", ["other"])], leaf("subject", "contains", ["billing"]))
    trigger("Elsewhere", ["ticket.solved"], [act("add_tags", ["elsewhere"])])
    assert not opened(rita).tags.exists()
    assert not RuleRun.objects.exists()


def test_rules_look_after_the_service_has_written_all_it_writes(ticket, agnes):
    """A rule that ran in the middle of an answer would be overwritten by what the answer still does to the status."""
    trigger("Wait", ["message.public_reply_posted"], [act("set_status", "PENDING")])
    message = services.post_public_reply(ticket, body="Which version?", by=agnes)
    ticket.refresh_from_db()
    assert ticket.status == Status.PENDING
    assert message.ticket.status == Status.PENDING
    assert [kind for kind, _ in kinds(ticket)][-3:] == [
        "message.public_reply_posted",
        "ticket.status_changed",
        "ticket.status_changed",
    ]


def test_rules_run_in_their_order_and_see_what_those_before_did(rita):
    trigger("Second", OPENED, [act("set_priority", "P4_LOW")], leaf("tags", "has_any", ["first"]), position=20)
    trigger("First", OPENED, [act("add_tags", ["first"])], position=10)
    assert opened(rita).priority == Priority.P4_LOW


def test_two_rules_that_undo_each_other_come_to_rest(ticket, agnes):
    trigger("Ping", STATUS, [act("set_status", "ON_HOLD")], leaf("status", "is", "PENDING"))
    trigger("Pong", STATUS, [act("set_status", "PENDING")], leaf("status", "is", "ON_HOLD"))
    ticket = services.change_ticket(ticket, by=agnes, status=Status.PENDING)
    assert [name for kind, name in kinds(ticket) if kind == "ticket.status_changed"] == ["Agnes Moreau", "Ping", "Pong"]
    assert RuleRun.objects.count() == 2
    services.change_ticket(ticket, by=agnes, status=Status.ON_HOLD)  # another deed of a person is another chain
    assert RuleRun.objects.count() == 4


def test_a_chain_of_rules_has_an_end(ticket, agnes):
    for n in range(8):
        trigger(
            f"Step {n}",
            ["ticket.fields_changed"],
            [act("add_tags", [f"step-{n + 1}"])],
            leaf("tags", "has_any", [f"step-{n}"]),
            leaf("tags", "has_none", [f"step-{n + 1}"]),
            position=100 - n,  # so that none is reached but through the event of the one before
        )
    ticket = services.change_ticket(ticket, by=agnes, tags=["step-0"])
    assert sorted(tag.name for tag in ticket.tags.all()) == [f"step-{n}" for n in range(6)]


def test_a_rule_that_cannot_act_is_undone_and_says_why(rita, agnes):
    gone = Team.objects.create(name="Gone")
    trigger("Half", OPENED, [act("add_tags", ["half"]), act("set_team", gone.pk)])
    trigger("After", OPENED, [act("add_tags", ["after"])])
    gone.delete()
    ticket = opened(rita)
    assert [tag.name for tag in ticket.tags.all()] == ["after"]
    assert list(RuleRun.objects.order_by("pk").values_list("name", "deeds", "refusal")) == [
        ("Half", [], "The team is gone."),
        ("After", ["Tags added: after"], ""),
    ]


def test_what_was_taken_back_fires_nothing(rita):
    gone = Team.objects.create(name="Gone")
    trigger("Half", OPENED, [act("internal_note", "Seen."), act("set_team", gone.pk)])
    trigger("Noted", ["message.internal_note_added"], [act("add_tags", ["noted"])])
    gone.delete()
    assert not opened(rita).tags.exists()
    assert RuleRun.objects.get().refusal


def test_an_answer_of_a_rule_is_automatic_and_never_answers_a_machine(ticket, rita, agnes):
    trigger("Thanks", WRITES, [act("public_reply", "Thank you, {{ requester.first_name }}.")])
    services.post_customer_message(ticket, body="Any news?", by=rita, channel=Channel.EMAIL)
    services.post_customer_message(ticket, body="I am away.", by=rita, channel=Channel.EMAIL, is_automatic=True)
    (reply,) = Message.objects.filter(kind=MessageKind.PUBLIC_REPLY)
    assert (reply.body, reply.author, reply.is_automatic) == ("Thank you, Rita.", None, True)
    ticket.refresh_from_db()
    assert ticket.first_response_at is None
    assert RuleRun.objects.order_by("pk").last().deeds == ["Sent no reply: a machine wrote"]


def test_events_can_be_told_apart_by_kind_and_by_who_acted(ticket, agnes):
    trigger(
        "By people",
        ["ticket.assigned", "ticket.priority_changed"],
        [act("add_tags", ["person"])],
        leaf("event", "is", "ticket.assigned"),
        leaf("actor_kind", "is", "person"),
    )
    assert not services.change_ticket(ticket, by=agnes, priority=Priority.P4_LOW).tags.exists()
    assert not services.change_ticket(ticket, by=SYSTEM, assignee=agnes).tags.exists()
    services.change_ticket(ticket, by=agnes, assignee=None)
    assert ticket.tags.count() == 1


def test_nothing_fires_while_the_past_is_filled_in(rita):
    trigger("Tag", OPENED, [act("add_tags", ["new"])])
    with context.origin(context.Origin(is_backfill=True)):
        assert not opened(rita).tags.exists()


# --- events of other rooms --------------------------------------------------------------------------------------------


def breach(ticket):
    data = {"clock": 1, "metric": "FIRST_RESPONSE", "percent": 100, "due_at": "2026-02-08T03:00:00Z"}
    return journal.record(BREACHED, subject=ticket, by=SYSTEM, data=data)


def test_a_breach_waits_for_the_task_and_fires_once(ticket):
    trigger("Late", ["sla.breached"], [act("set_priority", "P1_CRITICAL")], leaf("event", "is", "sla.breached"))
    breach(ticket)
    ticket.refresh_from_db()
    assert ticket.priority != Priority.P1_CRITICAL
    assert FiringEvent.objects.count() == 1
    assert services.work_off_events() == 1
    ticket.refresh_from_db()
    assert ticket.priority == Priority.P1_CRITICAL
    assert services.work_off_events() == 0
    assert RuleRun.objects.count() == 1


def test_no_row_is_written_where_no_rule_waits(ticket):
    trigger("Late", ["sla.breached"], [act("add_tags", ["late"])], is_active=False)
    breach(ticket)
    assert not FiringEvent.objects.exists()


def test_what_is_worked_off_may_fire_further_rules(ticket):
    trigger("Late", ["sla.breached"], [act("add_tags", ["late"])])
    trigger("Tagged", ["ticket.fields_changed"], [act("set_priority", "P1_CRITICAL")])
    breach(ticket)
    services.work_off_events()
    assert Ticket.objects.get().priority == Priority.P1_CRITICAL
