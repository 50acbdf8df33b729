"""What a mail server learns from the exit status of the command it hands a mail to."""

import io
import sys

import pytest
from django.core.management import call_command
from django.db import OperationalError

from integrations.email.incoming.parsing import BYTES_MOST
from integrations.email.incoming.tests.corpus import mail
from integrations.models import InboundEvent

pytestmark = pytest.mark.django_db


def _pipe(monkeypatch, content, *arguments):
    """Return the exit status and what was said."""
    monkeypatch.setattr(sys, "stdin", type("Input", (), {"buffer": io.BytesIO(content)}))
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("receive_mail", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        return ended.code, err.getvalue().strip()
    return 0, out.getvalue().strip()


def test_a_mail_is_stored_with_its_envelope(monkeypatch):
    status, words = _pipe(monkeypatch, mail(), "--recipient", "Support+Billing@localhost")
    row = InboundEvent.objects.get()
    assert (status, words) == (0, f"Stored as {row.pk}.")
    assert row.headers == {"way": "pipe", "recipient": "support+billing@localhost"}
    assert _pipe(monkeypatch, mail(), "--recipient", "support+billing@localhost") == (0, "It was stored before.")


def test_trouble_that_passes_keeps_the_mail_at_the_server(monkeypatch):
    def fail(*_args, **_kwargs):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr("integrations.email.incoming.storing.services.receive", fail)
    assert _pipe(monkeypatch, mail()) == (75, "It could not be stored now: OperationalError")


@pytest.mark.parametrize(
    ("content", "words"), [(b" \n", "There is no mail"), (b"x" * (BYTES_MOST + 1), "larger than 35 MB")]
)
def test_what_is_no_mail_goes_back(monkeypatch, content, words):
    status, said = _pipe(monkeypatch, content)
    assert status == 65 and words in said
    assert not InboundEvent.objects.exists()
