"""The console's page "Deflection"."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import asdict

import pytest
import time_machine
from django.urls import reverse

from common.time import now
from tickets.deflection.reports import waiting_count
from tickets.deflection.sides import Side
from tickets.deflection.verdict import points, verdict_of
from tickets.models import DeflectionArticle, DeflectionDay
from tickets.services import begin_form
from tickets.tests.helping import hold_out, published
from tickets.tests.pages import words

NOON = dt.datetime(2026, 2, 9, 12, tzinfo=dt.UTC)
TODAY = NOON.date()


def url(**query) -> str:
    return reverse("admin:tickets_deflection", query=query)


def side(fitting: int, spared: int, **more: int) -> Side:
    """Return a side with so many forms, of which so many ended without a ticket."""
    return Side(**{"begun": fitting, "fitting": fitting, "sent": fitting - spared, **more})


def keep(one: Side, *, is_held_out: bool = False, ago: int = 10) -> None:
    DeflectionDay.objects.create(day=TODAY - dt.timedelta(days=ago), is_held_out=is_held_out, **asdict(one))


@pytest.fixture
def looking(client, sofia):
    client.force_login(sofia)
    with time_machine.travel(NOON, tick=False):
        yield client


@pytest.mark.django_db
def test_who_may_look(client, rita, agnes, sofia, ada):
    assert url() == reverse("admin:index") + "tickets/deflection/"
    assert "/accounts/login/" in client.get(url()).url
    for person, status in ((rita, 403), (agnes, 403), (sofia, 200), (ada, 200)):
        client.force_login(person)
        assert [client.get(url(format=file)).status_code for file in ("", "csv", "articles")] == [status] * 3
    assert client.post(url()).status_code == 405
    for model in ("formsession", "deflectionday", "deflectionarticle"):
        assert not any(ada.has_perm(f"tickets.{verb}_{model}") for verb in ("add", "change", "delete"))


@pytest.mark.django_db
def test_menu_leads_there(looking, agnes):
    assert f'href="{url()}"' in words(looking.get("/admin/"))
    looking.force_login(agnes)
    assert f'href="{url()}"' not in words(looking.get("/admin/"))


@pytest.mark.django_db
def test_before_there_is_anything_it_says_what_will_come(looking, settings):
    assert "Nobody has begun a form in this time" in words(looking.get(url()))
    begin_form("a", visitor="user:1", is_held_out=False, at=NOON)
    page = words(looking.get(url()))
    assert "Not a week old yet" in page
    assert "1 form so far." in page
    past = url(period="dates", **{"from": "2025-01-01", "to": "2025-01-31"})
    assert "Nobody has begun a form in this time" in words(looking.get(past))
    hold_out(settings, 0)
    assert "nothing to compare with" in words(looking.get(url()))


@pytest.mark.django_db
def test_both_sides_their_difference_and_each_article(looking):
    good, other = published("Rebuild the index"), published("<b>Other</b>")
    keep(side(1000, 500, begun=1500, opened=300, solved=120, returned=50))
    keep(side(100, 20, begun=150, returned=2), is_held_out=True)
    keep(side(10, 10), ago=200)
    for article, counts in ((other, (300, 20, 0)), (good, (700, 280, 120))):
        row = dict(zip(("shown", "opened", "solved"), counts, strict=True))
        DeflectionArticle.objects.create(day=TODAY, article=article, **row)
    begin_form("a", visitor="user:1", is_held_out=False, at=NOON)

    response = looking.get(url())
    page = words(response)
    assert response.context["verdict"].title == "Offering articles spares tickets"
    assert response.context["shares"] == ["45", "18"]
    assert response.context["difference"] == "+27"
    assert [row[1:] for row in response.context["rows"]] == [
        *((1500, 150), (1000, 100), (300, None), (120, None)),
        *((500, 80), (500, 20), (50, 2), (450, 18)),
    ]
    assert [(line.article, line.shown, line.opened, line.solved) for line, _ in response.context["lines"]] == [
        *((good, 700, 280, 120), (other, 300, 20, 0)),
    ]
    assert "&lt;b&gt;Other" in page
    assert "1 form of the last 7 days is not in these figures yet" in page
    assert "5 of 100 people are offered no articles" in page
    assert looking.get(url(period="365d")).context["offered"].fitting == 1010


@pytest.mark.django_db
def test_files(looking):
    article = published("=Rebuild")
    keep(side(10, 4, returned=1))
    keep(side(2, 1), is_held_out=True)
    DeflectionArticle.objects.create(day=TODAY, article=article, shown=3, opened=2, solved=1)
    response = looking.get(url(format="csv"))
    assert response["Content-Disposition"] == 'attachment; filename="deflection-2025-11-12-2026-02-09.csv"'
    assert list(csv.reader(io.StringIO(words(response)))) == [
        ["day", "side", "begun", "fitting", "opened", "solved", "sent", "returned"],
        ["2026-01-30", "Articles offered", "10", "10", "0", "0", "6", "1"],
        ["2026-01-30", "Held out", "2", "2", "0", "0", "1", "0"],
    ]
    rows = list(csv.reader(io.StringIO(words(looking.get(url(format="articles"))))))
    assert rows == [["article", "shown", "opened", "solved"], ["'=Rebuild", "3", "2", "1"]]


@pytest.mark.django_db
def test_address_that_asks_amiss_shows_the_default(looking):
    keep(side(10, 4))
    for query in ({"period": "nonsense"}, {"period": "dates", "from": "2026-02-30"}, {"period": "dates"}):
        response = looking.get(url(**query, format="csv"))
        assert "The address asks for something that is not there" in words(response)
        assert response.context["offered"].fitting == 10
    assert looking.get(url(period="dates", **{"from": "2026-01-30", "to": "2026-01-30"})).context["offered"].begun == 10


@pytest.mark.django_db
def test_page_costs_the_same_however_much_it_shows(looking, django_assert_max_num_queries):
    looking.get(url())
    for n in range(60):
        keep(side(10, 4), ago=n)
        DeflectionArticle.objects.create(day=TODAY, article=published(f"Article {n}"), shown=3)
    with django_assert_max_num_queries(14):
        response = looking.get(url())
    assert len(response.context["lines"]) == 50


@pytest.mark.django_db
def test_forms_wait_for_a_week():
    begin_form("a", visitor="user:1", is_held_out=False, at=NOON)
    assert waiting_count(NOON + dt.timedelta(days=7)) == 1
    assert waiting_count(NOON + dt.timedelta(days=8)) == 0 == waiting_count(now())


@pytest.mark.parametrize(
    ("offered", "held_out", "percent", "title", "part"),
    [
        (side(0, 0), side(0, 0), 0, "Nothing to compare with", "SUGGESTIONS_HOLD_OUT_PERCENT"),
        (side(500, 400), side(0, 0), 0, "Nothing to compare with", "offered"),
        (side(0, 0), side(0, 0), 5, "We cannot tell yet", "there are 0"),
        (side(1, 1), side(0, 0), 5, "We cannot tell yet", "there is 1"),
        (side(29, 29), side(29, 0), 50, "We cannot tell yet", "only 29 of the 30"),
        (side(300, 150), side(30, 13), 5, "We cannot tell yet", "About 2,400 forms are needed"),
        (side(2000, 1000), side(2000, 1000), 50, "We see no difference", "−3.1 and +3.1 points"),
        (side(1000, 500), side(100, 20), 5, "Offering articles spares tickets", "about 30 fewer"),
        (side(1000, 200), side(100, 50), 5, "Offering articles spares no tickets", "about 30 more"),
    ],
)
def test_verdict_is_careful(offered, held_out, percent, title, part):
    verdict = verdict_of(offered, held_out, percent=percent)
    assert verdict.title == title
    assert part in verdict.text


def test_points():
    assert [points(value) for value in (0.125, -0.03, 0, 0.0001, 1)] == ["+12.5", "−3", "0", "0", "+100"]
