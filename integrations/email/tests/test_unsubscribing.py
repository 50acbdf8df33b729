"""Leaving status notices by one click."""

import re

import pytest

from integrations import services as outbox
from integrations.email.unsubscribing import url_for
from tickets import services


@pytest.fixture
def notice(ticket, agnes, mailoutbox):
    outbox.deliver_due()
    mailoutbox.clear()
    services.solve_ticket(ticket, by=agnes)
    outbox.deliver_due()
    (mail,) = mailoutbox
    return mail


def path_of(mail):
    return re.fullmatch(r"<http://localhost:8000(/unsubscribe/\S+)>", mail.extra_headers["List-Unsubscribe"])[1]


def test_a_mail_program_unsubscribes_by_one_post(notice, client, rita):
    assert notice.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert client.get(path_of(notice)).status_code == 200
    rita.refresh_from_db()
    assert rita.is_mailed_status, "some programs open every link"
    answer = client.post(path_of(notice), {"List-Unsubscribe": "One-Click"})
    assert "You get no more" in answer.content.decode()
    rita.refresh_from_db()
    assert not rita.is_mailed_status
    assert rita.is_mailed_replies
    assert client.post(path_of(notice)).status_code == 200, "twice is harmless"


def test_answers_and_receipts_are_no_notices(ticket, agnes, mailoutbox):
    services.post_public_reply(ticket, body="Hello.", by=agnes)
    outbox.deliver_due()
    assert len(mailoutbox) == 2
    assert all("List-Unsubscribe" not in mail.extra_headers for mail in mailoutbox)


@pytest.mark.parametrize("change", ["x", "", ":"])
def test_a_link_that_we_did_not_make_opens_nothing(client, rita, change):
    path = url_for(rita).removeprefix("http://localhost:8000")
    assert client.post(f"/unsubscribe/{change or 'nonsense'}").status_code == 404
    assert client.post(f"{path}{change or 'x'}").status_code == 404
    rita.is_active = False
    rita.save(update_fields=["is_active"])
    assert client.post(path).status_code == 404
