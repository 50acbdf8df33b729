"""Being away, said over HTTP."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import User
from common.tests.api import client_of, problem_of
from common.time import now

ME = "/api/v1/me"
pytestmark = pytest.mark.django_db


def moment(days: int) -> str:
    return (now() + dt.timedelta(days=days)).replace(microsecond=0).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("by", ["pk", "email"])
def test_going_away_with_an_end_and_a_stand_in_and_coming_back(agnes, bruno, by):
    until = moment(3)
    asked = {"availability": "AWAY", "away_until": until, "stand_in": getattr(bruno, by)}
    body = client_of(agnes).patch(ME, asked, format="json").json()
    assert (body["availability"], body["away_until"]) == ("AWAY", until)
    assert body["stand_in"] == {"id": bruno.pk, "name": bruno.name}
    longer = client_of(agnes).patch(ME, {"away_until": None}, format="json").json()
    assert longer["away_until"] is None and longer["stand_in"]["id"] == bruno.pk, "what is not named stays"
    back = client_of(agnes).patch(ME, {"availability": "AVAILABLE"}, format="json").json()
    assert (back["availability"], back["away_until"], back["stand_in"]) == ("AVAILABLE", None, None)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"availability": "AWAY", "away_until": "{yesterday}"}, "away_until"),
        ({"away_until": "{tomorrow}"}, "away_until"),
        ({"availability": "AWAY", "stand_in": "{self}"}, "stand_in"),
        ({"availability": "AWAY", "stand_in": "nobody@support.example"}, "stand_in"),
        ({"availability": "AWAY", "stand_in": True}, "stand_in"),
        ({"availability": "AWAY", "stand_in": 2**70}, "stand_in"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(agnes, asked, field):
    values = {"{yesterday}": moment(-1), "{tomorrow}": moment(1), "{self}": agnes.pk}
    body = {name: values.get(value, value) if isinstance(value, str) else value for name, value in asked.items()}
    response = client_of(agnes).patch(ME, body, format="json")
    assert response.status_code == 422
    assert problem_of(response)["errors"][0]["field"] == field
    assert User.objects.get(pk=agnes.pk).availability == "AVAILABLE"


def test_a_customer_has_no_stand_in(rita, agnes):
    response = client_of(rita).patch(ME, {"stand_in": agnes.pk}, format="json")
    assert response.status_code == 422 and problem_of(response)["errors"][0]["field"] == "stand_in"
