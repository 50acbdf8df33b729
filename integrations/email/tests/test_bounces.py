import pytest

from common.journal import Event
from integrations.email.incoming.tests.corpus import mail
from integrations.email.incoming.tests.receiving import receive
from integrations.email.models import SuppressedAddress
from integrations.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(rita):
    """Our mail to Rita, as the mail server took it."""
    return Delivery.objects.create(
        kind="email", template="new_message", destination=rita.email, external_id="<delivery.1@localhost>"
    )


def _report(address, message_id, status="5.1.1", action="failed"):
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: support@localhost\r\nSubject: Undelivered Mail\r\n"
        "Message-ID: <report@mx.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n'
        "\r\n--x\r\n\r\nIt did not arrive.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 No such user\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Message-ID: {message_id}\r\nSubject: x\r\n\r\nx\r\n--x--\r\n"
    ).encode()


def test_a_bounce_of_our_mail_is_noted_and_its_address_marked(sent, rita):
    row = receive(_report(rita.email, sent.external_id))
    assert row.outcome == f"A delivery report: our mail did not reach {rita.email}."
    event = Event.objects.get(kind="email.bounced")
    assert event.data == {
        "address": rita.email,
        "reason": "550 No such user",
        "is_permanent": True,
        "delivery": sent.pk,
    }
    assert SuppressedAddress.objects.get().address == rita.email


def test_a_delay_marks_nothing(sent, rita):
    receive(_report(rita.email, sent.external_id, status="4.4.1", action="delayed"))
    assert Event.objects.filter(kind="email.bounced").exists() and not SuppressedAddress.objects.exists()


@pytest.mark.parametrize("case", ["another mail", "another address", "no mail at all"])
def test_a_made_up_report_marks_nothing(sent, rita, case):
    address = "otto@aarlund.example" if case == "another address" else rita.email
    message_id = sent.external_id if case == "another address" else "<delivery.2@localhost>"
    row = receive(_report(address, message_id if case != "no mail at all" else "x"))
    assert (row.state, SuppressedAddress.objects.count()) == ("IGNORED", 0)
    assert "none of ours" in row.outcome


def test_a_mail_that_only_looks_like_a_report_opens_a_ticket():
    assert receive(mail(subject="Undelivered parcel")).state == "PROCESSED"
