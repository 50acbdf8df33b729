"""Own words of mails: sent, tried out, and left when they fail."""

import pytest
from django.urls import reverse

from common.errors import Invalid, NotAllowed
from common.journal import Event
from integrations import services as outbox
from integrations.email.models import MailTemplate
from integrations.email.templating import reset_template, save_template
from tickets import services

OWN = {"subject": "Done: {{ subject }}", "words": "Dear {{ name }}, **{{ who }}** solved it."}
LIST = reverse("admin:integrations_mails")
PAGE = reverse("admin:integrations_mail", args=["ticket_solved", "en"])


@pytest.fixture
def solved(ticket, agnes, mailoutbox):
    """Solve the ticket and return the mail of that."""

    def solve():
        outbox.deliver_due()
        mailoutbox.clear()
        services.solve_ticket(ticket, by=agnes)
        outbox.deliver_due()
        (mail,) = mailoutbox
        return mail

    return solve


def test_own_words_are_sent_in_the_same_frame(solved, sofia, ticket, rita):
    save_template("ticket_solved", "en", by=sofia, **OWN)
    mail = solved()
    assert mail.subject == f"Done: {ticket.subject}"
    assert f"Dear {rita.name}, **Agnes Moreau** solved it." in mail.body
    markup = mail.alternatives[0][0]
    assert "<strong>Agnes Moreau</strong> solved it." in markup
    assert services.tracking_token(ticket, rita) in markup
    assert "List-Unsubscribe" in mail.extra_headers


def test_words_that_fail_never_stop_a_mail_and_say_so(solved, sofia, client):
    save_template("ticket_solved", "en", by=sofia, **OWN)
    MailTemplate.objects.update(words="{% if %}{{ broken")
    assert "Solved" in solved().subject
    assert MailTemplate.objects.get().last_error
    client.force_login(sofia)
    assert "The built-in ones are sent" in client.get(LIST).content.decode()
    assert "These words failed" in client.get(PAGE).content.decode()


def test_other_languages_keep_the_built_in_words(solved, sofia, rita):
    save_template("ticket_solved", "en", by=sofia, **OWN)
    MailTemplate.objects.update(language="no")
    assert "Solved" in solved().subject


def test_going_back(solved, sofia):
    save_template("ticket_solved", "en", by=sofia, **OWN)
    save_template("ticket_solved", "en", by=sofia, **{**OWN, "subject": "Again"})
    reset_template("ticket_solved", "en", by=sofia)
    reset_template("ticket_solved", "en", by=sofia)
    assert "Solved" in solved().subject
    assert Event.objects.filter(kind="email.template_changed").count() == 2
    assert Event.objects.filter(kind="email.template_reset").count() == 1


def test_refused(sofia, agnes):
    with pytest.raises(NotAllowed):
        save_template("ticket_solved", "en", by=agnes, **OWN)
    with pytest.raises(NotAllowed):
        reset_template("ticket_solved", "en", by=agnes)
    for name, language in (("sign_in_code", "en"), ("ticket_solved", "xx")):
        with pytest.raises(Invalid):
            save_template(name, language, by=sofia, **OWN)


def test_the_pages(client, sofia, agnes):
    client.force_login(sofia)
    assert "Built in" in client.get(LIST).content.decode()
    assert "marked this ticket as solved" in client.get(PAGE).content.decode()
    shown = client.post(PAGE, {**OWN, "deed": "preview"})
    assert "Rita Lindqvist" in shown.content.decode()
    assert "srcdoc=" in shown.content.decode()
    assert not MailTemplate.objects.exists()
    wrong = client.post(PAGE, {**OWN, "words": "{{ password }}", "deed": "save"})
    assert (wrong.status_code, "There is no" in wrong.content.decode()) == (422, True)
    assert client.post(PAGE, {**OWN, "deed": "save"}).status_code == 302
    assert "Your own" in client.get(LIST).content.decode()
    assert "Go back to them" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"deed": "reset"}).status_code == 302
    assert not MailTemplate.objects.exists()
    assert client.get(reverse("admin:integrations_mail", args=["sign_in_code", "en"])).status_code == 404
    client.force_login(agnes)
    assert client.get(LIST).status_code == 403
    assert client.get(PAGE).status_code == 403
