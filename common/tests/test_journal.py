"""The journal: with the change, in its transaction, or not at all."""

from collections import defaultdict

import pytest
from django.db import transaction

from common import context, journal
from common.actors import SYSTEM, Rule
from common.journal import Event


@pytest.fixture
def kind(monkeypatch):
    monkeypatch.setattr(journal, "_kinds", dict(journal.kinds()))
    return journal.declare("thing.happened", "made it happen", what="text")


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused(kind):
    with pytest.raises(transaction.TransactionManagementError):
        journal.record(kind, subject=Event(pk=1), by=SYSTEM)


def test_an_event_says_who_what_and_whence(kind, agnes):
    with context.origin(context.Origin("request-1", "192.0.2.7")):
        event = journal.record(kind, subject=agnes, by=agnes, data={"what": "x"}, channel="WEB")
    event.refresh_from_db()
    assert (event.actor_kind, event.actor_id, event.actor_label) == ("person", agnes.pk, "Agnes Moreau")
    assert (event.request_id, event.ip_address, event.channel) == ("request-1", "192.0.2.7", "WEB")
    assert list(journal.timeline(agnes).filter(kind="thing.happened")) == [event]


def test_a_rule_and_the_system_are_named_as_such(kind, agnes):
    by_rule = journal.record(kind, subject=agnes, by=Rule("closing"))
    by_system = journal.record(kind, subject=agnes, by=SYSTEM)
    assert (by_rule.actor_kind, by_rule.actor_label, by_rule.actor_id) == ("rule", "closing", None)
    assert by_system.actor_kind == "system"


def test_what_was_not_declared_is_refused(kind, agnes):
    with pytest.raises(ValueError, match="not declared"):
        journal.record(kind, subject=agnes, by=SYSTEM, data={"other": 1})
    with pytest.raises(ValueError, match="twice"):
        journal.declare("thing.happened", "again")


def test_a_subscriber_that_fails_takes_the_change_with_it(kind, agnes, monkeypatch):
    monkeypatch.setattr(journal, "_subscribers", defaultdict(list))

    def fail(event):
        raise RuntimeError("no")

    journal.subscribe([kind], fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        journal.record(kind, subject=agnes, by=SYSTEM)
    assert not Event.objects.filter(kind="thing.happened").exists()


def test_the_digest_tells_an_altered_row(kind, agnes):
    event = journal.record(kind, subject=agnes, by=SYSTEM, data={"what": "é"})
    event = Event.objects.get(pk=event.pk)
    assert event.digest == event.compute_digest()
    event.data = {"what": "e"}
    assert event.digest != event.compute_digest()
