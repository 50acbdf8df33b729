"""axe finds nothing serious on the pages people use most, and none of them scrolls sideways on a small phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from common.time import now
from knowledgebase.services import flush_searches, note_search
from sla.models import BusinessCalendar, SlaPolicy
from sla.services import draft_policy, run_back_tests, start_back_test
from tests.cast import PASSWORD
from tickets.models import DeflectionDay
from tickets.services import add_internal_note, post_public_reply, tracking_token

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GUEST = ["/", "/tickets/new", "/tickets/find", "/accounts/login/", "/help", "/nothing-here"]
CUSTOMER = ["/tickets", "/tickets/{reference}", "/profile"]
AGENT = [
    *("/admin/", "/admin/tickets/ticket/", "/admin/tickets/ticket/{pk}/change/?queue=&at="),
    *("/admin/tickets/ticket/{pk}/change/#key-?", "/admin/tickets/macros/{reference}/"),
]
SUPERVISOR = [
    *("/admin/sla/slapolicy/", "/admin/sla/slapolicy/{policy}/change/", "/admin/sla/slapolicy/{policy}/draft/"),
    *("/admin/sla/businesscalendar/{calendar}/change/", "/admin/sla/businesscalendar/{calendar}/draft/"),
    *("/admin/sla/monitor/", "/admin/sla/reports/?group=tier", "/admin/sla/backtest/{test}/change/"),
    *("/admin/tickets/deflection/", "/admin/reports/ratings/", "/admin/reports/weekly/"),
    *("/admin/organizations/{organization}/", "/admin/organizations/{organization}/report/"),
    *("/admin/knowledgebase/readers/", "/admin/knowledgebase/search/", "/admin/knowledgebase/searchsynonym/add/"),
]


def sign_in(page, person):
    page.goto("/accounts/login/?password=1")
    page.get_by_label("Work email address").first.fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    with page.expect_navigation(url=lambda url: "/login" not in url):
        page.get_by_role("button", name="Sign in").click()


def check(page, path):
    page.goto(path)
    check_page(page)


def check_page(page):
    """Look at the page as it is now."""
    page.wait_for_load_state()
    path = page.url
    violations = Axe().run(page).response["violations"]
    serious = [
        (found["id"], found["nodes"][0]["html"]) for found in violations if found["impact"] in ("serious", "critical")
    ]
    assert serious == [], path
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"{path} is {width} wide"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(open_page, ticket, rita, agnes, sofia, scheme):
    policy = SlaPolicy.objects.get(name="Enterprise")
    targets = [{"priority": "P3_NORMAL", "metric": "FIRST_RESPONSE", "minutes": 1, "calendar": _calendar()}]
    draft = draft_policy(policy, targets=targets, steps=[], tiers=["ENTERPRISE"], by=sofia)
    test = start_back_test(policy=draft, opened_from=ticket.created_at, opened_until=now(), by=sofia)
    run_back_tests()
    for is_held_out in (False, True):
        DeflectionDay.objects.create(day=now().date(), is_held_out=is_held_out, begun=90, fitting=60, sent=20)
    post_public_reply(ticket, body="Run:\n\n```\n" + "a long command " * 20 + "\n```", by=agnes)
    add_internal_note(ticket, body="Between us.", by=agnes)
    for text, found in (("rotate a token", 3), ("an" + "unbreakable" * 8, 0)):
        note_search(text, visitor="one", result_count=found)
    flush_searches()
    # axe has to be put into the page, which the page's own policy would rightly refuse.
    options = {"bypass_csp": True, "color_scheme": scheme, "viewport": {"width": 320, "height": 700}}
    guest = [*GUEST, f"/t/{tracking_token(ticket, rita)}"]
    doors = [(None, guest), (rita, CUSTOMER), (agnes, AGENT), (sofia, SUPERVISOR)]
    named = {"reference": ticket.reference, "pk": ticket.pk, "policy": policy.pk, "calendar": _calendar().pk}
    named["organization"] = rita.organization_id
    for person, paths in doors:
        page = open_page(**options)
        if person is not None:
            sign_in(page, person)
        for path in paths:
            check(page, path.format(**named, test=test.pk))


def _calendar() -> BusinessCalendar:
    return BusinessCalendar.objects.get(name="Day and night")
