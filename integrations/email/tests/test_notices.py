"""What the mails about escalations and storms say, and to whom they are still sent."""

import re

import pytest

from integrations.email import addresses
from integrations.models import Delivery
from integrations.tests.notices import (
    ADDRESSES,
    HOUR,
    MANAGER,
    OPENED,
    come_due,
    html_of,
    readings,
    sent,
    stopped_clock,
    storm_begins,
    ticket_after,
)
from sla.models import StepRun
from sla.vocabulary import Action
from tickets import services as tickets


@pytest.fixture(autouse=True)
def addresses_of_roles(settings):
    settings.PORTAL_ROLE_ADDRESSES = ADDRESSES


@pytest.fixture
def clock(monkeypatch):
    with stopped_clock(monkeypatch) as clock:
        yield clock


@pytest.fixture
def late(clock, rita, agnes):
    """A ticket of team Alpha that nobody has answered, twelve hours after it was due."""
    return ticket_after(clock, rita, agnes, hours=60)


def test_the_mail_of_a_breach(late):
    come_due(late, Action.ESCALATE_TO_DIRECTOR)
    (message,) = sent()
    assert message.to == [ADDRESSES["director"]]
    assert message.subject == f"[{late.reference}] SLA breach alert: Low, first response overdue"
    for words in readings(message):
        assert "The first response was due Wednesday 11 February, 08:00 UTC, and did not come." in words
        assert "125 %" in words
        for said in (
            "Late by",
            "12 h",
            "48 h (Day and night)",
            "Low",
            "Nobody",
            "Alpha",
            "City of Aarlund, Enterprise",
        ):
            assert said in words
        assert (
            "You get this because the step “Escalate to the director” of the policy Enterprise, version 1, "
            "comes at 120 % of the first response." in words
        )
        assert "That is why" not in words
        assert "Sent to the address of the director" in words
    page = f"http://localhost:8000/admin/tickets/ticket/{late.pk}/change/"
    assert page in message.body
    assert html_of(message).count(f'href="{page}"') == 1


def test_the_mail_of_a_warning(clock, rita, agnes):
    ticket = ticket_after(clock, rita, agnes, hours=40)
    come_due(ticket, Action.NOTIFY_MANAGER, percent=80)
    (message,) = sent()
    assert message.subject == f"[{ticket.reference}] SLA warning: Low, first response at 83 %"
    for words in readings(message):
        assert "The first response is due Wednesday 11 February, 08:00 UTC." in words
        assert re.search(r"Time left:? 8 h", words)
        assert "comes at 80 % of the first response" in words


def test_a_warning_that_is_seen_after_the_breach_is_none_any_more(late):
    come_due(late, Action.NOTIFY_MANAGER, percent=80)
    (message,) = sent()
    assert message.subject == f"[{late.reference}] SLA breach alert: Low, first response overdue"
    assert "comes at 80 % of the first response" in message.body


def test_the_mail_tells_no_secret_and_no_markup(late):
    come_due(late, Action.NOTIFY_MANAGER)
    (message,) = sent()
    for words in (message.body, html_of(message)):
        assert "A secret of Aarlund" not in words
        assert "/t/" not in words
    assert "Lineage <b>graph</b> is empty" in message.body
    assert "<b>" not in html_of(message)
    assert "Lineage &lt;b&gt;graph&lt;/b&gt; is empty" in html_of(message)


def test_a_person_reads_their_own_zone(late, agnes):
    agnes.time_zone = "Europe/Oslo"
    agnes.save(update_fields=["time_zone"])
    tickets.change_ticket(late, by=agnes, assignee=agnes)
    come_due(late, Action.NOTIFY_ASSIGNEE)
    (message,) = sent(agnes.email)
    for words in readings(message):
        assert "was due Wednesday 11 February, 09:00 CET" in words
        assert "Sent to Agnes Moreau" in words


def test_a_zone_without_a_name_says_how_far_it_is(late, agnes):
    agnes.time_zone = "America/Sao_Paulo"
    agnes.save(update_fields=["time_zone"])
    come_due(late, Action.NOTIFY_TEAM)
    (message,) = sent()
    assert "was due Wednesday 11 February, 05:00 UTC-03" in message.body


