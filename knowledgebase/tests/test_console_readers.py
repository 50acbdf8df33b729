"""The console's page "What readers look for"."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from knowledgebase.console.columns import BOTTOM, TOP, column_chart, step_of
from knowledgebase.models import Article, Category, DailyView
from knowledgebase.services import (
    cast_vote,
    create_article,
    explain_vote,
    flush_searches,
    note_opening,
    note_search,
    publish_article,
    purge_search_texts,
)

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 2, 9, 12, tzinfo=dt.UTC)
PAGE = reverse("admin:knowledgebase_readers")


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def write(sofia):
    topic = Category.objects.create(slug="api", name="Use the API")

    def write(title: str, days_ago: int = 100):
        made = create_article(title=title, body="Words.", category=topic, by=sofia)
        article = publish_article(made, by=sofia)
        Article.objects.filter(pk=article.pk).update(published_at=NOON - dt.timedelta(days=days_ago))
        return article

    return write


@pytest.fixture
def looking(client, sofia):
    client.force_login(sofia)
    return client


def search(text: str, *visitors: str, found: int = 0, days_ago: int = 0, **more) -> None:
    at = NOON - dt.timedelta(days=days_ago)
    for visitor in visitors:
        note_search(text, visitor=visitor, result_count=found, at=at, **more)
    flush_searches(at=at)


def words(response) -> str:
    return " ".join(response.content.decode().split())


def table(client, name: str, **query) -> list[list[str]]:
    response = client.get(PAGE, {"format": "csv", "table": name, **query})
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="readers-{name}-' in response["Content-Disposition"]
    return list(csv.reader(io.StringIO(response.content.decode())))


def test_who_may_look(client, rita, agnes, sofia, ada):
    assert "/accounts/login/" in client.get(PAGE).url
    for person, status in ((rita, 403), (agnes, 200), (sofia, 200), (ada, 200)):
        client.force_login(person)
        assert client.get(PAGE).status_code == status
        assert client.get(PAGE, {"format": "csv", "table": "texts"}).status_code == status
    assert client.post(PAGE).status_code == 405
    client.force_login(agnes)
    assert "What readers look for" in words(client.get(reverse("admin:index")))
    agnes.groups.clear()
    assert client.get(PAGE).status_code == 403


def test_before_the_first_search_the_page_says_what_will_be_here(looking):
    page = words(looking.get(PAGE))
    assert "Nobody has searched in this time" in page
    assert "Nobody has read an article in this time" in page
    assert "format=csv" not in page
    assert table(looking, "texts") == [
        ["text", "searches", "without_result", "results", "offered", "opened", "mean_place"]
    ]


def test_figures_and_lists_of_searches(looking, write):
    article = write("Rotate a token")
    search("token", "one", "two", "three", found=4)
    search("token", "four", found=2, days_ago=3)
    search("zebra", "one", "two")
    search("api", "one", found=1, is_on_page=False)
    for visitor, place in (("one", 1), ("two", 4)):
        note_opening(article, text="token", place=place, visitor=visitor)
    flush_searches()
    page = looking.get(PAGE)
    assert page.context["stats"] == {"a_day": "0.2", "nothing": "29", "opened": "50", "place": "2.5"}
    assert page.context["sums"].searches == 7
    text = words(page)
    assert "2 of 4" in text
    assert table(looking, "texts")[1:] == [
        ["token", "4", "0", "4", "4", "2", "2.5"],
        ["zebra", "2", "2", "0", "0", "0", ""],
        ["api", "1", "0", "1", "0", "0", ""],
    ]
    days = {row[0]: row[1:] for row in table(looking, "days", period="7d")[1:]}
    assert len(days) == 7
    assert days["2026-02-09"] == ["6", "2", "3", "2"]
    assert days["2026-02-06"] == ["1", "0", "1", "0"]


def test_what_found_nothing_becomes_an_article(looking, client, agnes):
    search("entra id & <b>sso</b>", "one")
    search("dark mode", "one", days_ago=2)
    search("dark mode", "one", found=3)
    page = words(looking.get(PAGE))
    assert "entra id &amp; &lt;b&gt;sso&lt;/b&gt;" in page
    address = f"{reverse('admin:knowledgebase_article_add')}?title=Entra%20id%20%26%20%3Cb%3Esso%3C%2Fb%3E"
    assert f'href="{address}"' in page
    assert 'value="Entra id &amp; &lt;b&gt;sso&lt;/b&gt;"' in words(looking.get(address))
    assert "Finds something now" in page
    assert table(looking, "nothing")[1:] == [["dark mode", "1", "2", "yes"], ["entra id & <b>sso</b>", "1", "1", "no"]]
    client.force_login(agnes)  # who does not write articles
    assert "Still nothing" in words(client.get(PAGE))
    assert address not in words(client.get(PAGE))


def test_texts_in_a_file_are_no_formulas(looking):
    search('=hyperlink("x")', "one")
    assert table(looking, "nothing")[1][0] == '\'=hyperlink("x")'


def test_what_no_search_led_to(looking, write):
    opened, read, new = write("Opened"), write("Read"), write("Fresh", days_ago=1)
    Article.objects.filter(pk=read.pk).update(view_count=5)
    write("Never")
    search("token", "one", found=3)
    note_opening(opened, text="token", place=1, visitor="one")
    flush_searches()
    page = looking.get(PAGE)
    assert [article.title for article in page.context["unopened"]] == ["Never", "Read"]
    assert "2 articles were published before this time" in words(page)
    assert table(looking, "unopened")[1:] == [["Never", "0"], ["Read", "5"]]
    assert new.title not in words(page)


def test_what_is_read_most_and_what_does_not_help(looking, client, write, agnes):
    first, second = write("First"), write("Second")
    DailyView.objects.create(article=first, day=NOON.date(), count=2)
    DailyView.objects.create(article=second, day=NOON.date() - dt.timedelta(days=1), count=3)
    DailyView.objects.create(article=first, day=NOON.date() - dt.timedelta(days=40), count=9)
    for visitor, reason in (("a", "WRONG"), ("b", "WRONG"), ("c", "UNCLEAR")):
        cast_vote(first, visitor=visitor, is_helpful=False)
        explain_vote(first, visitor=visitor, reason=reason, comment="<i>Step 2</i>" if visitor == "a" else "")
    cast_vote(second, visitor="a", is_helpful=True)
    cast_vote(second, visitor="b", is_helpful=False, at=NOON - dt.timedelta(days=40))
    page = words(looking.get(PAGE))
    assert table(looking, "read")[1:] == [["Second", "3"], ["First", "2"]]
    assert table(looking, "judged")[1:] == [
        ["First", "3", "0", "Something in it is wrong: 2; I could not follow it: 1"]
    ]
    assert f'href="{reverse("admin:knowledgebase_article_change", args=[first.pk])}"' in page
    assert "<q>&lt;i&gt;Step 2&lt;/i&gt;</q>" in page
    client.force_login(agnes)
    assert "Step 2" not in words(client.get(PAGE))


def test_texts_that_are_gone_are_told(looking, settings):
    settings.PORTAL_SEARCH_TEXT_DAYS = 10
    search("zebra", "one", days_ago=5)
    search("token", "one", days_ago=20)
    purge_search_texts(NOON)
    page = looking.get(PAGE)
    assert "the lists of texts begin on 30 January 2026" in words(page)
    assert page.context["sums"].searches == 2
    old = looking.get(PAGE, {"period": "dates", "from": "2026-01-01", "to": "2026-01-25"})
    assert "of this time only the numbers are left" in words(old)
    assert "No search led here" not in words(old)
    assert table(looking, "unopened", period="dates", **{"from": "2026-01-01", "to": "2026-01-25"})[1:] == []


def test_long_times_are_drawn_by_week(looking):
    search("token", "one", found=1, days_ago=40)
    search("token", "one")
    page = looking.get(PAGE, {"period": "90d"})
    assert "Searches by week" in words(page)
    assert [place for place in page.context["places"] if place[1]] == [("29 Dec", 1, 0), ("9 Feb", 1, 1)]


@pytest.mark.parametrize(
    "query",
    [
        {"period": "nonsense"},
        {"period": "dates", "from": "2026-02-09"},
        {"period": "dates", "from": "2026-02-09", "to": "2026-02-01"},
        {"period": "dates", "from": "\x00", "to": "x" * 500},
    ],
)
def test_an_address_that_asks_amiss_says_so(looking, query):
    page = words(looking.get(PAGE, query))
    assert "The address asks for something that is not there." in page
    assert "last 30 days" in page


def test_there_is_no_other_table(looking):
    assert looking.get(PAGE, {"format": "csv", "table": "users"}).status_code == 404


def test_the_page_asks_no_more_for_many_rows_than_for_few(looking, write):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert looking.get(PAGE).status_code == 200
        return len(asked)

    def fill(number: int) -> None:
        article = write(f"Article {number}")
        search(f"text {number}", "one", found=1)
        search(f"nothing {number}", "one")
        note_opening(article, text=f"text {number}", place=1, visitor="one")
        cast_vote(article, visitor="a", is_helpful=False)
        explain_vote(article, visitor="a", reason="WRONG", comment="Step 2.")
        DailyView.objects.create(article=article, day=NOON.date(), count=1)
        flush_searches()

    fill(0)
    queries()  # what the console's frame asks but once
    few = queries()
    for number in range(1, 6):
        fill(number)
    assert queries() == few


@pytest.mark.parametrize(("most", "step"), [(0, 1), (3, 1), (4, 2), (9, 3), (10, 5), (16, 10), (46, 20), (1000, 500)])
def test_scales_are_round(most, step):
    assert step_of(most) == step


def test_columns_stand_on_each_other():
    chart = column_chart(["1 Feb", "2 Feb"], [(2, 1), (0, 0)])
    assert [mark.words for mark in chart.scale] == ["0", "1", "2", "3"]
    (lower,), (upper,) = chart.lower, chart.upper
    assert (lower.x, upper.x, lower.width) == ("8.00%", "8.00%", "34.00%")
    assert float(lower.y) + float(lower.height) == BOTTOM
    assert (float(upper.y), float(upper.y) + float(upper.height)) == (TOP, float(lower.y))
    assert [mark.words for mark in chart.below] == ["1 Feb", "2 Feb"]
    assert column_chart([], []).lower == []
