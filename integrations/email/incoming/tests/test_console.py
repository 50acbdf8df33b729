import pytest
from django.urls import reverse

from common.journal import Event
from integrations.email import addresses
from integrations.email.incoming.tests.corpus import FILES, mail, needs_corpus
from integrations.email.incoming.tests.receiving import receive
from integrations.models import InboundEvent, MailboxAddress
from integrations.services import process_due
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
HTML = '<p>See <img src="https://spy.example/p.gif"><script>alert(1)</script><a href="javascript:x">x</a></p>'


def _url(row, part=""):
    return reverse(f"admin:inbound_mail{part}", args=[row.pk])


@pytest.fixture
def held(ticket, mallory):
    """Mallory's answer to a ticket that is not hers."""
    text = "Let me in.\n\nOn Mon, Agnes <a@support.example> wrote:\n> No."
    return receive(mail(text, sender=mallory.email, subject=f"Re: [{ticket.reference}]", html="", message_id="<h@x>"))


def test_a_held_mail_is_shown_with_why(client, agnes, held):
    client.force_login(agnes)
    page = client.get(reverse("admin:integrations_inboundevent_change", args=[held.pk]), follow=True)
    assert page.redirect_chain == [(_url(held), 302)]
    words = page.content.decode()
    assert "mallory@outside.example is not on that ticket" in words
    assert "Let me in." in words and "Quoted text and signature" in words
    assert "The receiving server says nothing" in words
    assert "Accept as a message" in words and "Open a new ticket" in words and "Discard" in words


def test_an_agent_takes_it_as_the_requesters(client, agnes, held, ticket, rita):
    client.force_login(agnes)
    answer = client.post(_url(held), {"accept": "1", "reference": ticket.reference, "person": ""})
    message = ticket.messages.last()
    assert answer.url.endswith(f"#message-{message.pk}")
    assert (message.author, message.body) == (rita, "Let me in.")
    held.refresh_from_db()
    assert (held.state, held.ticket) == ("PROCESSED", ticket)
    assert Event.objects.filter(kind="email.accepted", actor_id=agnes.pk).exists()
    assert client.post(_url(held), {"accept": "1", "reference": ticket.reference}).status_code == 409
    assert ticket.messages.count() == 2


def test_nobody_is_made_the_author_who_is_not_on_the_ticket(client, agnes, held, ticket, bruno):
    client.force_login(agnes)
    answer = client.post(_url(held), {"accept": "1", "reference": ticket.reference, "person": bruno.pk})
    assert answer.status_code == 422 and ticket.messages.count() == 1


def test_an_agent_opens_a_ticket_with_it(client, agnes, held, ticket, mallory):
    client.force_login(agnes)
    client.post(_url(held), {"open": "1"})
    opened = Ticket.objects.exclude(pk=ticket.pk).get()
    assert opened.requester == mallory


@pytest.mark.parametrize(("deed", "state"), [("discard", "DISCARDED"), ("replay", "RECEIVED")])
def test_an_agent_puts_it_aside_or_lets_it_be_looked_at_again(client, agnes, held, deed, state):
    client.force_login(agnes)
    client.post(_url(held), {deed: "1"})
    held.refresh_from_db()
    assert held.state == state
    if deed == "replay":
        process_due()
        held.refresh_from_db()
        assert held.state == "HELD"


@pytest.mark.parametrize("who", ["rita", "mallory", None])
def test_customers_see_none_of_it(client, request, held, who):
    if who:
        client.force_login(request.getfixturevalue(who))
    for part in ("", "_raw", "_html"):
        assert client.get(_url(held, part)).status_code in (302, 403)
    assert client.post(_url(held), {"open": "1"}).status_code in (302, 403)
    assert Ticket.objects.count() == 1


def test_an_unknown_deed_or_mail_is_not_found(client, agnes, held):
    client.force_login(agnes)
    assert client.post(_url(held), {}).status_code == 404
    assert client.get(reverse("admin:inbound_mail", args=[held.pk + 1])).status_code == 404
    assert client.get(_url(held, "_html")).status_code == 404  # it has no HTML


def test_the_raw_mail_is_saved_and_never_shown(client, agnes, held):
    client.force_login(agnes)
    answer = client.get(_url(held, "_raw"))
    assert answer.content == bytes(InboundEvent.objects.get(pk=held.pk).body)
    assert answer["Content-Disposition"] == f'attachment; filename="mail-{held.pk}.eml"'


def test_the_html_original_runs_nothing_and_fetches_no_image_unasked(client, agnes):
    row = receive(mail(html=HTML))
    client.force_login(agnes)
    bare = client.get(_url(row, "_html"))
    policy = bare["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "img-src 'none'" in policy and "sandbox allow-popups" in policy
    assert "script-src 'none'" in policy
    words = bare.content.decode()
    assert "spy.example" not in words and "alert(1)" not in words and "javascript:" not in words
    shown = client.get(_url(row, "_html") + "?images=1")
    assert 'src="https://spy.example/p.gif"' in shown.content.decode()
    assert "img-src https: http:" in shown["Content-Security-Policy"]


@needs_corpus
def test_every_mail_of_the_corpus_can_be_looked_at(client, agnes):
    client.force_login(agnes)
    for path in FILES:
        row = InboundEvent.objects.create(source="email", external_id=path.name, body=path.read_bytes(), size=1)
        assert client.get(_url(row)).status_code == 200
        assert client.get(_url(row, "_html")).status_code in (200, 404)


def test_the_ticket_shows_what_was_quoted_and_what_speaks_against_the_sender(client, agnes, rita, otto, ticket):
    text = "It works.\n\n-- \nRita in Aarlund"
    to = addresses.reply_address(ticket.pk, rita.pk)
    row = receive(mail(text, to=to, Authentication_Results="mx; spf=fail"))
    client.force_login(agnes)
    page = client.get(reverse("admin:tickets_ticket_change", args=[ticket.pk])).content.decode()
    assert "Rita in Aarlund" in page and "Quoted text and signature" in page
    assert "Perhaps not from whom it says: SPF fail" in page
    assert _url(row) in page
    client.force_login(rita)
    own = client.get(f"/tickets/{ticket.reference}").content.decode()
    assert "Rita in Aarlund" in own and "SPF" not in own and _url(row) not in own
    client.force_login(otto)
    others = client.get(f"/tickets/{ticket.reference}").content.decode()
    assert "It works." in others and "Rita in Aarlund" not in others


def test_an_address_is_added_in_the_console(client, sofia):
    client.force_login(sofia)
    data = {"address": "Billing@Support.example", "team": "", "product_area": "", "tags": "invoice\nmoney"}
    client.post(reverse("admin:integrations_mailboxaddress_add"), data)
    row = MailboxAddress.objects.get()
    assert (row.address, row.tags) == ("billing@support.example", ["invoice", "money"])
