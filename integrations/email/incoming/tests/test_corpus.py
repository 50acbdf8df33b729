"""Every difficult real mail goes in by the pipe and ends as something that somebody can find."""

import io
import sys

import pytest
from django.core.management import call_command

from integrations.email.incoming.tests.corpus import FILES, needs_corpus
from integrations.models import InboundEvent, InboundMail
from integrations.services import process_due

pytestmark = [pytest.mark.django_db, needs_corpus]
ENDS = {"PROCESSED", "IGNORED", "HELD", "FAILED"}


class Input:
    """Standard input, as a mail server fills it."""

    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


def test_every_mail_of_the_corpus_ends_somewhere(monkeypatch, settings):
    settings.PORTAL_MAIL_PER_SENDER = 100
    for path in FILES:
        monkeypatch.setattr(sys, "stdin", Input(path.read_bytes()))
        call_command("receive_mail", stdout=io.StringIO())
    while process_due():
        pass
    rows = InboundEvent.objects.all()
    assert rows.count() == len(FILES)
    assert set(rows.values_list("state", flat=True)) <= ENDS
    stumbled = [row.outcome for row in rows if row.failed_tries]
    assert not stumbled
    assert {row.outcome for row in rows.filter(state="FAILED")} == {
        "This is no mail: it has none of the headers that every mail has."
    }
    assert all(row.outcome.endswith(".") for row in rows)
    assert InboundMail.objects.count() == rows.filter(ticket__isnull=False).count()
    counts = {state: rows.filter(state=state).count() for state in sorted(ENDS)}
    assert counts["PROCESSED"] > 40 and counts["FAILED"] == 2, counts
