"""What readers look for is counted without their names, and without a write for each search."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.services import create_access_token
from common.tasks import purge_expired
from common.tests.api import client_of
from common.time import now
from knowledgebase import spool
from knowledgebase.counting import Figures, count_day, opening_line, search_line
from knowledgebase.models import Category, DailySearch, DailyView, SearchDay, SearchOpening, Vote
from knowledgebase.services import (
    cast_vote,
    create_article,
    explain_vote,
    flush_searches,
    note_opening,
    note_search,
    publish_article,
    purge_comments,
    purge_search_texts,
    purge_views,
)
from knowledgebase.tasks import flush_searches as flush_task

pytestmark = pytest.mark.django_db
SEARCH = "/help/search"
FIREFOX = {"user-agent": "Mozilla/5.0"}


@pytest.fixture
def api(db) -> Category:
    return Category.objects.create(slug="api", name="Use the API")


@pytest.fixture
def write(api, sofia):
    def write(title: str, body: str = "Words."):
        return publish_article(create_article(title=title, body=body, category=api, by=sofia), by=sofia)

    return write


@pytest.fixture
def article(write):
    return write("Rotate a token")


def counted() -> dict[str, tuple[int, int, int, int, int]]:
    """Return of each text: searches, without a result, offered, opened, results."""
    flush_searches()
    return {
        row.text: (row.count, row.empty_count, row.offered_count, row.opened_count, row.result_count)
        for row in DailySearch.objects.all()
    }


def opened() -> list[tuple[str, str, int, int]]:
    flush_searches()
    rows = SearchOpening.objects.select_related("article").order_by("text", "article", "place")
    return [(row.text, row.article.slug, row.place, row.count) for row in rows]


def test_searches_are_counted_once_a_visitor_text_and_day(client, article):
    for query in ("Token", " token ", "zebra", "", "   "):
        client.get(SEARCH, {"q": query}, headers=FIREFOX)
    client.get(SEARCH, {"q": "token"}, headers={"user-agent": "Another/1"})
    assert not DailySearch.objects.exists()
    assert counted() == {"token": (2, 0, 2, 0, 1), "zebra": (1, 1, 0, 0, 0)}
    assert (flush_searches(), flush_task()) == (0, 0)
    client.get(SEARCH, {"query": "token"}, headers={"user-agent": "Third/1"})
    assert flush_searches() == 1
    day = SearchDay.objects.get()
    assert (day.count, day.empty_count, day.offered_count) == (4, 1, 3)


def test_a_search_writes_nothing_to_the_database(client, article, rita):
    client.force_login(rita)
    client.get(SEARCH, {"q": "token"})
    with CaptureQueriesContext(connection) as queries:
        client.get(SEARCH, {"q": "token"})
        client.get("/help/rotate-a-token?at=1", headers={"referer": f"http://testserver{SEARCH}?q=token"})
    assert not [one for one in queries if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_suggestions_robots_writers_and_second_looks_are_not_counted(client, article, sofia):
    client.get("/help/suggest", {"q": "token"}, headers=FIREFOX)
    client.get(SEARCH, {"q": "token"}, headers={"user-agent": "Examplebot/1.0"})
    client.get(SEARCH, {"q": "token", "category": "api"}, headers=FIREFOX)
    client.get(SEARCH, {"q": "token", "tag": "safety"}, headers=FIREFOX)
    client.force_login(sofia)
    client.get(SEARCH, {"q": "token"}, headers=FIREFOX)
    assert counted() == {}


def test_searches_through_the_api_are_counted_and_offer_nothing_to_open(client, article, rita, sofia):
    token = create_access_token(rita, name="x", scopes=["kb:read"], days=1, by=rita)[1]
    headers = {"authorization": f"Bearer {token}", "user-agent": "support-bot/1"}
    assert client.get("/api/v1/kb/search", {"q": "Token"}, headers=headers).status_code == 200
    client.get("/api/v1/kb/search", {"q": "zebra", "language": "en"}, headers=headers)
    client.get("/api/v1/kb/suggest", {"q": "tok"}, headers=headers)
    client_of(sofia).get("/api/v1/kb/search?q=token")
    assert counted() == {"token": (1, 0, 0, 0, 1)}


def test_nobody_can_be_read_off_what_is_kept(client, article, rita):
    client.force_login(rita)
    client.get(SEARCH, {"q": f"mail of {rita.email} in ODG-1042"}, headers={"user-agent": "Remarkable/7"})
    lines = "".join(spool.SEARCHES.read(now().date()))
    assert "mail of (email) in (ticket)" in lines
    assert not [word for word in (rita.email, "1042", "Remarkable", "127.0.0.1", "user:") if word in lines]
    assert list(counted()) == ["mail of (email) in (ticket)"]


def test_an_opened_result_is_counted_with_its_place(client, write):
    for number in range(12):
        write(f"Rotate token {number}")
    page = client.get(SEARCH, {"q": "token", "page": 2}, headers=FIREFOX)
    hit = page.context["answer"].found[1].article
    link = f"/help/{hit.slug}?at=12"
    assert f'href="{link}"' in page.content.decode()
    referer = f"http://testserver{SEARCH}?q=token&page=2"
    for _ in range(2):
        assert client.get(link, headers=FIREFOX | {"referer": referer}).status_code == 200
    assert opened() == [("token", hit.slug, 12, 1)]
    assert counted() == {"token": (1, 0, 1, 1, 12)}
    assert SearchDay.objects.get().opened_count == 1


@pytest.mark.parametrize(
    ("at", "referer"),
    [
        ("1", None),
        ("1", "http://elsewhere.example/help/search?q=token"),
        ("1", "http://testserver/help/?q=token"),
        ("1", "http://testserver/help/search?q=other"),
        ("1", "http://testserver/help/search?q=token&category=api"),
        ("1", "http://testserver/help/search"),
        ("", "http://testserver/help/search?q=token"),
        ("0", "http://testserver/help/search?q=token"),
        ("501", "http://testserver/help/search?q=token"),
        ("-1", "http://testserver/help/search?q=token"),
        ("²", "http://testserver/help/search?q=token"),
        ("1", "http://[/help/search?q=token"),
    ],
)
def test_what_did_not_come_from_that_search_is_no_opening(client, article, at, referer):
    client.get(SEARCH, {"q": "token"}, headers=FIREFOX)
    headers = FIREFOX | ({"referer": referer} if referer else {})
    assert client.get("/help/rotate-a-token", {"at": at}, headers=headers).status_code == 200
    assert opened() == []


def test_a_link_that_was_passed_on_counts_for_nobody(client, article):
    client.get(SEARCH, {"q": "token"}, headers=FIREFOX)
    referer = {"referer": f"http://testserver{SEARCH}?q=token"}
    client.get("/help/rotate-a-token?at=1", headers={"user-agent": "Another/1"} | referer)
    client.get("/help/rotate-a-token?at=1", headers={"user-agent": "Examplebot/1"} | referer)
    assert opened() == []
    assert '<link rel="canonical" href="http://localhost:8000/help/rotate-a-token">' in (
        client.get("/help/rotate-a-token?at=1").content.decode()
    )


def test_lines_are_counted_whatever_stands_beside_them():
    lines = {
        search_line("d1", text="a b", result_count=0, is_on_page=True),
        search_line("d1", text="a b", result_count=2, is_on_page=True),  # found later on the same day
        search_line("d2", text="a b", result_count=0, is_on_page=False),
        opening_line("d1", place=3, article=7),
        opening_line("d1", place=2, article=7),
        opening_line("d3", place=1, article=7),  # of a search that nobody made
        *("nonsense", "", "d4 s many a", "d5 x 1 a", "d6 s 1", "d1 o 1 seven"),
    }
    day = count_day(lines)
    assert day.texts == {"a b": Figures(count=2, empty_count=1, offered_count=1, opened_count=1, result_count=2)}
    assert day.total == day.texts["a b"]
    assert day.openings == {("a b", 7, 2): 1}


def test_figures_only_grow(article, settings):
    note_search("token", visitor="one", result_count=3)
    note_search("token", visitor="two", result_count=3)
    assert flush_searches() == 2
    if not settings.REDIS_URL:
        spool.SEARCHES.forget_before(now().date() + dt.timedelta(days=1))
        note_search("token", visitor="three", result_count=1)
        assert flush_searches() <= 0
        assert counted() == {"token": (2, 0, 2, 0, 3)}


def test_yesterday_is_taken_in_too_and_older_days_are_forgotten(settings):
    for days in (0, 1, 2):
        note_search("token", visitor="one", result_count=1, at=now() - dt.timedelta(days=days))
    assert flush_searches() == 2
    if not settings.REDIS_URL:
        assert not spool.SEARCHES.read((now() - dt.timedelta(days=2)).date())


def test_texts_of_a_day_have_an_end(monkeypatch):
    monkeypatch.setattr("knowledgebase.services.searches.TEXTS_MOST", 2)
    for text, visitors in (("a", 1), ("b", 2), ("c", 3)):
        for visitor in range(visitors):
            note_search(text, visitor=str(visitor), result_count=0)
    assert set(counted()) == {"b", "c"}
    assert SearchDay.objects.get().count == 6
    note_search("b", visitor="another", result_count=0)
    assert counted()["b"][0] == 3


def test_openings_of_an_article_that_is_gone_are_no_failure(article):
    note_search("token", visitor="one", result_count=1)
    note_opening(article, text="Token", place=1, visitor="one")
    article.delete()
    assert opened() == []


def test_a_spool_takes_one_short_line():
    for line in ("a\nb", "x" * 601):
        with pytest.raises(ValueError, match="one short line"):
            spool.SEARCHES.append(now().date(), line)


def test_texts_go_after_ninety_days_and_the_sums_of_days_stay(article):
    at = now()
    for days in (89, 91):
        day = (at - dt.timedelta(days=days)).date()
        SearchDay.objects.create(day=day, count=1)
        DailySearch.objects.create(day=day, text="token", count=1)
        SearchOpening.objects.create(day=day, text="token", article=article, place=1, count=1)
    assert purge_search_texts(at) == 2
    assert (DailySearch.objects.count(), SearchOpening.objects.count(), SearchDay.objects.count()) == (1, 1, 2)
    assert purge_expired()["search texts"] == 0


def test_daily_views_go_after_two_years_and_comments_after_one(article):
    at = now()
    for days in (730, 732):
        DailyView.objects.create(article=article, day=(at - dt.timedelta(days=days)).date(), count=1)
    for days in (364, 366):
        visitor = f"reader:{days}"
        cast_vote(article, visitor=visitor, is_helpful=False, at=at - dt.timedelta(days=days))
        explain_vote(article, visitor=visitor, reason="WRONG", comment="Step 2.")
    assert (purge_views(at), purge_comments(at), purge_comments(at)) == (1, 1, 0)
    assert sorted(Vote.objects.values_list("reason", "comment")) == [("WRONG", ""), ("WRONG", "Step 2.")]
    article.refresh_from_db()
    assert article.unhelpful_votes == 2
    assert {"article views", "vote comments"} <= set(purge_expired())


def test_the_privacy_page_says_what_is_kept(client, settings):
    settings.PORTAL_SEARCH_TEXT_DAYS = 45
    page = client.get("/privacy").content.decode()
    assert "What is searched for" in page
    assert "45 days" in page
