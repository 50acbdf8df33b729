"""What a mail's text, quotes, files, addresses and copies become on the ticket."""

import pytest
from django.conf import settings as portal

from accounts.models import ProductArea, Team
from integrations.email import addresses
from integrations.email.incoming.tests.corpus import mail
from integrations.email.incoming.tests.receiving import receive
from integrations.models import InboundMail, MailboxAddress
from tickets.models import Ticket
from tickets.satisfaction.links import survey_token, survey_url
from tickets.services import ask_for_rating, solve_ticket, tracking_url

pytestmark = pytest.mark.django_db


def test_quotes_and_signature_are_kept_apart_from_what_is_new(ticket, rita):
    text = "It works.\n\n-- \nRita\n\nOn Mon, Agnes <a@x.example> wrote:\n> Does it?"
    receive(mail(text, to=addresses.reply_address(ticket.pk, rita.pk)))
    kept = InboundMail.objects.get()
    assert kept.message.body == "It works."
    assert "Rita" in kept.quoted and "> Does it?" in kept.quoted


def test_what_is_passed_on_is_the_text_of_a_new_ticket(rita):
    text = "See below.\n\n---------- Forwarded message ---------\nFrom: Otto\nDate: x\nTo: Rita\n\nThe graph is empty."
    receive(mail(text, subject="Fwd: trouble"))
    ticket = Ticket.objects.get()
    assert "The graph is empty." in ticket.messages.get().body
    assert ticket.subject == "trouble"


def test_secret_links_and_reply_addresses_in_quotes_open_nothing(ticket, rita):
    url, address = tracking_url(ticket, rita), addresses.reply_address(ticket.pk, rita.pk)
    receive(mail(f"Thanks, {url}\n\nOn Mon, Portal <{address}> wrote:\n> see {url}", to=address))
    kept = InboundMail.objects.get()
    secret, signature = url.rpartition("/")[2], address.partition("@")[0].rpartition("-")[2]
    for text in (kept.message.body, kept.quoted):
        assert secret not in text and signature not in text


def test_the_link_of_a_survey_in_a_quote_opens_nothing(ticket, rita, agnes):
    solve_ticket(ticket, by=agnes)
    ask_for_rating(ticket)
    url = survey_url(ticket.survey, rating=4)
    receive(mail(f"Which of these? {url}\n", to=addresses.reply_address(ticket.pk, rita.pk)))
    kept = InboundMail.objects.get()
    assert survey_token(ticket.survey) not in kept.message.body
    assert "/survey/...?rating=4" in kept.message.body


def test_files_are_attached_and_refused_ones_are_named(rita):
    files = (("log.txt", b"line\n"), ("setup.exe", b"MZ\x90"), ("empty.txt", b""), ("list.csv", b"a;b\n"))
    receive(mail(files=files))
    message = Ticket.objects.get().messages.get()
    assert [one.name for one in message.attachments.all()] == ["log.txt", "list.csv"]
    assert "Not attached: setup.exe: programs and web pages cannot be attached" in message.body
    assert InboundMail.objects.get().troubles == ["The file empty.txt is empty."]


def test_too_many_files_are_named(rita):
    receive(mail(files=tuple((f"{n}.txt", b"line") for n in range(7))))
    message = Ticket.objects.get().messages.get()
    assert message.attachments.count() == portal.PORTAL_ATTACHMENTS_PER_MESSAGE
    assert "5.txt (at most 5 files); 6.txt (at most 5 files)" in message.body


def test_a_text_that_is_too_long_is_a_file_as_well(rita):
    text = "\n".join(f"line {n}" for n in range(5000))
    receive(mail(text))
    message = Ticket.objects.get().messages.get()
    assert len(message.body) < 10_000 and "message.txt" in message.body
    with message.attachments.get().file.open() as file:
        assert b"line 4999" in file.read()


@pytest.mark.parametrize(
    ("text", "subject", "body", "title"),
    [
        ("", "Help", "(The mail has no text.)", "Help"),
        ("Hello", "", "Hello", "Email: no subject"),
        ("Hello", "Hi", "Hello", "Email: Hi"),
        ("Hello", "Re: AW: [2] x" * 40, "Hello", None),
    ],
)
def test_mails_without_text_or_subject(rita, text, subject, body, title):
    receive(mail(text, subject=subject))
    ticket = Ticket.objects.get()
    assert ticket.messages.get().body == body
    assert ticket.subject == title or title is None


def test_the_address_says_where_a_ticket_goes(rita):
    team = Team.objects.create(name="Billing")
    area = ProductArea.objects.first()
    MailboxAddress.objects.create(address="billing@support.example", team=team, product_area=area, tags=["invoice"])
    receive(mail(to="billing@support.example"))
    ticket = Ticket.objects.get()
    assert (ticket.team, ticket.product_area, [tag.name for tag in ticket.tags.all()]) == (team, area, ["invoice"])


def test_a_plus_address_names_a_product_area_or_a_line_of_its_own(rita):
    area = ProductArea.objects.first()
    receive(mail(to=f"support+{area.key.lower()}@localhost", message_id="<1@x>", subject="By area"))
    assert Ticket.objects.get(subject="By area").product_area == area
    team = Team.objects.create(name="Billing")
    MailboxAddress.objects.create(address="support+billing@localhost", team=team)
    receive(mail(Delivered_To="support+billing@localhost", message_id="<2@x>", subject="By line"))
    assert Ticket.objects.get(subject="By line").team == team


COPIES = "Otto <otto@aarlund.example>, new@aarlund.example, x@elsewhere.example, support@localhost"


@pytest.mark.parametrize(
    ("rule", "followers"),
    [
        ("never", set()),
        ("organization", {"otto@aarlund.example", "new@aarlund.example"}),
        ("all", {"otto@aarlund.example", "new@aarlund.example", "x@elsewhere.example"}),
    ],
)
def test_who_was_copied_follows_by_rule(settings, rule, followers, rita, otto):
    settings.PORTAL_MAIL_CC_FOLLOWERS = rule
    receive(mail(Cc=COPIES))
    assert {one.person.email for one in Ticket.objects.get().followers.all()} == followers


def test_an_organization_that_takes_nobody_in_by_address_gets_no_new_people(rita, otto, aarlund):
    aarlund.is_joined_by_domain = False
    aarlund.save()
    receive(mail(Cc=COPIES))
    assert [one.person for one in Ticket.objects.get().followers.all()] == [otto]


def test_an_answer_adds_the_senders_colleagues(ticket, rita, otto):
    receive(mail(to=addresses.reply_address(ticket.pk, rita.pk), Cc=COPIES))
    assert {one.person.email for one in ticket.followers.all()} == {"otto@aarlund.example", "new@aarlund.example"}


def test_nobody_is_added_by_a_mail_that_fails_the_checks(rita, otto):
    receive(mail(Cc=COPIES, Authentication_Results="mx; dmarc=fail"))
    assert not Ticket.objects.get().followers.exists()
