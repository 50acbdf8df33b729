"""Two at once: a ticket is rated once, and its requester asked once."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from common.errors import Conflict
from common.models import Event
from tickets import services
from tickets.models import Survey

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
BOTH = 2


@pytest.fixture(autouse=True)
def _real_locks():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time and no row locks")


def at_once(*deeds):
    """Do the deeds in threads of their own, as nearly at once as can be, and return what each answered or refused."""
    gate, answers = threading.Barrier(len(deeds)), []

    def run(deed):
        try:
            gate.wait(timeout=10)
            answers.append(deed())
        except Conflict as refusal:
            answers.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    return answers


def test_two_ratings_at_once_are_one(ticket, rita, agnes):
    services.solve_ticket(ticket, by=agnes)
    Survey.objects.all().delete()
    said = {"by": rita, "via": Survey.Via.API}
    answers = at_once(*(lambda n=n: services.rate_ticket(ticket, rating=n, **said).rating for n in (1, 5)))
    assert len(answers) == BOTH
    assert "already_rated" in answers
    assert Survey.objects.get().rating in answers
    assert Event.objects.filter(kind="survey.rated").count() == 1


def test_two_workers_ask_once(ticket, agnes, settings):
    settings.PORTAL_SURVEY_DELAY_HOURS = 0
    services.solve_ticket(ticket, by=agnes)
    assert sorted(at_once(services.ask_due_surveys, services.ask_due_surveys)) == [0, 1]
    assert Event.objects.filter(kind="survey.due").count() == 1
