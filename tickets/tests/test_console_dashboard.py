"""The console's first page, the files of its reports, and the page of ratings."""

from __future__ import annotations

import csv
import io

import pytest
import time_machine
from django.urls import reverse

from tickets.console import ratings
from tickets.reporting.catalogue import REPORTS
from tickets.tests.console import only_looks
from tickets.tests.pages import words
from tickets.tests.reporting import NOON, answered, opened, rated, solved
from tickets.vocabulary import Priority

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")
RATINGS = reverse("admin:tickets_ratings")


def file_url(name: str, **query: str) -> str:
    return reverse("admin:tickets_report_file", args=[name], query=query)


def table(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode())))


@pytest.fixture
def looking(client, agnes):
    client.force_login(agnes)
    with time_machine.travel(NOON, tick=False):
        yield client


def test_the_first_page_shows_how_support_stands(looking, rita, agnes):
    rated(solved(rita, agnes, after=3), 4)
    opened(rita, subject="Nobody <b>answers</b>", priority=Priority.P1_CRITICAL, days=3)
    response = looking.get(INDEX)
    page = words(response)
    assert "Support, last 30 days" in page
    assert [(one.title, one.parts) for one in response.context["stats"]] == [
        ("Open now", [("1", "")]),
        ("Promises kept", [("50", "%")]),
        ("First response, median", [("1", "h"), ("30", "min")]),
        ("9 in 10 solved within", [("3", "h")]),
        ("Customer rating", [("4.0", "of 5")]),
    ]
    assert "Nobody &lt;b&gt;answers&lt;/b&gt;" in page
    assert "1 rating, nothing to compare with" in page
    chart = response.context["drawings"]["open_by_priority"].chart
    assert chart["series"][0] == {"label": "New", "data": [1, 0, 0, 0], "color": "--status-new", "look": "filled"}
    assert page.count('<details class="behind"') >= 6, "each chart has its table"
    assert file_url("created-and-solved") in page


def test_the_period_is_in_the_address_and_in_every_file(looking, rita, agnes):
    response = looking.get(INDEX, {"period": "7d"})
    assert "Support, last 7 days" in words(response)
    assert [one["label"] for one in response.context["periods"] if one["is_here"]] == ["7 days"]
    assert f"{file_url('agents')}?period=7d" in response.content.decode()
    wrong = looking.get(INDEX, {"period": "a year"})
    assert wrong.status_code == 200
    assert "a period that is not there" in words(wrong)
    assert wrong.context["period"].words == "last 30 days"


def test_numbers_are_kept_a_minute_for_each_reader_and_cost_few_queries(
    looking, rita, agnes, sofia, django_assert_max_num_queries
):
    for _ in range(2):
        rated(solved(rita, agnes), 5)
        opened(rita)
    looking.get(reverse("admin:tickets_tag_changelist"), follow=True)
    # 4 for whoever asks, 12 for the numbers, and 7 where the cache is a table of the database.
    with django_assert_max_num_queries(23):
        first = looking.get(INDEX)
    opened(rita)
    with django_assert_max_num_queries(6):
        again = looking.get(INDEX)
    assert [page.context["stats"][0].parts for page in (first, again)] == [[("2", "")], [("2", "")]]
    looking.force_login(sofia)
    assert looking.get(INDEX).context["stats"][0].parts == [("3", "")], "each reader has their own"


def test_an_empty_portal_says_so(looking):
    page = words(looking.get(INDEX))
    for sentence in ("Every open ticket has had an answer.", "Nobody rated our help", "No ticket was opened"):
        assert sentence in page


def test_who_may_not_see_promises_sees_the_rest(looking, agnes, rita):
    only_looks(agnes)
    opened(rita)
    response = looking.get(INDEX)
    assert "Promises kept" not in [one.title for one in response.context["stats"]]
    assert "promises_kept" not in response.context["drawings"]
    statuses = {name: looking.get(file_url(name)).status_code for name in REPORTS}
    assert [name for name, status in statuses.items() if status != 200] == ["promises-kept", "ratings"]
    assert {statuses["promises-kept"], statuses["ratings"]} == {403}


