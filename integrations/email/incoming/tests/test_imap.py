import io
import json
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from imap_tools import MailBoxUnencrypted

from integrations.email.incoming import polling
from integrations.email.incoming.imap import MailboxTrouble
from integrations.email.incoming.tests import dovecot
from integrations.email.incoming.tests.corpus import mail
from integrations.models import FetchedMail, InboundEvent, MailFolder
from integrations.services import process_due
from tests.vendors.server import Reply, Vendor
from tickets.models import Ticket

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not dovecot.IS_INSTALLED, reason="no IMAP server is installed here (dovecot-imapd)"),
]


@pytest.fixture(scope="module")
def server():
    with dovecot.running() as one:
        yield one


@pytest.fixture
def user(request, server, settings):
    """A mailbox of this test's own."""
    name = f"u{abs(hash(request.node.nodeid))}"
    settings.IMAP_URL = server.url(name)
    with mailbox(server, name):
        yield name


@contextmanager
def mailbox(server, user):
    with MailBoxUnencrypted("127.0.0.1", server.port, timeout=10).login(user, dovecot.PASSWORD) as one:
        yield one


def put(server, user, *mails, folder="INBOX"):
    with mailbox(server, user) as one:
        for raw in mails:
            one.append(raw, folder)


def _mails(*numbers):
    return [mail(message_id=f"<{n}@x>", subject=f"Question {n}") for n in numbers]


def test_new_mails_are_stored_once_and_stay_unread(server, user):
    put(server, user, *_mails(1, 2))
    assert [polling.fetch_mail(), polling.fetch_mail()] == [2, 0]
    put(server, user, *_mails(3))
    assert polling.fetch_mail() == 1
    process_due()
    assert sorted(Ticket.objects.values_list("subject", flat=True)) == ["Question 1", "Question 2", "Question 3"]
    with mailbox(server, user) as one:
        assert not any("\\Seen" in message.flags for message in one.fetch(mark_seen=False))


def test_a_mail_that_somebody_read_is_fetched_all_the_same(server, user):
    put(server, user, *_mails(1))
    with mailbox(server, user) as one:
        one.flag(one.uids(), "\\Seen", True)
    assert polling.fetch_mail() == 1


def test_what_lay_in_the_mailbox_for_long_opens_no_tickets(server, user, time_machine):
    put(server, user, *_mails(1))
    time_machine.move_to("2099-01-01 10:00Z")
    assert polling.fetch_mail() == 0
    assert polling.reconcile_mail()[0].gaps == []


def test_a_server_that_numbers_anew_brings_nothing_twice(server, user, settings):
    put(server, user, *_mails(1, 2))
    polling.fetch_mail()
    with mailbox(server, user) as one:
        one.folder.create("INBOX2")
        one.copy(one.uids(), "INBOX2")
    MailFolder.objects.update(folder="INBOX2", uid_validity=1)  # as if this had been its name and number before
    settings.IMAP_FOLDERS = ["INBOX2"]
    put(server, user, *_mails(3), folder="INBOX2")
    assert polling.fetch_mail() == 3
    assert InboundEvent.objects.count() == 3


@pytest.fixture(autouse=True)
def _folders(settings):
    settings.IMAP_FOLDERS = ["INBOX"]


def test_a_mail_that_is_too_big_is_named_and_left_there(server, user, monkeypatch):
    monkeypatch.setattr(polling, "BYTES_MOST", 2_000_000)
    put(server, user, mail("x\n" * 1_500_000))
    polling.fetch_mail()
    process_due()
    row = InboundEvent.objects.get()
    assert (row.state, row.size < 2000) == ("FAILED", True)
    assert row.outcome == "The mail is larger than 2 MB; it is in the mailbox."


