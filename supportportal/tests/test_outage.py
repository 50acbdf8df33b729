"""The database goes away and comes back: 503 meanwhile, and nothing has to be restarted."""

import pytest
from django.db import OperationalError
from django.db.backends.utils import CursorWrapper

from integrations.models import Delivery
from supportportal import celery_app


@pytest.fixture
def outage(monkeypatch):
    """Every statement fails, as it does when the server is gone."""

    class Outage:
        def begin(self):
            def fail(self, *args, **kwargs):
                raise OperationalError("connection to server at 10.0.0.1 failed")

            monkeypatch.setattr(CursorWrapper, "execute", fail)

        def end(self):
            monkeypatch.undo()

    return Outage()


def test_pages_and_api_answer_503_and_recover(client, ticket, rita, outage):
    client.raise_request_exception = False
    client.force_login(rita, backend="django.contrib.auth.backends.ModelBackend")
    outage.begin()
    for path in ("/", "/tickets", "/profile", "/help/search?q=x", "/tickets/new", "/api/v1/tickets", "/admin/"):
        response = client.get(path)
        assert response.status_code == 503, path
        assert response["Retry-After"] == "30"
        assert b"10.0.0.1" not in response.content
    answer = client.get("/api/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
    assert client.get("/api/health/live").status_code == 200
    assert client.get("/api/health/ready").status_code == 503
    outage.end()
    assert client.get("/tickets").status_code == 200
    assert client.get("/api/health").json() == {"status": "healthy", "version": "1.0.0"}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing"])
def test_what_the_api_does_not_know_is_a_problem(client, path):
    response = client.get(path, HTTP_HOST="localhost")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.django_db
def test_a_wrong_host_is_refused_in_both_faces(client):
    client.raise_request_exception = False
    assert client.get("/", HTTP_HOST="evil.example").status_code == 400
    answer = client.get("/api/v1/tickets", HTTP_HOST="evil.example")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.django_db
def test_an_unknown_page_is_not_found(client):
    assert client.get("/nothing").status_code == 404


@pytest.fixture
def lost_redis(settings):
    """Cache and broker are configured, and nobody answers there."""
    settings.REDIS_URL = address = "redis://127.0.0.1:1/0"
    lost = {"LOCATION": address, "OPTIONS": {"socket_connect_timeout": 1}}
    settings.CACHES = {
        "default": {"BACKEND": "common.cache.ForgivingRedisCache", **lost},
        "counters": {"BACKEND": "django.core.cache.backends.redis.RedisCache", **lost},
    }


@pytest.mark.django_db(transaction=True)
def test_without_redis_everything_goes_on(client, ticket, rita, agnes, lost_redis, monkeypatch):
    monkeypatch.setattr(celery_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    client.force_login(rita)
    for path in ("/", "/tickets", "/profile", "/help/search?q=x", f"/tickets/{ticket.reference}", "/api/v1/tickets"):
        assert client.get(path).status_code == 200, path
    client.logout()
    assert client.post("/accounts/login/code/", {"email": rita.email}).status_code == 302
    client.force_login(agnes)
    for path in ("/admin/", "/admin/tickets/ticket/", f"/admin/tickets/ticket/{ticket.pk}/change/"):
        assert client.get(path).status_code == 200, path
    filed = client.post(
        "/api/v1/tickets",
        {"subject": "Hello", "description": "World", "customer_name": "G", "customer_email": "g@example.org"},
        content_type="application/json",
    )
    assert filed.status_code == 201
    assert Delivery.objects.filter(state="PENDING").count() == 3
    assert client.get("/api/health").status_code == 200
    ready = client.get("/api/health/ready")
    assert ready.status_code == 200
    assert ready.json()["checks"]["cache"]["status"] != ready.json()["checks"]["database"]["status"]
