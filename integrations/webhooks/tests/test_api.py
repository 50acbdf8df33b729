"""Webhooks over HTTP."""

import datetime as dt
import json

import pytest

from accounts.services import create_access_token
from common.tests.api import client_of, code_of
from common.time import now
from integrations.webhooks.models import WebhookSubscription
from integrations.webhooks.signing import opened
from integrations.webhooks.tests.receiver import PUBLIC_URL, queued, sent
from tests.vendors.server import Reply

HOOKS = "/api/v1/webhooks"
BODY = {"name": "Bridge", "url": PUBLIC_URL, "event_types": ["ticket.created", "ticket.solved"]}


@pytest.fixture
def api(ada):
    return client_of(ada)


def test_a_life(api, aarlund):
    made = api.post(HOOKS, {**BODY, "filters": {"organizations": [aarlund.pk]}}, format="json")
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    body = made.json()
    url = f"{HOOKS}/{body['id']}"
    assert opened(WebhookSubscription.objects.get().secret) == body.pop("secret")
    assert body["filters"] == {
        "priorities": [],
        "organizations": [aarlund.pk],
        "product_areas": [],
        "tags": [],
    }
    assert api.get(url).json() == body
    assert api.get(HOOKS).json()["results"] == [body]
    changed = api.patch(url, {"is_active": False, "filters": {}}, format="json").json()
    assert (changed["is_active"], changed["filters"]["organizations"]) == (False, [])
    assert "Ada Okafor" in changed["disabled_reason"]
    assert code_of(api.post(f"{url}/test")) == "conflict"
    assert api.delete(url).status_code == 204
    assert api.get(url).status_code == 404


def test_asking_twice_makes_one_and_tells_the_secret_again(api):
    first, again = (api.post(HOOKS, BODY, format="json", HTTP_IDEMPOTENCY_KEY="k1").json() for _ in range(2))
    assert first == again
    assert WebhookSubscription.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://bridge.example"}, "url"),
        ({"event_types": ["ticket.exploded"]}, "event_types.0"),
        ({"event_types": []}, "event_types"),
        ({"name": 5}, "name"),
        ({"secret": "whsec_mine"}, "secret"),
        ({"filters": {"colour": ["red"]}}, "filters.colour"),
        ({"filters": {"organizations": [99999]}}, "filters"),
        ({"filters": {"priorities": ["HIGH"]}}, "filters.priorities.0"),
    ],
)
def test_what_does_not_validate(api, change, field):
    response = api.post(HOOKS, {**BODY, **change}, format="json")
    assert (response.status_code, code_of(response)) == (422, "invalid")
    assert field in [error["field"] for error in response.json()["errors"]]


def test_a_new_secret(api, webhook, secret):
    answer = api.post(f"{HOOKS}/{webhook.pk}/rotate-secret", {"overlap_hours": 48}, format="json")
    assert answer.status_code == 200
    assert answer.json()["secret"] not in {secret, ""}
    assert answer.json()["previous_secret_until"] is not None
    assert api.post(f"{HOOKS}/{webhook.pk}/rotate-secret", {"overlap_hours": 999}, format="json").status_code == 422


def test_the_log_tells_every_try(api, webhook, receiver, ticket):
    receiver.scripted = [Reply(503, b"later, token Bearer abcdefghijkl")]
    sent(receiver)
    (row,) = api.get(f"{HOOKS}/{webhook.pk}/deliveries").json()["results"]
    assert (row["event_type"], row["state"]) == ("ticket.created", "PENDING")
    assert row["request"]["data"]["ticket_id"] == ticket.reference
    assert row["webhook_id"].startswith("evt_")
    assert row["next_attempt_at"] is not None
    (attempt,) = row["attempts"]
    assert (attempt["status"], attempt["is_success"]) == (503, False)
    assert "abcdefghijkl" not in json.dumps(row)
    for query, count in (
        ("state=PENDING", 1),
        ("state=DEAD", 0),
        ("event_type=ping", 0),
        ("created_after=2020-01-01T00:00:00Z", 1),
    ):
        assert len(api.get(f"{HOOKS}/{webhook.pk}/deliveries?{query}").json()["results"]) == count
    assert api.get(f"{HOOKS}/{webhook.pk}/deliveries?state=ODD").status_code == 400


def test_an_attempt_without_an_answer_has_no_status(api, webhook, receiver, ticket):
    receiver.scripted = [Reply(is_reset=True)]
    sent(receiver)
    (row,) = api.get(f"{HOOKS}/{webhook.pk}/deliveries").json()["results"]
    assert row["attempts"][0]["status"] is None


def test_sending_one_again(api, webhook, receiver, ticket, sofia, agnes):
    (delivery,) = queued(webhook)
    url = f"/api/v1/deliveries/{delivery.pk}/redeliver"
    assert code_of(api.post(url)) == "conflict"
    sent(receiver)
    assert client_of(agnes).post(url).status_code == 403
    assert client_of(sofia).post(url).json()["state"] == "PENDING"
    assert len(sent(receiver)) == 1
    mail = ticket.requester.pk  # a delivery of another kind is none of this route's
    assert api.post(f"/api/v1/deliveries/{mail + 100000}/redeliver").status_code == 404


def test_mails_are_not_sent_again_here(api, ticket):
    from integrations.models import Delivery

    mail = Delivery.objects.get(kind="email")
    assert api.post(f"/api/v1/deliveries/{mail.pk}/redeliver").status_code == 404


def test_sending_a_span_again(api, webhook, receiver, ticket):
    sent(receiver)
    span = {"from": (now() - dt.timedelta(hours=1)).isoformat(), "to": (now() + dt.timedelta(hours=1)).isoformat()}
    url = f"{HOOKS}/{webhook.pk}/redeliver"
    assert api.post(url, {**span, "state": "DEAD"}, format="json").json() == {"count": 0}
    answer = api.post(url, span, format="json")
    assert (answer.status_code, answer.json()) == (202, {"count": 1})
    assert api.post(url, {"from": span["to"], "to": span["from"]}, format="json").status_code == 422
    assert api.post(url, {**span, "state": "PENDING"}, format="json").status_code == 422


def test_a_test_event(api, webhook, receiver):
    answer = api.post(f"{HOOKS}/{webhook.pk}/test")
    assert (answer.status_code, answer.json()["event_type"]) == (202, "ping")
    (request,) = sent(receiver)
    assert request.headers["webhook-id"] == answer.json()["webhook_id"]


def test_a_token_needs_the_scope(ada, webhook):
    client = client_of()
    for scope, status in (("tickets:read", 403), ("webhooks:read", 200)):
        token = create_access_token(ada, name=scope, scopes=[scope], days=1, by=ada)[1]
        assert client.get(HOOKS, HTTP_AUTHORIZATION=f"Bearer {token}").status_code == status
