"""The column by which lists sort what is promised next."""

from __future__ import annotations

import datetime as dt

from common.time import now
from tickets.services import set_next_due


def test_next_due_is_no_change_of_the_ticket(ticket):
    version, due = ticket.version, now() + dt.timedelta(hours=3)
    set_next_due(ticket.pk, due)
    ticket.refresh_from_db()
    assert (ticket.next_due_at, ticket.version) == (due, version)
    set_next_due(ticket.pk, None)
    ticket.refresh_from_db()
    assert ticket.next_due_at is None
