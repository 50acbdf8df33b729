"""The page of an organization, and the report it is given for a month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Organization
from tickets import services
from tickets.reporting.organizations import Use
from tickets.tests.console import only_looks, url
from tickets.tests.pages import words
from tickets.tests.reporting import NOON, answered, opened, rated, solved

pytestmark = pytest.mark.django_db


def page(organization: Organization) -> str:
    return reverse("admin:tickets_organization", args=[organization.pk])


def report(organization: Organization, **query: str) -> str:
    return reverse("admin:tickets_organization_report", args=[organization.pk], query=query)


@pytest.fixture
def looking(client, sofia):
    client.force_login(sofia)
    with time_machine.travel(NOON, tick=False):
        yield client


def set_contract(organization: Organization, **columns: object) -> None:
    Organization.objects.filter(pk=organization.pk).update(**columns)


def test_the_page_says_how_an_organization_and_its_support_stand(looking, aarlund, rita, otto, agnes, mallory):
    rated(solved(rita, agnes, days=3, subject="Solved one"), 4)
    answered(otto, agnes, days=2, subject="Open <one>")
    opened(mallory, subject="Somebody else's")
    set_contract(
        aarlund,
        support_hours_included=Decimal(40),
        support_hours_used=Decimal("12.5"),
        max_tickets_per_month=1,
        next_review_on=dt.date(2026, 3, 2),
    )
    response = looking.get(page(aarlund))
    text = words(response)
    for part in ("Open &lt;one&gt;", "Solved one", "Rita Lindqvist", "Otto Brandt", "Monday 2 March 2026", "31 % used"):
        assert part in text
    assert "More than included" in text, "two tickets of one"
    assert "Somebody else" not in text
    context = response.context
    assert (context["open_count"], context["quota"].used, context["ratings"].average_rating) == (1, 2, 4.0)
    assert [person.name for person in context["people"]] == ["Otto Brandt", "Rita Lindqvist"]
    months = [(month.first.month, month.met, month.broken) for month in context["kept"]]
    assert months == [(9, 0, 0), (10, 0, 0), (11, 0, 0), (12, 0, 0), (1, 0, 0), (2, 3, 0)]


def test_it_costs_as_much_with_many_tickets_and_people(
    looking, aarlund, rita, otto, agnes, django_assert_max_num_queries
):
    for person in (rita, otto, rita):
        answered(person, agnes)
    looking.get(reverse("admin:tickets_tag_changelist"))  # the side bar's numbers are kept
    with django_assert_max_num_queries(14):
        looking.get(page(aarlund))


def test_who_may_look(client, aarlund, rita, agnes):
    for address in (page(aarlund), report(aarlund)):
        assert "/accounts/login/" in client.get(address).url
    client.force_login(rita)
    assert [client.get(address).status_code for address in (page(aarlund), report(aarlund))] == [403, 403]
    client.force_login(agnes)
    assert client.get(page(aarlund)).status_code == 200
    assert client.get(reverse("admin:tickets_organization", args=[999])).status_code == 404
    assert client.post(page(aarlund)).status_code == 405
    only_looks(agnes)
    assert client.get(page(aarlund)).status_code == 403, "an organization is not for everybody who sees tickets"


def test_ticket_and_contract_lead_there(looking, aarlund, rita):
    ticket = opened(rita)
    assert page(aarlund) in looking.get(url(ticket)).content.decode()
    assert (
        page(aarlund) in looking.get(reverse("admin:accounts_organization_change", args=[aarlund.pk])).content.decode()
    )


def test_a_month_on_paper_with_nothing_internal(looking, aarlund, rita, agnes):
    set_contract(aarlund, time_zone="Europe/Oslo")
    early = solved(rita, agnes, days=20, subject="From January", after=4)
    services.add_internal_note(early, body="INTERNAL", by=agnes)
    services.change_ticket(early, by=agnes, tags=["internal-tag"])
    opened(rita, days=15, subject="Still open")
    opened(rita, days=60, subject="Open since December")
    opened(rita, days=2, subject="From February")
    spam = opened(rita, days=12, subject="Cheap pills")
    services.mark_as_spam(spam, by=agnes)
    response = looking.get(report(aarlund, month="2026-01"))
    text = words(response)
    assert "Support report, January 2026" in text
    for shown in ("From January", "Still open", "Open since December", "4 h"):
        assert shown in text
    for hidden in ("From February", "Cheap pills", "INTERNAL", "internal-tag", "Agnes Moreau"):
        assert hidden not in text
    told = response.context_data["report"]
    assert (told.created, told.solved, told.open_count, told.met) == (2, 1, 2, 2)
    assert "no-print" in text


def test_a_month_that_is_none_shows_the_one_before_and_says_so(looking, aarlund):
    assert "January 2026" in words(looking.get(report(aarlund)))
    for wrong in ("2026-13", "2027-01", "1066-10", "<b>"):
        text = words(looking.get(report(aarlund, month=wrong)))
        assert "is no month that has begun" in text
        assert "Support report, January 2026" in text
    assert "No ticket was opened" in words(looking.get(report(aarlund, month="2025-01")))


def test_days_of_the_month_are_those_of_the_organization(looking, aarlund, rita):
    set_contract(aarlund, time_zone="Asia/Tokyo")
    opened(rita, days=8.7)  # 31 January, 19:12 in UTC, is February there
    months = {
        month: looking.get(report(aarlund, month=month)).context_data["report"] for month in ("2026-01", "2026-02")
    }
    assert [told.created for told in months.values()] == [0, 1]


def test_what_is_used_of_what_is_included():
    assert (Use(3, 4).share, Use(3, 4).is_over) == (75, False)
    assert (Use(9, 4).share, Use(9, 4).is_over) == (100, True)
    assert (Use(9, None).share, Use(9, None).is_over) == (None, False)
    assert (Use(1, 0).share, Use(1, 0).is_over) == (None, True)
