"""Somebody writes a ticket, finds the answer in the form, and sends nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import check_page
from tickets.models import FormSession, Ticket
from tickets.tests.helping import hold_out, published

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _everybody_is_offered_articles(settings):
    hold_out(settings, 0)


@pytest.fixture
def article(db):
    published("Read lineage by column", body="Nothing to be done.")
    return published()


def write(page):
    page.goto("/tickets/new")
    page.get_by_label("Summary").fill("Lineage is empty")
    page.get_by_label("Details").press_sequentially("Every lineage graph is empty since the upgrade", delay=5)


def place(field):
    """Return where a field is on the page, however far that is scrolled."""
    return field.evaluate("field => field.getBoundingClientRect().top + window.scrollY")


@pytest.mark.parametrize("has_javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_answer_in_the_form_spares_the_ticket(open_page, article, has_javascript):
    page = open_page(java_script_enabled=has_javascript)
    write(page)
    if not has_javascript:
        page.get_by_role("button", name="Send to support").click()
    offer = page.locator("#suggestions details", has_text=article.title)
    expect(offer).to_be_visible()
    if has_javascript:
        # Nothing took the focus, the offer is told, and what is open stays so while more is written.
        expect(page.get_by_label("Details")).to_be_focused()
        expect(page.get_by_role("status").filter(has_text="help article")).to_have_count(1)
    offer.locator("summary").click()
    expect(offer.get_by_text("Count the edges.")).to_be_visible()
    if has_javascript:
        before = place(page.get_by_label("Details"))
        page.get_by_label("Summary").fill("Read lineage by column: lineage is empty")
        expect(page.locator("#suggestions details")).to_have_count(2)
        expect(offer.get_by_text("Count the edges.")).to_be_visible()
        assert place(page.get_by_label("Details")) == before
    offer.get_by_role("button", name="This solved it").click()

    expect(page.get_by_role("heading", name="Good to hear")).to_be_visible()
    assert "empty" not in page.url.replace(article.slug, "")
    article.refresh_from_db()
    row = FormSession.objects.get()
    assert (article.helpful_votes, row.solved_by, row.opened, row.is_sent) == (1, article, [article.pk], False)
    assert Ticket.objects.count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_offer_is_accessible_on_a_small_phone(open_page, article, scheme):
    page = open_page(bypass_csp=True, color_scheme=scheme, viewport={"width": 320, "height": 700})
    write(page)
    page.locator("#suggestions summary").first.click()
    expect(page.get_by_role("button", name="This solved it").first).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="This solved it").first.click()
    check_page(page)
