"""Promises over HTTP."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from common.tests.api import client_of
from tickets.services import change_ticket, open_ticket, post_public_reply, solve_ticket
from tickets.vocabulary import Channel

NOON = dt.datetime(2026, 2, 9, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def at(hours: float):
    return time_machine.travel(NOON + dt.timedelta(hours=hours), tick=False)


@pytest.fixture
def urgent(rita):
    return open_ticket(
        subject="Lineage is empty",
        description="Since the upgrade.",
        requester=rita,
        by=rita,
        channel=Channel.WEB,
        priority="P1_CRITICAL",
    )


def get(person, path, **query):
    return client_of(person).get(f"/api/v1/{path}", query)


def test_a_ticket_tells_its_deadlines(rita, urgent):
    told = get(rita, f"tickets/{urgent.reference}").json()["sla"]
    assert told == {
        "first_response_due_at": "2026-02-09T16:00:00Z",
        "next_response_due_at": None,
        "resolution_due_at": "2026-02-10T12:00:00Z",
        "breached": False,
        "paused": False,
    }
    with at(5):
        assert get(rita, f"tickets/{urgent.reference}").json()["sla"]["breached"] is True


def test_lists_sort_by_what_is_due_next(agnes, rita, urgent):
    later = open_ticket(
        subject="Question", description="How?", requester=rita, by=rita, channel=Channel.WEB, priority="P4_LOW"
    )
    listed = get(agnes, "tickets", ordering="next_due_at").json()["results"]
    assert [row["ticket_id"] for row in listed] == [urgent.reference, later.reference]


def test_an_etag_changes_when_a_promise_breaks(rita, urgent):
    client = client_of(rita)
    path = f"/api/v1/tickets/{urgent.reference}"
    tag = client.get(path)["ETag"]
    assert client.get(path, HTTP_IF_NONE_MATCH=tag).status_code == 304
    with at(5):
        client = client_of(rita)  # its token had run out
        answer = client.get(path, HTTP_IF_NONE_MATCH=tag)
        assert answer.status_code == 200
        assert answer["ETag"] != tag
        changed = client.patch(path, {"product_version": "2"}, format="json", HTTP_IF_MATCH=tag)
        assert changed.status_code == 200  # the ticket itself is still the version that was read


def test_sla_of_a_ticket_unfolds_its_deadlines(agnes, rita, urgent):
    change_ticket(urgent, by=agnes, status="PENDING", at=NOON + dt.timedelta(hours=1))
    change_ticket(urgent, by=agnes, status="OPEN", at=NOON + dt.timedelta(hours=2))
    with at(3):
        told = get(agnes, f"tickets/{urgent.reference}/sla").json()
    resolution = next(clock for clock in told["clocks"] if clock["metric"] == "RESOLUTION")
    assert resolution["due_at"] == "2026-02-10T13:00:00Z"
    assert [(part["reason"], part["seconds"]) for part in resolution["segments"]] == [
        ("counted", 3600),
        ("waiting for the customer", 3600),
        ("counted", 23 * 3600),
    ]
    assert sum(part["seconds"] for part in resolution["segments"] if part["counted"]) == resolution["target_seconds"]
    assert resolution["reason"].startswith(
        "24 hours are promised, counted in the calendar Day and night. Not counted: waiting"
    )
    assert (resolution["elapsed_seconds"], resolution["remaining_seconds"]) == (2 * 3600, 22 * 3600)
    assert resolution["policy"] == "Enterprise, version 1"
    assert told["sentence"] == "We will answer by today at 16:00, your time."


def test_customers_are_told_no_policy_and_no_escalation(rita, urgent):
    told = get(rita, f"tickets/{urgent.reference}/sla").json()
    assert "escalations" not in told
    assert all("policy" not in clock for clock in told["clocks"])


def test_sla_of_a_ticket_that_is_over(agnes, rita, urgent):
    solve_ticket(urgent, by=agnes)
    told = get(rita, f"tickets/{urgent.reference}/sla").json()
    assert told["sentence"] == "Nothing is promised any more."
    assert {clock["state"] for clock in told["clocks"]} == {"STOPPED"}


def test_compliance_has_the_older_words_and_the_newer(agnes, urgent):
    post_public_reply(urgent, body="Please reindex.", by=agnes, at=NOON + dt.timedelta(hours=1))
    with at(6):
        told = get(agnes, f"sla/compliance/{urgent.reference}").json()
    assert told == {
        "sla_applicable": True,
        "tier": "ENTERPRISE",
        "priority": "P1_CRITICAL",
        "response_target": 4 * 3600,
        "resolution_target": 24 * 3600,
        "first_response_at": "2026-02-09T13:00:00Z",
        "resolved_at": None,
        "first_response_compliant": True,
        "resolution_compliant": True,
        "response_sla_elapsed_pct": 25.0,
        "resolution_sla_elapsed_pct": 25.0,
        "sla_breached": False,
        "response_status": "MET",
        "resolution_status": "ON_TRACK",
        "response_elapsed_pct": 25.0,
        "resolution_elapsed_pct": 25.0,
        "resolution_time_hours": None,
    }


def test_compliance_of_what_was_late_and_solved(agnes, urgent):
    solve_ticket(urgent, by=agnes, at=NOON + dt.timedelta(hours=30))
    with at(31):
        told = get(agnes, f"sla/compliance/{urgent.reference}").json()
    assert (told["response_status"], told["resolution_status"]) == ("BREACHED", "BREACHED")
    assert told["sla_breached"] is True
    assert told["resolution_time_hours"] == 30.0
    assert told["response_elapsed_pct"] == 750.0


def test_compliance_where_nothing_is_promised(agnes, mallory):
    ticket = open_ticket(subject="Hello", description="Hi", requester=mallory, by=mallory, channel=Channel.WEB)
    assert get(agnes, f"sla/compliance/{ticket.reference}").json() == {"sla_applicable": False}


def test_policies_are_listed_with_targets_and_steps(agnes, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        told = get(agnes, "sla/policies").json()["results"]
    assert [policy["name"] for policy in told] == ["Enterprise", "Professional"]
    version = told[1]["version"]
    assert (version["number"], version["tiers"]) == (1, ["PROFESSIONAL"])
    assert {
        "priority": "P1_CRITICAL",
        "metric": "FIRST_RESPONSE",
        "minutes": 480,
        "calendar": "Eastern office hours",
    } in version["targets"]
    assert version["steps"] == [
        {
            "metric": "FIRST_RESPONSE",
            "priority": "P1_CRITICAL",
            "at_percent": 100,
            "action": "NOTIFY_MANAGER",
            "team": None,
            "person": None,
        }
    ]


def test_metrics_count_verdicts(agnes, urgent):
    post_public_reply(urgent, body="Please reindex.", by=agnes, at=NOON + dt.timedelta(hours=1))
    with at(2):
        told = get(
            agnes, "sla/metrics", group_by=["tier", "metric"], **{"from": "2026-02-01", "to": "2026-03-01"}
        ).json()
    assert told["from"] == "2026-02-01T00:00:00Z"
    assert (told["totals"]["met"], told["totals"]["pending"], told["totals"]["rate_percent"]) == (1, 1, 100.0)
    assert told["results"][0]["group"] == {"tier": "Enterprise", "metric": "First response"}
    assert told["results"][0]["median_working_seconds"] == 3600


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-02-08T03:00:00"}, "to"),
        ({"from": "2026-03-01", "to": "2026-02-01"}, "from"),
        ({"group_by": "mood"}, "group_by"),
        ({"group_by": ["tier", "priority", "team", "day"]}, "group_by"),
        ({"metric": "HAPPINESS"}, "metric"),
        ({"tier": ["ENTERPRISE", "COMMUNITY"]}, "tier"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_metrics_refuse_what_they_do_not_know(agnes, query, field):
    answer = get(agnes, "sla/metrics", **query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


def test_metrics_narrow_in_any_case(agnes, urgent):
    told = get(agnes, "sla/metrics", metric="resolution", tier="enterprise", priority="P1_CRITICAL").json()
    assert told["totals"]["pending"] == 1
