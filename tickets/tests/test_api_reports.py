"""The support team's numbers by API: the same as on the page."""

from __future__ import annotations

import pytest
import time_machine

from accounts.services import create_access_token
from common.tests.api import client_of, code_of
from tickets.reporting.catalogue import REPORTS
from tickets.tests.console import only_looks
from tickets.tests.reporting import NOON, answered, opened, rated, solved

pytestmark = pytest.mark.django_db
REPORTS_URL = "/api/v1/reports"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOON, tick=False):
        yield


def get(person, name, **query):
    return client_of(person).get(f"{REPORTS_URL}/{name}", query)


def test_the_list_names_what_the_caller_may_read(agnes):
    told = client_of(agnes).get(REPORTS_URL).json()["results"]
    assert [one["name"] for one in told] == list(REPORTS)
    assert all(one["title"] and one["about"] for one in told)


def test_rows_have_the_columns_that_are_told(agnes, rita):
    answered(rita, agnes, days=2, after=2)
    body = get(agnes, "response-times", period="7d").json()
    assert (body["from"], body["to"], body["time_zone"]) == ("2026-02-03", "2026-02-09", "UTC")
    assert [column["name"] for column in body["columns"]] == list(body["results"][0])
    assert body["results"][0] == {
        "measure": "First response",
        "count": 1,
        "median_seconds": 7200,
        "p90_seconds": 7200,
        "count_before": 0,
        "median_seconds_before": None,
        "p90_seconds_before": None,
    }


@pytest.mark.parametrize("name", list(REPORTS))
def test_every_report_answers(agnes, rita, name):
    rated(solved(rita, agnes, days=2), 5, comment="Good.", days=1)
    opened(rita)
    response = get(agnes, name)
    assert response.status_code == 200
    assert response.json()["results"]


def test_days_are_asked_for_by_name_or_by_two_dates_in_the_caller_s_zone(agnes, rita):
    opened(rita, days=0.6)  # 21:36 in UTC
    two = {"from": "2026-02-08", "to": "2026-02-09"}
    assert [row["created"] for row in get(agnes, "created-and-solved", **two).json()["results"]] == [1, 0]
    agnes.time_zone = "Asia/Tokyo"
    agnes.save(update_fields=["time_zone"])
    assert [row["created"] for row in get(agnes, "created-and-solved", **two).json()["results"]] == [0, 1]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"period": "3w"}, "period"),
        ({"from": "2026-02-08"}, "to"),
        ({"from": "2026-02-08", "to": "2026-02-01"}, "to"),
        ({"from": "yesterday", "to": "2026-02-01"}, "from"),
        ({"from": "0001-01-01", "to": "2026-02-01"}, "from"),
        ({"period": "7d", "from": "2026-02-01", "to": "2026-02-02"}, "period"),
        ({"days": "7"}, "days"),
    ],
)
def test_what_is_no_period_is_refused_by_name(agnes, query, field):
    response = get(agnes, "agents", **query)
    assert (response.status_code, code_of(response)) == (400, "invalid_query")
    assert field in [error["field"] for error in response.json()["errors"]]


def test_who_may_not(agnes, rita, sofia):
    assert code_of(get(rita, "agents")) == "not_allowed"
    assert code_of(get(agnes, "nonsense")) == "not_found"
    token = create_access_token(agnes, name="x", scopes=["kb:read"], days=1, by=agnes)[1]
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert code_of(client.get(f"{REPORTS_URL}/agents")) == "insufficient_scope"
    only_looks(sofia)
    assert code_of(get(sofia, "agents")) == "not_allowed", "looking at tickets is not working them"
