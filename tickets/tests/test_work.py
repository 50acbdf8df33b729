"""Checklists, and the time spent on tickets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.services import use_support_minutes
from common.errors import Invalid, NotAllowed
from tickets.models import ChecklistItem, TimeEntry
from tickets.services import add_checklist_items, remove_checklist_item, remove_time, spend_time, tick
from tickets.tests.console import do, only_looks, panel_url, told

pytestmark = pytest.mark.django_db


def panel(client, ticket, key):
    return client.get(panel_url(ticket, key), headers={"hx-request": "true"}).content.decode()


def used(ticket):
    ticket.organization.refresh_from_db()
    return ticket.organization.support_hours_used


# --- checklist ---


def test_a_checklist_is_written_and_ticked_off(client, agnes, ticket):
    client.force_login(agnes)
    do(client, ticket, "add_items", lines="Ask for the log\n\n  Look at   the index\n")
    first, second = ticket.checklist.all()
    assert [first.text, second.text] == ["Ask for the log", "Look at the index"]
    assert told(do(client, ticket, "tick", row=first.pk, is_done="on")).endswith("1 left.")
    shown = panel(client, ticket, "checklist")
    assert "1 of 2 done" in shown
    assert agnes.name in shown
    do(client, ticket, "tick", row=first.pk)
    do(client, ticket, "remove_item", row=second.pk)
    assert [item.done_at for item in ticket.checklist.all()] == [None]
    assert do(client, ticket, "remove_item", row=second.pk).status_code == 404


@pytest.mark.parametrize("lines", ["", "  \n ", "x" * 301, "\n".join(map(str, range(51)))])
def test_what_is_no_checklist_is_refused(client, agnes, ticket, lines):
    client.force_login(agnes)
    assert do(client, ticket, "add_items", lines=lines).status_code == 422
    assert not ChecklistItem.objects.exists()


def test_who_ticked_first_did_it(ticket, agnes, bruno):
    (item,) = add_checklist_items(ticket, ["Call"], by=agnes)
    tick(item, is_done=True, by=agnes)
    assert tick(item, is_done=True, by=bruno).done_by == agnes
    remove_checklist_item(item, by=bruno)
    remove_checklist_item(item, by=bruno)
    assert not ticket.checklist.exists()


# --- time ---


def test_time_counts_to_the_organizations_hours(client, agnes, sofia, ticket):
    before = used(ticket)
    client.force_login(agnes)
    do(client, ticket, "spend_time", minutes=90, note="On the phone")
    assert used(ticket) == before + Decimal("1.50")
    shown = panel(client, ticket, "time")
    assert "1 h 30 min in all" in shown
    assert "On the phone" in shown
    do(client, ticket, "remove_time", row=TimeEntry.objects.get().pk)
    assert used(ticket) == before
    assert not TimeEntry.objects.exists()


def test_sixty_minutes_are_an_hour_however_they_are_entered(ticket, agnes):
    before = used(ticket)
    entries = [spend_time(ticket, minutes=minutes, by=agnes) for minutes in (1, 7, 1, 11, 1, 19, 1, 19)]
    assert used(ticket) == before + 1
    for entry in entries[::-1]:
        remove_time(entry, by=agnes)
    assert used(ticket) == before


def test_hours_never_fall_below_none(ticket):
    ticket.organization.support_hours_used = Decimal("0.20")
    use_support_minutes(ticket.organization, before=60, after=0)
    assert used(ticket) == 0


@pytest.mark.parametrize("fields", [{"minutes": 0}, {"minutes": 1441}, {"minutes": "x"}, {}])
def test_minutes_are_checked(client, agnes, ticket, fields):
    client.force_login(agnes)
    assert do(client, ticket, "spend_time", **fields).status_code == 422
    assert not TimeEntry.objects.exists()


def test_time_is_ones_own_to_take_back_or_a_supervisors(ticket, agnes, bruno, sofia):
    with pytest.raises(Invalid):
        spend_time(ticket, minutes=5, by=agnes, spent_on=timezone.localdate() + dt.timedelta(days=1))
    entry = spend_time(ticket, minutes=5, by=agnes)
    with pytest.raises(NotAllowed):
        remove_time(entry, by=bruno)
    remove_time(entry, by=sofia)
    remove_time(entry, by=sofia)
    assert not TimeEntry.objects.exists()


def test_who_works_no_tickets_enters_nothing(client, agnes, ticket):
    only_looks(agnes)
    client.force_login(agnes)
    assert do(client, ticket, "spend_time", minutes=5).status_code == 403
    assert client.get(panel_url(ticket, "time")).status_code == 403
    with pytest.raises(NotAllowed):
        spend_time(ticket, minutes=5, by=agnes)
