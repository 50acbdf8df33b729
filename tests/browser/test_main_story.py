"""The main job, as a guest and an agent live it: a question, an answer, a note nobody else sees, and back again."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from integrations import services as outbox
from tests.cast import PASSWORD
from tickets.models import Ticket
from tickets.vocabulary import Status

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _site(settings, live_server):
    settings.SITE_URL = live_server.url
    settings.DEBUG = False


def next_mail():
    mail.outbox.clear()
    outbox.deliver_due()
    (message,) = mail.outbox
    return message


def link_in(message) -> str:
    return re.search(r"https?://\S+/t/[\w-]+", message.body)[0]


@pytest.mark.parametrize("has_javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_guest_asks_and_an_agent_answers(open_page, agnes, tmp_path, has_javascript):
    guest = open_page(java_script_enabled=has_javascript)
    guest.goto("/")
    guest.get_by_role("link", name="Open a ticket").first.click()

    # Something is missing: the page says what, and keeps what was typed.
    guest.get_by_label("Summary").fill("Lineage graph is empty")
    guest.wait_for_timeout(2500)
    guest.get_by_role("button", name="Send to support").click()
    expect(guest).to_have_title(re.compile("^Error:"))
    expect(guest.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(guest.get_by_label("Summary")).to_have_value("Lineage graph is empty")

    log = tmp_path / "reindex.log"
    log.write_text("batch 4: timeout")
    guest.get_by_label("What is it about?").select_option(label="Lineage")
    guest.get_by_label("Details").fill("Since the upgrade, **every** graph.\n\n    odg lineage count")
    guest.get_by_label("Your name").fill("Gwen Guest")
    guest.get_by_label("Your email address").fill("gwen@guest.example")
    guest.locator("input[type=file]").set_input_files(log)
    guest.get_by_role("button", name="Send to support").click()

    expect(guest.locator("h1")).to_contain_text("ODG-")
    ticket = Ticket.objects.get()
    assert ticket.reference in guest.locator("h1").inner_text()
    shown_link = re.search(r"https?://[^\s\"<]+/t/[\w-]+", guest.content())[0]
    assert link_in(next_mail()) == shown_link

    # Reloading the form's answer makes no second ticket.
    guest.reload()
    assert Ticket.objects.count() == 1

    agent = open_page()
    agent.goto("/admin/")
    agent.get_by_role("link", name="Use a password instead").click()
    agent.get_by_label("Work email address").first.fill(agnes.email)
    agent.get_by_label("Password", exact=True).fill(PASSWORD)
    with agent.expect_navigation(url="**/admin/"):
        agent.get_by_role("button", name="Sign in").click()
    agent.goto("/admin/tickets/ticket/")
    agent.get_by_role("link", name=re.compile("Lineage graph is empty")).first.click()
    expect(agent.get_by_text("reindex.log")).to_be_visible()

    agent.locator("label", has_text="Internal note").click()
    agent.locator("form.composer textarea").fill("Same lock as last week.")
    agent.get_by_role("button", name="Add internal note").click()
    expect(agent.get_by_text("Same lock")).to_be_visible()
    agent.locator("label", has_text="Public reply").click()
    agent.locator("form.composer textarea").fill("Please run `odg lineage reindex`.")
    agent.get_by_role("button", name="Send to Gwen").click()
    expect(agent.get_by_text("Please run")).to_be_visible()
    answer = next_mail()
    assert "odg lineage reindex" in answer.body
    assert "Same lock" not in answer.body
    with agent.expect_navigation():
        agent.get_by_role("button", name="Solve").first.click()
    ticket.refresh_from_db()
    assert ticket.status == Status.SOLVED
    assert "Solved" in next_mail().subject

    guest.goto(link_in(answer))
    expect(guest.get_by_text("Please run")).to_be_visible()
    assert "Same lock" not in guest.content()
    guest.get_by_label("Your message").fill("It stops at batch 4.")
    guest.get_by_role("button", name="Send reply").click()
    expect(guest.get_by_text("It stops at batch 4.")).to_be_visible()
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN

    agent.reload()
    expect(agent.get_by_text("It stops at batch 4.")).to_be_visible()