def test_gaps_are_named_and_repaired(server, user):
    put(server, user, *_mails(1, 2, 3))
    polling.fetch_mail()
    FetchedMail.objects.filter(uid=2).delete()
    InboundEvent.objects.filter(headers__uid="2").delete()
    put(server, user, *_mails(4))
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile_mail", stdout=out)
    assert ended.value.code == 1
    assert out.getvalue() == "INBOX: 4 on the server, 2 stored, 1 not fetched yet; 1 are missing: UID 2.\n"
    assert MailFolder.objects.get().gaps == [2]
    call_command("reconcile_mail", "--repair", stdout=io.StringIO())
    call_command("fetch_mail", stdout=io.StringIO())
    out = io.StringIO()
    call_command("reconcile_mail", stdout=out)
    assert out.getvalue() == "INBOX: 4 on the server, 4 stored, 0 not fetched yet, no gap.\n"
    assert InboundEvent.objects.count() == 4


@pytest.mark.parametrize("url", ["imap://u:p@127.0.0.1:1", "imaps://u:p@127.0.0.1:1", "imap+tls://u:p@127.0.0.1:1"])
def test_a_server_that_is_away_is_told_and_noted(settings, url):
    settings.IMAP_URL = url
    with pytest.raises(MailboxTrouble, match=r"u at 127\.0\.0\.1"):
        polling.fetch_mail()
    assert "refused" in MailFolder.objects.get().last_error
    assert polling.fetch_quietly() == polling.reconcile_quietly() == 0
    for command in ("fetch_mail", "reconcile_mail"):
        with pytest.raises(SystemExit):
            call_command(command, stderr=io.StringIO())


def test_a_wrong_password_is_told_without_it(server, settings):
    settings.IMAP_URL = server.url("somebody", "wrong-password")
    with pytest.raises(MailboxTrouble) as trouble:
        polling.fetch_mail()
    assert "wrong-password" not in str(trouble.value) + MailFolder.objects.get().last_error


def test_without_a_mailbox_nothing_is_done(settings):
    settings.IMAP_URL = ""
    assert polling.fetch_mail() == 0 and polling.reconcile_mail() == []
    for command in ("fetch_mail", "reconcile_mail"):
        with pytest.raises(SystemExit):
            call_command(command, stderr=io.StringIO())


class Identity(Vendor):
    """A token server: gives tokens for the refresh token it knows, and tells a mail server whose they are."""

    def answer(self, request):
        if request.path == "/token":
            is_known = b"refresh_token=known&" in request.body + b"&"
            return Reply(200, {"access_token": "fresh-token"}) if is_known else Reply(400, {"error": "invalid_grant"})
        is_fresh = request.query.get("access_token") == "fresh-token"
        return Reply(200, {"email": "support", "active": True}) if is_fresh else Reply(401, {"error": "invalid_token"})


@pytest.fixture
def identity(settings):
    settings.PORTAL_PRIVATE_ADDRESSES_ALLOWED = True
    settings.IMAP_OAUTH_CLIENT_ID, settings.IMAP_OAUTH_CLIENT_SECRET = "portal", "client-secret"
    settings.IMAP_OAUTH_REFRESH_TOKEN, settings.IMAP_OAUTH_SCOPE = "known", "imap"
    with Identity() as one:
        settings.IMAP_OAUTH_TOKEN_URL = f"{one.url}/token"
        yield one


def test_a_mailbox_behind_oauth_is_read_with_a_fresh_token(settings, identity):
    with dovecot.running(f"{identity.url}/info?access_token=") as one:
        settings.IMAP_URL = one.url("support", "")
        put(one, "support", *_mails(1))
        assert polling.fetch_mail() == 1
    token = next(request for request in identity.requests if request.path == "/token")
    assert token.body == (
        b"grant_type=refresh_token&client_id=portal&client_secret=client-secret&refresh_token=known&scope=imap"
    )


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(400, {"error": "invalid_grant"}), "answered 400 invalid_grant: sign the mailbox in again"),
        (Reply(200, b"<html>"), "answered 200 with something that is no token"),
        (Reply(200, {"token": 1}), "answered 200"),
        (Reply(200, [1]), "answered 200"),
        (Reply(is_reset=True), "cannot be reached"),
    ],
)
def test_a_token_server_that_gives_none_is_told(settings, identity, server, reply, words):
    settings.IMAP_URL = server.url("support", "")
    identity.scripted.append(reply)
    with pytest.raises(MailboxTrouble, match=words):
        polling.fetch_mail()
    assert json.dumps(MailFolder.objects.get().last_error).count("client-secret") == 0
