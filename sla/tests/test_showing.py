"""What pages show of promises: the customer's sentence, the form's expectations, and the console's panel."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Tier
from common.actors import SYSTEM
from sla.models import Clock
from sla.services import begin_maintenance, run_monitor
from sla.showing import api_objects, expectations, panels, promises
from sla.words import due_words, duration_words, short_due_words, target_words
from tickets.services import change_ticket, open_ticket, post_public_reply, solve_ticket
from tickets.vocabulary import Channel

NOON = dt.datetime(2026, 2, 9, 12, tzinfo=dt.UTC)
MINUTE, HOUR = 60_000_000, 3_600_000_000


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False):
        yield


def at(hours: float):
    return time_machine.travel(NOON + dt.timedelta(hours=hours), tick=False)


def opened(requester, priority="P1_CRITICAL"):
    return open_ticket(
        subject="Lineage is empty",
        description="Since the upgrade.",
        requester=requester,
        by=requester,
        channel=Channel.WEB,
        priority=priority,
    )


def said(ticket) -> dict:
    ticket.refresh_from_db()
    return promises([ticket])[ticket.pk]


def test_a_customer_reads_by_when_we_answer(rita):
    promise = said(opened(rita))
    assert promise["text"] == "We will answer by <strong>today at 16:00</strong>, your time."
    assert promise["why"] == "Your plan promises an answer within 4 hours, day and night."
    assert promise["tone"] == ""


def test_times_are_the_readers(rita):
    with timezone.override("Asia/Tokyo"):
        assert "tomorrow at 01:00" in said(opened(rita))["text"]


def test_after_the_answer_it_is_the_solution_that_is_promised(rita, agnes):
    ticket = opened(rita)
    post_public_reply(ticket, body="Please reindex.", by=agnes)
    assert said(ticket)["text"] == "We will have this solved by <strong>tomorrow at 12:00</strong>, your time."


def test_being_late_is_said(rita):
    ticket = opened(rita)
    with at(5):
        promise = said(ticket)
    assert promise["text"] == "We are late: we promised an answer by <strong>today at 16:00</strong>, your time."
    assert promise["tone"] == "red"


def test_the_clock_waits_for_the_customer(rita, agnes):
    ticket = opened(rita)
    post_public_reply(ticket, body="Please send the log.", by=agnes)
    change_ticket(ticket, by=agnes, status="PENDING")
    with at(2):
        promise = said(ticket)
    assert promise["text"] == "We are waiting for your answer. The clock waits for you."
    assert promise["tone"] == "grey"
    assert promise["why"].endswith("2 h while we waited for you are not counted.")


def test_maintenance_is_said(rita):
    ticket = opened(rita)
    begin_maintenance(ticket, window="Upgrade", by=SYSTEM)
    assert said(ticket)["text"] == "Maintenance is going on. The clock waits until it ends."


def test_where_nothing_is_promised_no_time_is_named(mallory):
    assert said(opened(mallory))["text"] == "We answer as soon as we can. No time is promised for this ticket."


def test_a_solved_ticket_promises_nothing(rita, agnes):
    ticket = opened(rita)
    solve_ticket(ticket, by=agnes)
    ticket.refresh_from_db()
    assert promises([ticket]) == {}


def test_the_customers_page_and_the_new_ticket_form_show_it(client, rita):
    ticket = opened(rita)
    client.force_login(rita)
    assert (
        "We will answer by <strong>today at 16:00</strong>"
        in client.get(f"/tickets/{ticket.reference}").content.decode()
    )
    form = client.get("/tickets/new").content.decode()
    assert "When we answer" in form
    assert "within 4 hours" in form


def test_what_a_new_ticket_can_expect_comes_from_the_policy(rita, mallory, aarlund):
    assert [words for _, words in expectations([rita])[rita.pk]] == [
        *(f"within {hours} hours" for hours in (4, 8, 24, 48)),
        "Day and night",
    ]
    assert expectations([mallory]) == {mallory.pk: []}
    aarlund.tier = Tier.PROFESSIONAL
    aarlund.save()
    rita.refresh_from_db()
    told = dict(expectations([rita])[rita.pk])
    assert told["Critical"] == "within 8 hours"
    assert told["Hours"] == "Counted in our Eastern office hours (America/New York time)"


def test_the_panel_shows_clocks_their_intervals_and_what_became_of_steps(client, rita, agnes):
    ticket = opened(rita)
    change_ticket(ticket, by=agnes, status="PENDING")
    with at(1):
        change_ticket(ticket, by=agnes, status="OPEN")
    with at(3.5):
        run_monitor()
        client.force_login(agnes)
        page = client.get(f"/admin/tickets/ticket/{ticket.pk}/panels/sla/").content.decode()
    for words in (
        "Time promised",
        "30 min left",
        "3 h 30 min of 4 h used",
        "due 16:00",
        "waiting for the customer",
        "Enterprise, version 1, Critical: 24 h. Calendar: Day and night.",
        "Notify the manager",
        "Mailed to manager@opendatagov.io.",
    ):
        assert words in page, words


def test_the_panel_of_a_late_and_of_a_finished_ticket(rita, agnes):
    late, over = opened(rita), opened(rita)
    post_public_reply(over, body="Please reindex.", by=agnes, at=NOON + dt.timedelta(minutes=39))
    solve_ticket(over, by=agnes, at=NOON + dt.timedelta(hours=25))
    with at(4.5):
        shown = panels([late, over])
    face = next(face for face in shown[late.pk]["faces"] if face.name == "First response")
    assert (face.look, face.left) == ("breached", "30 min over")
    assert [(one.look, one.words) for one in shown[over.pk]["ended"]] == [
        ("met", "First response after 39 min of 4 h"),
        ("breached", "Resolution was late, after 25 h of 24 h"),
    ]


def test_a_long_explanation_is_folded_by_working_days(rita, aarlund):
    aarlund.tier = Tier.PROFESSIONAL
    aarlund.save()
    rita.refresh_from_db()
    ticket = opened(rita, "P4_LOW")
    face = next(face for face in panels([ticket])[ticket.pk]["faces"] if face.name == "Resolution")
    assert [(line.words, line.length) for line in face.lines] == [
        ("night", "2 h"),
        ("counted, nights not", "40 h"),
        ("weekend", "64 h"),
        ("counted, nights not", "40 h"),
    ]
    assert face.rule == "Professional, version 1, Low: 80 h. Calendar: Eastern office hours."


def test_the_panel_of_a_ticket_that_lost_its_promise(client, rita, agnes, aarlund):
    ticket = opened(rita)
    Clock.objects.filter(ticket=ticket, metric="RESOLUTION").update(
        state="INACTIVE", policy_version=None, running_since=None, next_action_at=None, due_at=None
    )
    client.force_login(agnes)
    page = client.get(f"/admin/tickets/ticket/{ticket.pk}/panels/sla/").content.decode()
    assert "No policy promises anything for this ticket as it is now." in page


def test_pages_of_tickets_are_asked_for_once(rita, django_assert_num_queries):
    tickets = [opened(rita) for _ in range(3)]
    for shown in (api_objects, promises):
        shown(tickets)  # fills the library
        with django_assert_num_queries(1):
            shown(tickets)
    panels(tickets)
    with django_assert_num_queries(3):
        panels(tickets)


@pytest.mark.parametrize(
    ("microseconds", "is_around_the_clock", "words"),
    [
        (0, False, "0 min"),
        (39 * MINUTE, False, "39 min"),
        (210 * MINUTE, False, "3 h 30 min"),
        (-210 * MINUTE, False, "3 h 30 min"),
        (80 * HOUR, False, "80 h"),
        (110 * HOUR + 5 * MINUTE, False, "110 h"),
        (72 * HOUR, True, "72 h"),
        (336 * HOUR, True, "14 d"),
        (100 * HOUR, True, "4 d 4 h"),
    ],
)
def test_lengths_in_words(microseconds, is_around_the_clock, words):
    assert duration_words(microseconds, is_around_the_clock=is_around_the_clock) == words


def test_targets_and_deadlines_in_words():
    assert [target_words(minutes * MINUTE) for minutes in (30, 60, 90, 480, 1)] == [
        "30 minutes",
        "1 hour",
        "1 hour 30 minutes",
        "8 hours",
        "1 minute",
    ]
    hours = dt.timedelta(hours=1)
    assert [due_words(NOON + n * hours) for n in (2, 24, 72, 400)] == [
        "today at 14:00",
        "tomorrow at 12:00",
        "Thursday at 12:00",
        "Thursday 26 February at 04:00",
    ]
    assert [short_due_words(NOON + n * hours) for n in (2, 24, 400)] == ["14:00", "Tue 12:00", "26 Feb 04:00"]
