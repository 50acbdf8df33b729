"""Changing a ticket: what is recorded, what is refused, and who may."""

import datetime as dt

import pytest

from accounts.models import ProductArea, Team
from common import journal
from common.actors import SYSTEM, Rule
from common.errors import Invalid, InvalidTransition, NotAllowed, NotFound
from common.time import now
from tickets import services
from tickets.models import CustomField
from tickets.vocabulary import Priority, PrioritySource, Status


def last_event(ticket):
    return journal.timeline(ticket).last()


def test_details_are_changed_in_one_event_with_old_and_new(ticket, agnes):
    area = ProductArea.objects.get(key="LINEAGE")
    services.change_ticket(
        ticket,
        by=agnes,
        subject="Lineage  is\nempty",
        environment="STAGING",
        product_area=area,
        tags=["Upgrade ", "two words"],
    )
    ticket.refresh_from_db()
    assert (ticket.subject, ticket.environment, ticket.product_area) == ("Lineage is empty", "STAGING", area)
    assert last_event(ticket).data["changes"] == {
        "subject": {"from": "Lineage graph is empty", "to": "Lineage is empty"},
        "environment": {"from": "", "to": "STAGING"},
        "product_area": {"from": None, "to": "LINEAGE"},
        "tags": {"from": [], "to": ["two-words", "upgrade"]},
    }


def test_what_already_is_so_leaves_no_trace(ticket, agnes):
    before = journal.timeline(ticket).count()
    services.change_ticket(
        ticket, by=agnes, subject=ticket.subject, priority=ticket.priority, assignee=None, tags=[], status=ticket.status
    )
    ticket.refresh_from_db()
    assert journal.timeline(ticket).count() == before
    assert ticket.version == 1


def test_custom_fields_are_set_and_removed_one_by_one(ticket, agnes):
    CustomField.objects.create(key="site", label="Site")
    services.change_ticket(ticket, by=agnes, custom_fields={"site": "North", "severity": "major"})
    services.change_ticket(ticket, by=agnes, custom_fields={"site": None})
    ticket.refresh_from_db()
    assert ticket.custom_fields == {"severity": "major"}
    assert last_event(ticket).data["changes"] == {"custom_fields.site": {"from": "North", "to": None}}


def test_priority_is_the_agents_from_then_on(ticket, agnes):
    services.change_ticket(ticket, by=agnes, priority=Priority.P1_CRITICAL)
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.priority_source) == (Priority.P1_CRITICAL, PrioritySource.AGENT)
    with pytest.raises(Invalid):
        services.change_ticket(ticket, by=agnes, priority="P9")


def test_assigning_opens_a_new_ticket(ticket, agnes):
    team = Team.objects.create(name="Gamma")
    services.change_ticket(ticket, by=SYSTEM, assignee=agnes, team=team)
    ticket.refresh_from_db()
    assert (ticket.assignee, ticket.team, ticket.status) == (agnes, team, Status.OPEN)
    assert list(journal.timeline(ticket).values_list("kind", flat=True))[1:] == [
        "ticket.assigned",
        "ticket.team_changed",
        "ticket.status_changed",
    ]


def test_only_agents_are_assigned(ticket, agnes, rita):
    with pytest.raises(Invalid) as refused:
        services.change_ticket(ticket, by=agnes, assignee=rita)
    assert refused.value.code == "not_an_agent"


def test_a_customer_changes_only_what_is_theirs(ticket, rita, mallory, agnes):
    services.change_ticket(ticket, by=rita, environment="PRODUCTION", custom_fields={"severity": "minor"})
    for field in ({"priority": "P1_CRITICAL"}, {"status": "SOLVED"}, {"subject": "Other"}, {"tags": ["x"]}):
        with pytest.raises(NotAllowed):
            services.change_ticket(ticket, by=rita, **field)
    with pytest.raises(NotFound):
        services.change_ticket(ticket, by=mallory, environment="STAGING")
    services.close_ticket(ticket, by=agnes)
    with pytest.raises(NotAllowed):
        services.change_ticket(ticket, by=rita, environment="STAGING")


def test_an_unknown_column_is_a_fault_of_ours(ticket, agnes):
    with pytest.raises(ValueError, match="not changeable"):
        services.change_ticket(ticket, by=agnes, requester=agnes)


def test_too_many_or_too_long_tags_are_refused(ticket, agnes):
    for tags in ([f"t{n}" for n in range(21)], ["x" * 51]):
        with pytest.raises(Invalid):
            services.change_ticket(ticket, by=agnes, tags=tags)


def test_the_verbs_of_a_customer(ticket, rita):
    services.solve_ticket(ticket, by=rita)
    services.solve_ticket(ticket, by=rita)
    services.reopen_ticket(ticket, by=rita)
    services.reopen_ticket(ticket, by=rita)
    services.cancel_ticket(ticket, by=rita)
    services.cancel_ticket(ticket, by=rita)
    ticket.refresh_from_db()
    assert ticket.status == Status.CANCELLED
    assert ticket.closed_at is not None
    for verb in (services.solve_ticket, services.reopen_ticket):
        with pytest.raises(InvalidTransition):
            verb(ticket, by=rita)


def test_a_customer_cannot_cancel_what_waits_for_a_third_party(ticket, rita, agnes):
    services.change_ticket(ticket, by=agnes, status=Status.ON_HOLD)
    with pytest.raises(InvalidTransition):
        services.cancel_ticket(ticket, by=rita)
    services.cancel_ticket(ticket, by=agnes)


def test_only_agents_close(ticket, rita, agnes):
    with pytest.raises(NotAllowed):
        services.close_ticket(ticket, by=rita)
    services.close_ticket(ticket, by=agnes)


def test_solved_tickets_close_after_the_set_days(ticket, agnes, settings):
    services.solve_ticket(ticket, by=agnes)
    assert services.close_solved_tickets(at=now() + dt.timedelta(days=6, hours=23)) == 0
    assert services.close_solved_tickets(at=now() + dt.timedelta(days=7, minutes=1)) == 1
    ticket.refresh_from_db()
    assert ticket.status == Status.CLOSED
    assert (last_event(ticket).actor_kind, last_event(ticket).actor_label) == ("rule", "automatic closing")
    assert services.close_solved_tickets(at=now() + dt.timedelta(days=9)) == 0


def test_a_rule_may_work(ticket):
    services.change_ticket(ticket, by=Rule("x"), priority=Priority.P4_LOW)