def test_answered_meanwhile_it_still_says_what_happened(late, agnes, clock):
    come_due(late, Action.NOTIFY_MANAGER)
    clock.shift(HOUR)
    tickets.post_public_reply(late, body="Here it is.", by=agnes)
    (message,) = sent(MANAGER)
    assert "was due Wednesday 11 February, 08:00 UTC, and did not come. 125 %" in message.body
    assert "Since then it was answered, Wednesday 11 February, 21:00 UTC." in message.body
    assert "Late by: 12 h" in message.body


def test_solved_meanwhile_is_told_too(late, agnes):
    come_due(late, Action.NOTIFY_MANAGER)
    tickets.solve_ticket(late, by=agnes)
    (message,) = sent(MANAGER)
    assert "Since then it was solved or closed, Wednesday 11 February, 20:00 UTC." in message.body


def test_cancelled_meanwhile_is_told_too(late, rita):
    come_due(late, Action.NOTIFY_MANAGER)
    tickets.cancel_ticket(late, by=rita)
    (message,) = sent(MANAGER)
    assert "Since then the ticket was cancelled or merged." in message.body


def test_its_headers_ask_for_no_answer_and_group_by_ticket(late):
    come_due(late, Action.NOTIFY_MANAGER)
    come_due(late, Action.ESCALATE_TO_DIRECTOR)
    first, second = sent()
    for message in (first, second):
        assert message.extra_headers["Auto-Submitted"] == "auto-generated"
        assert "Reply-To" not in message.extra_headers
        assert message.reply_to == []
    assert first.extra_headers["References"] == second.extra_headers["References"]
    assert first.extra_headers["Message-ID"] != second.extra_headers["Message-ID"]
    assert first.extra_headers["References"] != addresses.thread_id(late.pk, late.requester_id)


def test_somebody_who_left_or_is_no_staff_any_more_is_not_mailed(late, agnes):
    come_due(late, Action.NOTIFY_TEAM)
    agnes.is_staff = False
    agnes.save(update_fields=["is_staff"])
    assert sent() == []
    assert Delivery.objects.get(template="sla_escalation").state == Delivery.State.SKIPPED


def test_a_ticket_that_is_gone_is_told_to_nobody(late):
    come_due(late, Action.NOTIFY_MANAGER)
    StepRun.objects.all().delete()
    assert sent() == []
    assert Delivery.objects.get(template="sla_escalation").state == Delivery.State.SKIPPED


def test_a_storm_is_one_mail_to_the_leadership(db):
    storm_begins()
    (message,) = sent()
    assert message.to == [ADDRESSES["leadership"]]
    assert message.subject == "SLA breach storm: 25 deadlines passed within 10 minutes"
    for words in readings(message):
        assert "25 deadlines passed within 10 minutes" in words
        assert "It began" in words
        assert "Monday 9 February, 08:00 UTC" in words
        assert "Single notices are held back until it calms down" in words
        assert "Sent to the address of the leadership" in words
        assert "calmed down" not in words
    for url in ("http://localhost:8000/admin/tickets/ticket/", "http://localhost:8000/admin/"):
        assert url in message.body
        assert url in html_of(message)
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert "Reply-To" not in message.extra_headers


def test_a_storm_that_is_over_when_the_mail_goes_says_so(db):
    storm_begins(ended_at=OPENED + HOUR)
    (message,) = sent()
    assert "It calmed down Monday 9 February, 09:00 UTC, after 31 in all." in message.body
    assert "It calmed down" in html_of(message)


def test_without_leadership_the_manager_hears_of_a_storm(db, settings):
    settings.PORTAL_ROLE_ADDRESSES = {"manager": MANAGER}
    storm_begins()
    (message,) = sent()
    assert message.to == [MANAGER]
    assert "No address is set for the leadership. That is why this mail comes to you." in message.body


def test_a_storm_that_is_gone_is_told_to_nobody(db):
    storm_begins().delete()
    assert sent() == []
    assert Delivery.objects.get().state == Delivery.State.SKIPPED
