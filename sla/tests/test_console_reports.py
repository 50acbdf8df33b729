"""The page "Promises kept"."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Tier
from accounts.services import create_organization, create_user
from common.actors import SYSTEM
from sla.console.figures import line_of, rate_of, standing_of
from sla.reports import Figures
from sla.services import close_month
from sla.tests.console import words
from tickets.services import change_ticket, open_ticket, post_public_reply, reopen_ticket, solve_ticket
from tickets.vocabulary import Channel

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 2, 9, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False):
        yield


def url(**query) -> str:
    return reverse("admin:sla_reports", query=query)


def after(hours: float) -> dt.datetime:
    return NOON + dt.timedelta(hours=hours)


def opened(requester, at=NOON, **more):
    return open_ticket(
        subject="Lineage is empty",
        description="Since the upgrade.",
        requester=requester,
        by=requester,
        channel=Channel.WEB,
        priority="P1_CRITICAL",
        at=at,
        **more,
    )


def answered(requester, agent, hours: float, **more):
    ticket = opened(requester, **more)
    post_public_reply(ticket, body="Please reindex.", by=agent, at=after(hours))
    return ticket


def rows(response) -> list[list[str]]:
    return [[*line.names, str(line.met), str(line.broken), str(line.pending)] for line in response.context["lines"]]


@pytest.fixture
def looking(client, agnes):
    client.force_login(agnes)
    return client


def test_page_is_where_it_is_looked_for():
    assert url() == reverse("admin:index") + "sla/reports/"


def test_who_may_look(client, rita, agnes, sofia, ada):
    assert "/accounts/login/" in client.get(url()).url
    for person, status in ((rita, 403), (agnes, 200), (sofia, 200), (ada, 200)):
        client.force_login(person)
        assert client.get(url()).status_code == status
        assert client.get(url(format="csv")).status_code == status
    assert client.post(url()).status_code == 405


def test_staff_without_the_right_are_refused(looking, agnes):
    agnes.groups.clear()
    assert looking.get(url()).status_code == 403


def test_nothing_judged_is_told_in_words(looking):
    page = words(looking.get(url()))
    assert "No promise was judged in this time" in page
    assert "<table" not in page
    assert "Download" not in page


def test_strip_chart_and_table(looking, rita, agnes):
    professional = create_organization(name="Port", tier=Tier.PROFESSIONAL, domains=["port.example"], by=SYSTEM)
    paul = create_user(email="paul@port.example", name="Paul", organization=professional, by=SYSTEM)
    for hours in (1, 2, 6):
        answered(rita, agnes, hours)
    answered(paul, agnes, 3)
    with time_machine.travel(after(7), tick=False):
        response = looking.get(url(period="7d"))
    page = words(response)
    assert "Promises kept, last 7 days" in page
    assert rows(response) == [
        ["Professional", "First response", "1", "0", "0"],
        ["Professional", "Resolution", "0", "0", "1"],
        ["Enterprise", "First response", "2", "1", "0"],
        ["Enterprise", "Resolution", "0", "0", "3"],
    ]
    stats = response.context["stats"]
    assert (stats["met"], stats["broken"], stats["pending"]) == (3, 1, 4)
    assert stats["kept"].value == "75"
    assert "under 80 %: act now" in page
    assert stats["first_response"] == "1 h 30 min", "Paul's morning in New York had not begun"
    assert "Promises kept, by week and tier" in page
    assert [mark.words for mark in response.context["chart"].names] == [
        "Enterprise 66.7",
        "Professional 100",
        "Target 95",
    ]
    assert [mark.words for mark in response.context["chart"].below] == ["9 Feb"]
    assert "Corrections" not in page


def test_groups_and_filters(looking, rita, agnes):
    answered(rita, agnes, 1, team=agnes.teams.get())
    opened(rita)
    response = looking.get(url(group="team", then="day", metric="FIRST_RESPONSE", tier="ENTERPRISE"))
    assert response.context["heads"] == ["Team", "Day"]
    assert rows(response) == [
        ["Alpha", "Mon 9 Feb 2026", "1", "0", "0"],
        ["No team", "Still open", "0", "0", "1"],
    ]
    assert "By team and day" in words(response)
    once = looking.get(url(group="tier", then="tier"))
    assert once.context["heads"] == ["Tier"], "by the same thing twice is by it once"
    assert rows(looking.get(url(group="month", then=""))) == [
        ["February 2026", "1", "0", "0"],
        ["Still open", "0", "0", "3"],
    ]
    assert looking.get(url(tier="PROFESSIONAL")).context["is_empty"]


def test_what_is_told_apart(looking, rita, agnes):
    change_ticket(answered(rita, agnes, 6), by=agnes, priority="P3_NORMAL", at=after(7))
    solve_ticket(opened(rita), by=agnes, at=after(1))
    solved = answered(rita, agnes, 1)
    solve_ticket(solved, by=agnes, at=after(2))
    reopen_ticket(solved, by=agnes, at=after(3))
    late = opened(rita)
    change_ticket(late, by=agnes, priority="P3_NORMAL", at=after(6))
    with time_machine.travel(after(8), tick=False):
        page = words(looking.get(url()))
    for told in ("1 reopened after that", "1 breach taken back", "1 solved without an answer"):
        assert told in page


def test_only_open_promises_make_no_chart(looking, rita):
    opened(rita)
    response = looking.get(url())
    assert response.context["chart"] is None
    assert "2 promises are open and can still be kept" in words(response)
    assert "no verdict yet" in words(response)


def test_csv_is_what_the_table_shows(looking, rita, agnes):
    answered(rita, agnes, 1)
    response = looking.get(
        url(period="dates", group="tier", then="week", format="csv", **{"from": "2026-02-02", "to": "2026-02-09"})
    )
    assert response["Content-Type"].startswith("text/csv")
    assert response["Content-Disposition"] == 'attachment; filename="promises-2026-02-02-2026-02-09.csv"'
    table = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [(row["tier"], row["week"], row["met"]) for row in table] == [
        ("Enterprise", "2026-02-09", "1"),
        ("Enterprise", "none", "0"),
        ("all", "all", "1"),
    ]


def test_links_keep_what_was_asked(looking, rita, agnes):
    answered(rita, agnes, 1)
    page = looking.get(url(period="90d", metric="FIRST_RESPONSE"))
    assert page.context["csv_url"] == "?period=90d&metric=FIRST_RESPONSE&format=csv"
    assert page.context["weeks_url"] == "?period=90d&metric=FIRST_RESPONSE&group=week&then=tier#table"
    assert looking.get(url() + page.context["weeks_csv_url"]).content.startswith(b"week,tier,met")


@pytest.mark.parametrize(
    ("query", "words_of_it"),
    [
        ({"period": "century"}, "There is no “century” in this list."),
        ({"group": "mood"}, "There is no “mood” in this list."),
        ({"then": "<b>"}, "There is no “&lt;b&gt;” in this list."),
        ({"metric": "\0"}, "in this list."),
        ({"tier": "GOLD"}, "There is no “GOLD” in this list."),
        ({"period": "dates"}, "Give both dates."),
        ({"period": "dates", "from": "2026-02-30", "to": "2026-03-01"}, "Write a date such as 2026-02-09."),
        ({"period": "dates", "from": "0001-01-01", "to": "2026-03-01"}, "greater than or equal to"),
        ({"period": "dates", "from": "2026-01-01", "to": "9999-12-31"}, "less than or equal to"),
        ({"period": "dates", "from": "2026-02-02", "to": "2026-02-01"}, "The period ends before it begins."),
        ({"period": "dates", "from": "2020-01-01", "to": "2026-02-01"}, "Choose at most five years."),
    ],
)
def test_what_was_asked_amiss_is_told_beside_the_defaults(looking, rita, agnes, query, words_of_it):
    answered(rita, agnes, 1)
    response = looking.get(url(**query))
    assert response.status_code == 200
    assert words_of_it in words(response)
    assert "Promises kept, last 30 days" in words(response)
    assert rows(response)[0] == ["Enterprise", "First response", "1", "0", "0"]
    assert looking.get(url(**query, format="csv"))["Content-Type"].startswith("text/html"), "no file of something else"


def test_what_is_left_empty_is_the_default(looking):
    response = looking.get(url(period="", group="", then="", metric="", tier=""))
    assert not response.context["form"].errors
    assert response.context["asked"].groups == ("tier",)


def test_corrections_of_a_closed_month(looking, rita, agnes):
    ticket = answered(rita, agnes, 1)
    solve_ticket(ticket, by=agnes, at=after(2))
    with time_machine.travel(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC), tick=False):
        looking.force_login(agnes)
        assert "Corrections" not in words(looking.get(url(period="last_month"))), "it is not closed yet"
        close_month()
        page = words(looking.get(url(period="last_month")))
        assert "Corrections since the month was closed" in page
        assert "None: the figures are those of <time" in page
        reopen_ticket(ticket, by=agnes)
        response = looking.get(url(period="dates", **{"from": "2026-02-01", "to": "2026-02-28"}))
        (row,) = response.context["closed"]["rows"]
        assert (row["tier"], row["priority"], row["metric"]) == ("Enterprise", "Critical", "Resolution")
        assert (row["met"], row["breached"]) == ({"from": 1, "to": 0}, {"from": 0, "to": 0})
        assert looking.get(url(period="7d")).context["closed"] is None


def test_a_whole_month_is_counted_as_it_is_closed(looking, rita, agnes):
    agnes.time_zone = "Pacific/Auckland"
    agnes.save(update_fields=["time_zone"])
    with time_machine.travel(dt.datetime(2026, 3, 5, tzinfo=dt.UTC), tick=False):
        looking.force_login(agnes)
        asked = looking.get(url(period="last_month")).context["asked"]
        assert asked.span["since"] == dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
        assert asked.span["until"] == dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
        days = looking.get(url(period="7d")).context["asked"]
        assert days.period.until == dt.datetime(2026, 3, 5, 11, tzinfo=dt.UTC), "the day ends there at 11 in UTC"


def test_page_needs_few_queries(looking, rita, agnes, django_assert_max_num_queries):
    for hours in (1, 2, 6):
        answered(rita, agnes, hours)
    looking.get(url())  # fills the cache of the side bar
    with django_assert_max_num_queries(8):
        looking.get(url())
    with django_assert_max_num_queries(10):  # the names of two groups, and whether the month was closed
        looking.get(url(period="last_month", group="policy", then="product_area"))


@pytest.mark.parametrize(
    ("rate", "tone", "told"),
    [
        (None, "grey", "no verdict yet"),
        (95.0, "green", "reached"),
        (94.9, "amber", "under the target of 95"),
        (80.0, "amber", "under the target"),
        (79.9, "red", "act now"),
    ],
)
def test_a_rate_is_told_by_colour_glyph_and_word(rate, tone, told):
    standing = standing_of(rate)
    assert standing.tone == tone
    assert told in standing.words


def test_what_is_less_than_all_is_never_told_as_all():
    assert rate_of(Figures(met=9999, breached=1)) == 99.9
    assert rate_of(Figures(met=9999)) == 100.0
    assert line_of({}, Figures()).rate == "-"
    assert line_of({}, Figures(met=1, working=[3_600_000_000], wall=[400 * 3_600_000_000])).wall[0] == "16 d 16 h"
