"""The second mail server: used while the first one is away, and for nothing else."""

import pytest
from django.core.cache import cache

from common.errors import DeliveryError
from integrations.checking import check
from integrations.email import transport
from integrations.models import Delivery
from tests.smtp_sink import SmtpSink


@pytest.fixture
def delivery(ticket):
    return Delivery.objects.get(kind="email")


@pytest.fixture
def servers(settings, db):
    first, second = SmtpSink(), SmtpSink()
    settings.EMAIL_BACKEND = transport.SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = first.server_address
    settings.SMTP_FALLBACK = {"EMAIL_HOST": second.server_address[0], "EMAIL_PORT": second.server_address[1]}
    settings.EMAIL_TIMEOUT = 2
    cache.delete(transport.AWAY)
    yield first, second
    for server in (first, second):
        server.shutdown()
        server.server_close()


def test_the_first_one_is_used_while_it_answers(servers, delivery):
    assert transport.send(delivery).answer == "accepted"
    assert [len(server.mails) for server in servers] == [1, 0]


def test_the_second_one_while_the_first_is_away_without_asking_it_for_each_mail(servers, delivery, settings):
    settings.EMAIL_PORT = 1
    assert "second mail server" in transport.send(delivery).answer
    settings.EMAIL_PORT = servers[0].server_address[1]
    assert "second mail server" in transport.send(delivery).answer
    cache.delete(transport.AWAY)
    assert transport.send(delivery).answer == "accepted"
    assert [len(server.mails) for server in servers] == [1, 2]


def test_both_away_is_a_failure_that_is_tried_again(servers, delivery, settings):
    settings.EMAIL_PORT, settings.SMTP_FALLBACK = 1, {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": 1}
    with pytest.raises(DeliveryError) as failed:
        transport.send(delivery)
    assert not failed.value.permanent


def test_a_refused_mail_is_not_given_to_the_second_one(servers, delivery, settings, monkeypatch):
    def refuse(connection, mail):
        raise DeliveryError("550 no such user", permanent=True)

    monkeypatch.setattr(transport, "_send_by", refuse)
    with pytest.raises(DeliveryError, match="550"):
        transport.send(delivery)
    assert servers[1].mails == []


def test_the_server_is_tried(servers, settings):
    assert check("email", is_live=True).words == "127.0.0.1 lets us in."
    assert "second server stands by" in check("email", is_live=False).words
    settings.EMAIL_PORT = 1
    assert not check("email", is_live=True).is_good


def test_files_need_no_check(settings):
    settings.EMAIL_BACKEND = "integrations.email.backend.FileBackend"
    assert "files" in check("email", is_live=True).words
