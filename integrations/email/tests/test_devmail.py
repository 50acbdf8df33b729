"""Reading mails at /dev/mail/: on this machine, and only while mail goes to files."""

import pytest
from django.urls import reverse

from integrations.email import backend, transport
from integrations.models import Delivery


@pytest.fixture
def mail_name(ticket, settings):
    settings.EMAIL_BACKEND = "integrations.email.backend.FileBackend"
    transport.send(Delivery.objects.get())
    return backend.written_mails()[0][0]


def test_the_list_and_a_mail_are_shown(client, mail_name, ticket):
    assert ticket.subject in client.get("/dev/mail/").content.decode()
    page = client.get(reverse("dev-mail", args=[mail_name])).content.decode()
    assert "/t/" in page
    assert "Message-ID" in page


def test_the_html_part_cannot_do_anything(client, mail_name):
    response = client.get(reverse("dev-mail-html", args=[mail_name]))
    assert "sandbox" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    "headers", [{"REMOTE_ADDR": "192.0.2.1"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, {"REMOTE_ADDR": ""}]
)
def test_nobody_else_reads_them(client, mail_name, headers):
    assert client.get("/dev/mail/", **headers).status_code == 404
    assert client.get(reverse("dev-mail", args=[mail_name]), **headers).status_code == 404


def test_there_is_no_such_page_where_mail_goes_out(client, db):
    assert client.get("/dev/mail/").status_code == 404


def test_a_mail_that_is_not_there_is_not_found(client, mail_name):
    assert client.get(reverse("dev-mail", args=["nothing.eml"])).status_code == 404
