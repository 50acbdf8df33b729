"""Rating a ticket by the mail's link: with a keyboard, without JavaScript, on a small phone, in both schemes."""

from __future__ import annotations

import pytest

from tests.browser.test_accessibility import check, check_page, sign_in
from tickets.models import Survey
from tickets.satisfaction.links import survey_url
from tickets.services import ask_for_rating, open_ticket, solve_ticket
from tickets.vocabulary import Channel

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_a_rating_are_accessible(open_page, ticket, rita, agnes, settings, scheme):
    solve_ticket(ticket, by=agnes)
    ask_for_rating(ticket)
    path = survey_url(ticket.survey, rating=2).removeprefix(settings.SITE_URL)
    options = {"bypass_csp": True, "color_scheme": scheme, "viewport": {"width": 320, "height": 700}}
    page = open_page(**options)
    check(page, "/survey/none-of-ours")
    check(page, path.partition("?")[0])
    page.get_by_role("button", name="Send rating").click()
    page.get_by_role("link", name="Choose one of the five faces").click()
    check_page(page)
    check(page, path)
    page.get_by_label("Bad", exact=True).press("ArrowRight")  # to the third of the five
    page.get_by_label("What made it so?").fill("In the end it was solved. " * 8)
    page.get_by_role("button", name="Send rating").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    check_page(page)
    assert Survey.objects.get().rating == 3
    other = open_ticket(subject="Other", description="x", requester=rita, by=rita, channel=Channel.WEB)
    solve_ticket(other, by=agnes)
    for person, paths in (
        (rita, [f"/tickets/{ticket.reference}", f"/tickets/{other.reference}"]),
        (agnes, [f"/admin/tickets/ticket/{ticket.pk}/change/"]),
    ):
        page = open_page(**options)
        sign_in(page, person)
        for path in paths:
            check(page, path)


def test_rated_without_javascript(open_page, ticket, agnes, settings):
    solve_ticket(ticket, by=agnes)
    ask_for_rating(ticket)
    page = open_page(java_script_enabled=False)
    page.goto(survey_url(ticket.survey, rating=5).removeprefix(settings.SITE_URL))
    assert page.get_by_label("Very good").is_checked()
    page.get_by_role("button", name="Send rating").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    assert Survey.objects.get().rating == 5