def test_files_hold_what_the_page_shows_and_no_formula(looking, rita, agnes):
    area_free = answered(rita, agnes, subject="=HYPERLINK(1)", days=2)
    opened(rita, subject="=SUM(A1)", days=2)
    rated(solved(rita, agnes), 2, comment="+1, but slow")
    heads, *rows = table(looking.get(file_url("created-and-solved", period="7d")))
    assert (heads, len(rows), rows[-3]) == (["day", "created", "solved"], 7, ["2026-02-07", "2", "0"])
    assert table(looking.get(file_url("oldest-unanswered")))[1][1] == "'=SUM(A1)"
    assert table(looking.get(file_url("ratings")))[1][1:3] == ["2", "'+1, but slow"]
    response = looking.get(file_url("agents", **{"from": "2026-02-01", "to": "2026-02-09"}))
    assert response["Content-Disposition"] == 'attachment; filename="agents-2026-02-01-2026-02-09.csv"'
    assert table(response)[1][:3] == ["Agnes Moreau", "1", "0"]
    assert area_free.reference not in looking.get(file_url("oldest-unanswered")).content.decode()


def test_a_file_of_no_period_or_no_report_is_none(looking):
    wrong = looking.get(file_url("agents", period="century"))
    assert (wrong.status_code, wrong["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert "century" in wrong.content.decode()
    assert looking.get(file_url("agents", **{"from": "2026-02-09"})).status_code == 400
    assert looking.get(file_url("secrets")).status_code == 404
    assert looking.post(file_url("agents")).status_code == 405


@pytest.mark.parametrize("url", [RATINGS, file_url("agents"), reverse("admin:tickets_weekly")])
def test_customers_and_strangers_are_let_into_none_of_it(client, rita, url):
    assert "/accounts/login/" in client.get(url).url
    client.force_login(rita)
    assert client.get(url).status_code == 403


# --- ratings ----------------------------------------------------------------------------------------------------------


def test_ratings_are_listed_with_comment_agent_and_ticket(looking, rita, agnes):
    good = rated(solved(rita, agnes, days=4), 5, days=2, comment="Quick & <i>kind</i>.")
    rated(solved(rita, agnes, days=60), 1, days=50)
    page = words(looking.get(RATINGS))
    assert "Quick &amp; &lt;i&gt;kind&lt;/i&gt;." in page
    assert good.ticket.reference in page
    assert "answered by Agnes Moreau" in page
    assert [len(looking.get(RATINGS, {"period": name}).context["rows"]) for name in ("7d", "90d")] == [1, 2]
    assert [one.rating for one in looking.get(RATINGS, {"period": "90d", "rating": "1"}).context["rows"]] == [1]
    assert [one.rating for one in looking.get(RATINGS, {"period": "90d", "said": "yes"}).context["rows"]] == [5]
    wrong = looking.get(RATINGS, {"rating": "9"})
    assert (wrong.status_code, len(wrong.context["rows"])) == (200, 1)
    assert "there is no “9” in this list" in words(wrong).lower()
    assert "No ratings to show" in words(looking.get(RATINGS, {"rating": "3"}))


def test_pages_of_ratings_begin_after_a_rating(looking, rita, agnes, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(ratings, "ROWS", 2)
    for days in (1, 2, 3):
        rated(solved(rita, agnes, days=days + 2), 5, days=days)
    first = looking.get(RATINGS)
    rated(solved(rita, agnes), 4)  # arrives while somebody pages
    with django_assert_max_num_queries(12):
        second = looking.get(RATINGS + first.context["next_url"])
    seen = [one.rated_at.day for page in (first, second) for one in page.context["rows"]]
    assert seen == [8, 7, 6]
    assert not second.context["next_url"]
    assert looking.get(RATINGS, {"cursor": "nonsense"}).context["rows"][0].rating == 4
