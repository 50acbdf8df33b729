"""A morning's queue worked with the keyboard alone, and two agents who meet on one ticket."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import sign_in
from tickets.models import Message, SavedView, Ticket
from tickets.services import create_macro, set_habits
from tickets.tests.console import open_many
from tickets.tests.rules import act
from tickets.vocabulary import MessageKind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TICKETS = 20


class Keys:
    """Types one key after another, and counts them. After what opens another page it waits until that is there."""

    def __init__(self, page):
        self.page = page
        self.count = 0

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1

    def press_and_go(self, key):
        with self.page.expect_navigation():
            self.press(key)


def test_twenty_tickets_are_triaged_by_keys(open_page, rita, agnes, sofia):
    """Each gets a priority, an assignee and an answer, and none costs more than six keys."""
    several = open_many(rita, TICKETS)
    reply = "Thank you, {{requester.first_name}}. I look into it today."
    create_macro(
        by=sofia, name="A first answer", actions=[act("set_assignee", "current_user")], reply=reply, position=0
    )
    set_habits(by=agnes, then="NEXT")
    assert SavedView.objects.filter(name="Unassigned").exists()
    page = open_page()
    sign_in(page, agnes)
    page.goto("/admin/")
    keys = Keys(page)
    keys.press("g")
    keys.press_and_go("u")
    keys.press("j")
    keys.press_and_go("Enter")
    begun = keys.count
    for _ in several:
        keys.press("p")
        keys.press_and_go("2")
        keys.press_and_go("u")
        keys.press_and_go("1")
        keys.press_and_go("Enter")
    expect(page.get_by_text("That was the last ticket here.")).to_be_visible()
    done = Ticket.objects.filter(assignee=agnes, priority="P2_HIGH", messages__kind=MessageKind.PUBLIC_REPLY)
    assert done.count() == TICKETS
    assert (keys.count - begun) / TICKETS <= 6


def test_the_sheet_lists_the_keys_and_switches_them_off(open_page, ticket, agnes):
    page = open_page()
    sign_in(page, agnes)
    page.goto(f"/admin/tickets/ticket/{ticket.pk}/change/")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet.get_by_text("Public reply")).to_be_visible()
    sheet.get_by_role("button", name="Switch them off").click()
    page.wait_for_load_state()
    page.keyboard.press("c")
    expect(page.get_by_label("Internal note")).not_to_be_checked()
    page.keyboard.press("?")
    sheet.get_by_role("button", name="Switch them on").click()
    page.wait_for_load_state()
    page.keyboard.press("c")
    expect(page.get_by_label("Internal note")).to_be_checked()
    expect(page.get_by_label("Message", exact=True)).to_be_focused()


def test_two_agents_on_one_ticket(open_page, ticket, agnes, bruno):
    """Each sees the other within five seconds; the second answer is held until its writer has read the first."""
    pages = []
    for person in (agnes, bruno):
        page = open_page()
        sign_in(page, person)
        page.goto(f"/admin/tickets/ticket/{ticket.pk}/change/")
        pages.append(page)
    hers, his = pages
    his.get_by_label("Message", exact=True).fill("Please restart the node.")
    expect(hers.get_by_text("Bruno Costa is writing")).to_be_visible(timeout=9_000)
    hers.get_by_label("Message", exact=True).fill("Which version is it?")
    his.keyboard.press("Control+Enter")
    expect(his.get_by_text("on its way")).to_be_visible()
    hers.keyboard.press("Control+Enter")
    expect(hers.get_by_text("Not sent yet")).to_be_visible()
    expect(hers.get_by_label("Message", exact=True)).to_have_value("Which version is it?")
    assert Message.objects.filter(kind=MessageKind.PUBLIC_REPLY).count() == 1
    hers.get_by_label("Message", exact=True).press("Control+Enter")
    expect(hers.get_by_text("on its way")).to_be_visible()
    said = Message.objects.filter(kind=MessageKind.PUBLIC_REPLY).order_by("pk").values_list("author__name", flat=True)
    assert list(said) == [bruno.name, agnes.name]


def test_panels_stay_where_they_were_moved(open_page, ticket, agnes):
    page = open_page(viewport={"width": 1280, "height": 1600})
    sign_in(page, agnes)
    page.goto(f"/admin/tickets/ticket/{ticket.pk}/change/", wait_until="networkidle")  # panels without news are gone
    headings = page.locator(".rail > details.panel > summary")
    before = headings.all_inner_texts()
    headings.filter(has_text="Properties").press("Alt+ArrowDown")
    expect(headings.nth(before.index("Properties") + 1)).to_be_focused()
    headings.filter(has_text="Checklist").drag_to(headings.first, target_position={"x": 20, "y": 2})
    wanted = [one for one in before if one not in ("Checklist", "Properties")]
    wanted = ["Checklist", *wanted]
    wanted.insert(before.index("Properties") + 2, "Properties")
    expect(headings).to_have_text(wanted)
    page.reload()
    expect(headings).to_have_text(wanted)
