"""Each way a mail server can fail becomes a delivery error of the right kind."""

import smtplib

import pytest
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core.mail.backends.locmem import EmailBackend

from common.errors import DeliveryError
from integrations.email import backend, transport
from integrations.models import Delivery


@pytest.fixture
def delivery(ticket):
    return Delivery.objects.get()


@pytest.mark.parametrize(
    ("error", "is_permanent"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no such user")}), True),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"greylisted")}), False),
        (smtplib.SMTPDataError(554, b"rejected"), True),
        (smtplib.SMTPAuthenticationError(535, b"bad password"), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
        (ConnectionRefusedError(), False),
        (TimeoutError(), False),
        (AnymailAPIError("x", status_code=400), True),
        (AnymailAPIError("x", status_code=401), False),
        (AnymailAPIError("x", status_code=429), False),
        (AnymailAPIError("x", status_code=503), False),
        (AnymailAPIError("x"), False),
        (AnymailRecipientsRefused("x"), True),
    ],
)
def test_failures(delivery, monkeypatch, error, is_permanent):
    def fail(self, messages):
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    with pytest.raises(DeliveryError) as failed:
        transport.send(delivery)
    assert failed.value.permanent is is_permanent


def test_a_server_that_takes_nothing_is_a_failure(delivery, monkeypatch):
    monkeypatch.setattr(EmailBackend, "send_messages", lambda self, messages: 0)
    with pytest.raises(DeliveryError):
        transport.send(delivery)


def test_the_embedded_default_writes_whole_mails_to_files(delivery, settings):
    settings.EMAIL_BACKEND = "integrations.email.backend.FileBackend"
    transport.send(delivery)
    ((name, written),) = backend.written_mails()
    assert written["To"] == "rita@aarlund.example"
    assert backend.read_mail(name)["Subject"] == written["Subject"]


@pytest.mark.parametrize("name", ["../secret.eml", "nothing.eml", "x.txt", ""])
def test_only_mails_of_the_folder_are_read(name, settings):
    with pytest.raises(FileNotFoundError):
        backend.read_mail(name)
