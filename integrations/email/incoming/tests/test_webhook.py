import base64
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from integrations.email.incoming.forms import FormUnreadable, fields_of, mail_in
from integrations.email.incoming.parsing import parse
from integrations.email.incoming.tests.corpus import mail
from integrations.models import InboundEvent, InboundMail
from integrations.services import process_due
from tickets.models import Ticket

URL = "/webhooks/email/sendgrid/inbound/"
HEADERS = "From: Rita <rita@aarlund.example>\nTo: support@localhost\nMessage-ID: <form@x>\nSubject: By form\n"


@pytest.fixture(autouse=True)
def _secrets(settings):
    settings.SENDGRID_INBOUND_SECRETS = ["sendgrid:old-secret", "sendgrid:new-secret"]


def _basic(words):
    return {"Authorization": "Basic " + base64.b64encode(words.encode()).decode()}


def _post(fields, secret="sendgrid:new-secret", mark="xYzZy"):
    kind = f"multipart/form-data; boundary={mark}"
    return Client(headers=_basic(secret)).post(URL, _encoded(fields, mark.encode()), content_type=kind)


def _encoded(fields, mark):
    """Return the form as SendGrid sends it: bytes as they are, whatever their character set."""
    parts = []
    for name, value in fields.items():
        head = f'Content-Disposition: form-data; name="{name}"'.encode()
        content = value.encode() if isinstance(value, str) else value
        if isinstance(value, SimpleUploadedFile):
            head += f'; filename="{value.name}"\r\nContent-Type: {value.content_type}'.encode()
            content = value.read()
        parts.append(b"--" + mark + b"\r\n" + head + b"\r\n\r\n" + content)
    return b"\r\n".join((*parts, b"--" + mark + b"--\r\n"))


def _form(**more):
    envelope = json.dumps({"to": ["support@localhost", "billing@localhost"], "from": "rita@aarlund.example"})
    return {"envelope": envelope, "SPF": "pass", "dkim": "{@aarlund.example : pass}", "charsets": "{}"} | more


@pytest.mark.parametrize("secret", ["sendgrid:old-secret", "sendgrid:new-secret"])
def test_the_raw_mail_is_stored_as_it_came(db, secret):
    assert _post(_form(email=mail()), secret).status_code == 200
    row = InboundEvent.objects.get()
    assert bytes(row.body) == mail()
    assert row.headers["recipient"] == "support@localhost,billing@localhost"
    process_due()
    kept = InboundMail.objects.get()
    assert (kept.spf, kept.dkim, kept.is_suspicious) == ("pass", "pass", False)


def test_what_sendgrid_found_of_the_sender_counts(db):
    _post(_form(email=mail(), SPF="fail", dkim="none"))
    process_due()
    assert InboundMail.objects.get().is_suspicious


@pytest.mark.parametrize(
    "headers",
    [
        _basic("sendgrid:wrong"),
        _basic("sendgrid"),
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe:x").decode()},
        {"Authorization": "Basic"},
        {"Authorization": ""},
        {"Authorization": "Bearer x"},
    ],
)
def test_whoever_lacks_the_secret_is_refused(db, headers):
    assert Client(headers=headers).post(URL, {"email": "x"}).status_code == 401
    assert not InboundEvent.objects.exists()


def test_without_a_secret_nobody_comes_in(db, settings):
    settings.SENDGRID_INBOUND_SECRETS = []
    assert _post(_form(email=mail())).status_code == 401


def test_a_repeat_is_taken_and_stored_once(db):
    assert [_post(_form(email=mail())).status_code for _ in range(2)] == [200, 200]
    assert InboundEvent.objects.count() == 1


def test_a_mail_in_parts_is_put_together_again(rita):
    fields = _form(
        headers=HEADERS + 'Content-Type: multipart/mixed;\n boundary="x"\nReferences: <a@x>\n <b@x>',
        text="Grüße".encode("latin-1"),
        html='<p>Grüße <img src="cid:shot"></p>'.encode(),
        charsets=json.dumps({"text": "iso-8859-1", "html": "UTF-8"}),
        attachments="2",
        attachment1=SimpleUploadedFile("log.txt", b"line\n\x80", "text/plain"),
        attachment2=SimpleUploadedFile("x", b"\x89PNG\r\n\x1a\n", "image/png"),
        **{
            "attachment-info": json.dumps(
                {
                    "attachment1": {"filename": "log.txt", "type": "text/plain"},
                    "attachment2": {"filename": "", "type": "image/png", "content-id": "shot"},
                }
            )
        },
    )
    assert _post(fields).status_code == 200
    read = parse(bytes(InboundEvent.objects.get().body))
    assert (read.text, read.message_id, read.references) == ("Grüße", "<form@x>", ("<a@x>", "<b@x>"))
    assert 'src="cid:shot"' in read.html
    assert [(one.name, one.content, one.content_id) for one in read.files] == [
        ("log.txt", b"line\n\x80", ""),
        ("x", b"\x89PNG\r\n\x1a\n", "shot"),
    ]
    process_due()
    assert Ticket.objects.get().messages.get().attachments.count() == 2


def test_a_repeat_of_a_mail_in_parts_is_stored_once(db):
    for mark in ("one", "two"):
        _post(_form(headers=HEADERS, text="words", attachment1=SimpleUploadedFile("a.txt", b"x")), mark=mark)
    assert InboundEvent.objects.count() == 1


def test_a_form_that_cannot_be_read_goes_to_quarantine(db):
    answer = Client(headers=_basic("sendgrid:old-secret")).post(URL, b"what?", content_type="text/plain")
    assert answer.status_code == 200
    process_due()
    row = InboundEvent.objects.get()
    assert (row.state, row.outcome) == ("FAILED", "SendGrid's form could not be read. It names no boundary.")


def test_a_big_mail_is_taken_here_alone(db):
    big = mail() + b"\r\n" + b"x" * 10_000_000
    assert _post(_form(email=big)).status_code == 200
    assert InboundEvent.objects.get().size == len(big)
    assert _post(_form(email=b"x" * 37_000_000)).status_code == 413


def test_a_fault_of_ours_asks_for_another_try(db, monkeypatch):
    def fail(*_args, **_kwargs):
        raise OperationalError("the disk is full")

    monkeypatch.setattr("integrations.email.incoming.storing.services.receive", fail)
    assert _post(_form(email=mail())).status_code == 503


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_posts_are_taken(db, method):
    assert getattr(Client(headers=_basic("sendgrid:old-secret")), method)(URL).status_code == 405


@given(st.binary(max_size=400), st.text(max_size=40))
def test_no_form_whatever_raises_anything_else(body, boundary):
    for content in (body, b"--x\r\n" + body + b"\r\n--x\r\n\r\n" + body + b"\r\n--x--"):
        for kind in (boundary, f"multipart/form-data; boundary={boundary}", "multipart/form-data; boundary=x"):
            try:
                mail_in(fields_of(content, kind))
            except FormUnreadable:
                continue
