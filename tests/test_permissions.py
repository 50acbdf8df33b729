"""Rights as one table: every route and method of the API, and what each member of the cast is answered."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import get_resolver

from accounts.authentication import HasScope
from accounts.services import create_access_token
from common.actors import SYSTEM
from common.tests.api import client_of
from integrations.models import Delivery
from integrations.webhooks.services import create_webhook
from knowledgebase.models import Category
from knowledgebase.services import create_article, publish_article, submit_article
from supportportal import api
from tickets.downloads import signed_download_token
from tickets.services import (
    attach_file,
    create_job,
    create_macro,
    link_tickets,
    open_ticket,
    post_customer_message,
    save_view,
    solve_ticket,
)
from tickets.vocabulary import Channel, LinkKind

CAST = ("guest", "mallory", "rita", "otto", "agnes", "sofia", "ada")
EVERYBODY = (200,) * 7
SIGNED_IN = (401, 200, 200, 200, 200, 200, 200)
SUPERVISORS = (401, 403, 403, 403, 403, 200, 200)
TAKEN_IN = (401, 403, 403, 403, 202, 202, 202)
ADMINISTRATORS = (401, 403, 403, 403, 403, 403, 200)

# method, route, body, and the answers to CAST: a guest, an outsider, the requester, the organization's
# admin, an agent, a supervisor, an administrator.
TABLE = [
    ("GET", "tickets", None, SIGNED_IN),
    ("POST", "tickets", "ticket", (201,) * 7),
    ("GET", "tickets/{ticket_id}", None, (401, 404, 200, 200, 200, 200, 200)),
    ("PATCH", "tickets/{ticket_id}", {"product_version": "2"}, (401, 404, 200, 200, 200, 200, 200)),
    ("PATCH", "tickets/{ticket_id}", {"priority": "P1"}, (401, 404, 403, 403, 200, 200, 200)),
    ("POST", "tickets/{ticket_id}/solve", None, (401, 404, 200, 200, 200, 200, 200)),
    ("POST", "tickets/{solved_id}/reopen", None, (401, 404, 200, 200, 200, 200, 200)),
    ("POST", "tickets/{ticket_id}/cancel", None, (401, 404, 200, 200, 200, 200, 200)),
    ("POST", "tickets/{ticket_id}/close", None, (401, 404, 403, 403, 200, 200, 200)),
    ("POST", "tickets/{ticket_id}/assign", {"strategy": "round_robin"}, (401, 404, 403, 403, 200, 200, 200)),
    ("GET", "agents/workload", None, (401, 403, 403, 403, 200, 200, 200)),
    ("POST", "tickets/{ticket_id}/merge", {"into": "{other_id}"}, (401, 404, 403, 403, 200, 200, 200)),
    ("POST", "tickets/{ticket_id}/split", "split", (401, 404, 403, 403, 201, 201, 201)),
    ("GET", "tickets/{ticket_id}/comments", None, (401, 404, 200, 200, 200, 200, 200)),
    ("POST", "tickets/{ticket_id}/comments", {"body": "Hello."}, (401, 404, 201, 201, 201, 201, 201)),
    ("POST", "tickets/{ticket_id}/comments", "note", (401, 404, 403, 403, 201, 201, 201)),
    ("GET", "tickets/{ticket_id}/attachments", None, (401, 404, 200, 200, 200, 200, 200)),
    ("POST", "tickets/{ticket_id}/attachments", "file", (401, 404, 201, 201, 201, 201, 201)),
    ("POST", "tickets/{ticket_id}/attachments", "internal file", (401, 404, 403, 403, 201, 201, 201)),
    ("GET", "attachments/{token}", None, EVERYBODY),
    ("GET", "reports", None, (401, 403, 403, 403, 200, 200, 200)),
    ("GET", "reports/agents", None, (401, 403, 403, 403, 200, 200, 200)),
    ("GET", "changes?after=0", None, SIGNED_IN),
    ("POST", "tickets/bulk", {"tickets": [{"subject": "Help", "description": "Now."}]}, TAKEN_IN),
    ("POST", "tickets/bulk-update", {"ticket_ids": ["ODG-1"], "changes": {"priority": "P1"}}, TAKEN_IN),
    ("GET", "jobs/{job_id}", None, (401, 404, 404, 404, 200, 404, 404)),
    ("GET", "views", None, (401, 403, 403, 403, 200, 200, 200)),
    ("POST", "views", {"name": "Mine", "filters": {}}, (401, 403, 403, 403, 201, 201, 201)),
    ("POST", "views", {"name": "All", "filters": {}, "is_everybodys": True}, (401, 403, 403, 403, 403, 201, 201)),
    ("GET", "views/{view_id}", None, (401, 403, 403, 403, 200, 200, 200)),
    ("PATCH", "views/{view_id}", {"name": "Other"}, (401, 403, 403, 403, 403, 200, 200)),
    ("DELETE", "views/{view_id}", None, (401, 403, 403, 403, 403, 204, 204)),
    ("GET", "views/{view_id}/tickets", None, (401, 403, 403, 403, 200, 200, 200)),
    ("GET", "request-forms", None, EVERYBODY),
    ("GET", "macros", None, (401, 403, 403, 403, 200, 200, 200)),
    ("GET", "tickets/{ticket_id}/macros/{macro_id}/preview", None, (401, 404, 403, 403, 200, 200, 200)),
    ("POST", "tickets/{ticket_id}/macros/{macro_id}/apply", {}, (401, 404, 403, 403, 200, 200, 200)),
    ("GET", "tickets/{ticket_id}/sla", None, (401, 404, 200, 200, 200, 200, 200)),
    ("GET", "sla/policies", None, (401, 403, 403, 403, 200, 200, 200)),
    ("GET", "sla/metrics?group_by=tier", None, (401, 403, 403, 403, 200, 200, 200)),
    ("GET", "integrations", None, (401, 403, 403, 403, 200, 200, 200)),
    ("GET", "sla/compliance/{ticket_id}", None, (401, 404, 403, 403, 200, 200, 200)),
    ("POST", "tickets/{solved_id}/csat", {"rating": 5}, (401, 404, 201, 403, 403, 403, 403)),
    ("POST", "tickets/{ticket_id}/csat", {"rating": 5}, (401, 404, 409, 403, 403, 403, 403)),
    ("GET", "csat/metrics?days=30", None, (401, 403, 403, 403, 200, 200, 200)),
    ("GET", "tickets/{ticket_id}/events", None, (401, 404, 200, 200, 200, 200, 200)),
    ("GET", "tickets/{ticket_id}/related", None, (401, 404, 200, 200, 200, 200, 200)),
    ("POST", "tickets/{ticket_id}/related", {"ticket_id": "{other_id}"}, (401, 404, 403, 403, 201, 201, 201)),
    ("DELETE", "tickets/{ticket_id}/related/{link_id}", None, (401, 404, 403, 403, 204, 204, 204)),
    ("POST", "auth/token", "credentials", EVERYBODY),
    ("POST", "auth/token/refresh", {"refresh": "nonsense"}, (401,) * 7),
    ("POST", "auth/token/revoke", {"refresh": "nonsense"}, (204,) * 7),
    ("GET", "me", None, SIGNED_IN),
    ("PATCH", "me", {"is_mailed_replies": False}, SIGNED_IN),
    ("GET", "me/tokens", None, SIGNED_IN),
    ("POST", "me/tokens", {"name": "x", "scopes": ["kb:read"]}, (401, 201, 201, 201, 201, 201, 201)),
    ("DELETE", "me/tokens/{token_id}", None, (401, 404, 204, 404, 404, 404, 404)),
    ("GET", "organizations", None, SIGNED_IN),
    ("GET", "organizations/{organization_id}", None, (401, 404, 200, 200, 200, 200, 200)),
    ("GET", "users", None, SIGNED_IN),
    ("GET", "users/{rita_id}", None, (401, 404, 200, 200, 200, 200, 200)),
    ("GET", "users/{agnes_id}", None, (401, 404, 404, 404, 200, 200, 200)),
    ("GET", "product-areas", None, EVERYBODY),
    ("GET", "webhooks", None, SUPERVISORS),
    ("POST", "webhooks", "webhook", (401, 403, 403, 403, 403, 403, 201)),
    ("GET", "webhooks/{webhook_id}", None, SUPERVISORS),
    ("PATCH", "webhooks/{webhook_id}", {"name": "Chat"}, ADMINISTRATORS),
    ("DELETE", "webhooks/{webhook_id}", None, (401, 403, 403, 403, 403, 403, 204)),
    ("POST", "webhooks/{webhook_id}/rotate-secret", {}, ADMINISTRATORS),
    ("POST", "webhooks/{webhook_id}/test", None, (401, 403, 403, 403, 403, 403, 202)),
    ("POST", "webhooks/{webhook_id}/redeliver", "span", (401, 403, 403, 403, 403, 202, 202)),
    ("GET", "webhooks/{webhook_id}/deliveries", None, SUPERVISORS),
    ("POST", "deliveries/{delivery_id}/redeliver", None, (401, 403, 403, 403, 403, 202, 202)),
    ("GET", "kb/search?q=pipeline", None, EVERYBODY),
    ("GET", "kb/articles", None, EVERYBODY),
    ("GET", "kb/articles/{slug}", None, EVERYBODY),
    ("GET", "kb/articles/{draft}", None, (404, 404, 404, 404, 404, 200, 200)),
    ("POST", "kb/articles", "article", (401, 403, 403, 403, 403, 201, 201)),
    ("PATCH", "kb/articles/{slug}", {"summary": "New."}, (401, 403, 403, 403, 403, 200, 200)),
    ("PATCH", "kb/articles/{draft}", {"summary": "New."}, (401, 404, 404, 404, 404, 200, 200)),
    ("POST", "kb/articles/{draft}/publish", None, (401, 404, 404, 404, 404, 200, 200)),
    ("POST", "kb/articles/{slug}/archive", None, (401, 403, 403, 403, 403, 200, 200)),
    ("POST", "kb/articles/{draft}/submit", None, (401, 404, 404, 404, 404, 200, 200)),
    ("POST", "kb/articles/{submitted}/review", {"approve": True}, (401, 404, 404, 404, 404, 200, 200)),
    ("POST", "kb/articles/{slug}/feedback", {"helpful": True}, EVERYBODY),
    ("POST", "kb/articles/{draft}/feedback", {"helpful": True}, (404,) * 7),
    ("GET", "kb/articles/{slug}/revisions", None, (401, 403, 403, 403, 200, 200, 200)),
    ("GET", "kb/articles/{slug}/revisions/1", None, (401, 403, 403, 403, 200, 200, 200)),
    ("POST", "kb/articles/{slug}/revisions/1/restore", None, (401, 403, 403, 403, 403, 200, 200)),
    ("GET", "kb/suggest?q=pipeline", None, EVERYBODY),
    ("GET", "kb/categories", None, EVERYBODY),
    ("GET", "schema", None, EVERYBODY),
    ("GET", "docs", None, EVERYBODY),
    ("GET", "problems/stale", None, EVERYBODY),
]


@pytest.fixture
def world(ticket, rita, otto, agnes, sofia, ada, mallory, aarlund):
    """One of everything that a route may name; what it is called in the table -> its id."""

    def open_one(subject):
        return open_ticket(subject=subject, description="d", requester=rita, by=rita, channel=Channel.API)

    other, solved = open_one("Another"), open_one("Solved")
    solve_ticket(solved, by=agnes)
    category = Category.objects.get_or_create(slug="troubleshooting", defaults={"name": "Troubleshooting"})[0]
    article = create_article(title="Repair a pipeline", body="Check the host.", category=category, by=SYSTEM)
    draft = create_article(title="Draft", body="Later.", category=category, by=SYSTEM)
    submitted = create_article(title="Submitted", body="Soon.", category=category, by=SYSTEM)
    url = "https://bridge.example/hooks"
    webhook, _ = create_webhook(by=ada, name="Bridge", url=url, event_types=["ticket.created"])
    told = Delivery.objects.create(
        kind="webhook",
        circuit=webhook.destination,
        destination=webhook.destination,
        template="ping",
        state="DEAD",
        payload={"webhook_id": "evt_1", "body": "{}"},
    )
    file = attach_file(ticket, SimpleUploadedFile("a.log", b"line\n"), by=rita)
    return {
        "{ticket_id}": ticket.reference,
        "{other_id}": other.reference,
        "{solved_id}": solved.reference,
        "{comment_id}": post_customer_message(ticket, body="Two.", by=rita, channel=Channel.WEB).pk,
        "{link_id}": link_tickets(ticket, kind=LinkKind.CHILD_OF, other=other, by=agnes).pk,
        "{macro_id}": create_macro(name="Low", actions=[{"action": "set_priority", "value": "P4_LOW"}], by=SYSTEM).pk,
        "{view_id}": save_view(by=ada, name="Raised", filters={"status": ["OPEN"]}, is_everybodys=True).pk,
        "{job_id}": create_job("UPDATE", [{"ticket_id": ticket.reference, "priority": "P1"}], by=agnes).pk,
        "{token}": signed_download_token(file),
        "{token_id}": create_access_token(rita, name="x", scopes=["kb:read"], days=1, by=rita)[0].pk,
        "{organization_id}": aarlund.pk,
        "{rita_id}": rita.pk,
        "{agnes_id}": agnes.pk,
        "{webhook_id}": webhook.pk,
        "{delivery_id}": told.pk,
        "{slug}": publish_article(article, by=SYSTEM).slug,
        "{draft}": draft.slug,
        "{submitted}": submit_article(submitted, by=SYSTEM).slug,
    }


def body_of(name, world):
    bodies = {
        "ticket": {
            "subject": "Help",
            "description": "Please.",
            "customer_name": "Test User",
            "customer_email": "test@opendatagov.example",
        },
        "webhook": {"name": "Chat", "url": "https://chat.example/hooks", "event_types": ["ticket.created"]},
        "span": {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"},
        "split": {"comment_id": world["{comment_id}"], "subject": "Split off"},
        "note": {"body": "Psst.", "is_internal": True},
        "file": {"file": SimpleUploadedFile("b.log", b"line\n")},
        "internal file": {"file": SimpleUploadedFile("b.log", b"line\n"), "is_internal": "true"},
        "credentials": {"email": "rita@aarlund.example", "password": "correct horse battery"},
        "article": {"title": "New article", "body": "Text.", "category": "troubleshooting"},
    }
    if isinstance(name, str):
        return bodies[name]
    return {key: world.get(value, value) if isinstance(value, str) else value for key, value in (name or {}).items()}


def filled(route, world):
    for name, value in world.items():
        route = route.replace(name, str(value))
    return route


@pytest.mark.parametrize(("method", "route", "body", "answers"), TABLE, ids=lambda value: str(value)[:40])
def test_what_each_is_answered(world, request, method, route, body, answers):
    answered = []
    for who in CAST:
        with transaction.atomic():  # taken back, so that each finds the world as it was made
            client = client_of(None if who == "guest" else request.getfixturevalue(who))
            answered.append(_ask(client, method, filled(route, world), body, world))
            transaction.set_rollback(True)

    assert dict(zip(CAST, answered, strict=True)) == dict(zip(CAST, answers, strict=True))


def _ask(client, method, route, body, world) -> int:
    sent = {} if method == "GET" else {"data": body_of(body, world), "format": "json"}
    if isinstance(body, str) and "file" in body:
        sent["format"] = "multipart"
    response = getattr(client, method.lower())(f"/api/v1/{route}", **sent)
    if response.streaming:
        b"".join(response.streaming_content)
    if response.status_code >= 400:
        assert response["Content-Type"] == "application/problem+json", response.content
    return response.status_code


def test_the_table_names_every_route_and_method():
    def plain(route):
        route = route.replace("revisions/1", "revisions/{number}").replace("reports/agents", "reports/{name}")
        return re.sub(r"<[a-z]+:([a-z_]+)>|\{[a-z_]+\}", "{}", route).partition("?")[0]

    routes = {}
    for pattern in api.urlpatterns:
        methods = getattr(pattern.callback, "actions", None) or {
            name: name for name in ("get", "post", "patch", "delete") if hasattr(pattern.callback.cls, name)
        }
        routes[plain(str(pattern.pattern))] = {method.upper() for method in methods if method != "head"}
    named = {}
    for method, route, *_ in TABLE:
        named.setdefault(plain(route).replace("problems/stale", "problems/{}"), set()).add(method)

    assert named == routes


def test_every_view_that_knows_credentials_asks_for_the_scope():
    for pattern in api.urlpatterns:
        view = pattern.callback.cls(**pattern.callback.initkwargs)
        for action in (getattr(pattern.callback, "actions", None) or {"get": "get"}).values():
            view.action = action
            if view.authentication_classes:
                assert any(isinstance(permission, HasScope) for permission in view.get_permissions()), pattern


@pytest.mark.parametrize("who", ["guest", "rita", "ada"])
def test_every_route_names_its_methods_and_nothing_else(world, request, who):
    client = client_of(None if who == "guest" else request.getfixturevalue(who))
    for route in {route.partition("?")[0] for _, route, *_ in TABLE if route != "docs"}:
        response = client.options(f"/api/v1/{filled(route, world)}")

        assert response.status_code in {204, 401}, route
        assert "OPTIONS" in response["Allow"]


def test_the_api_is_where_it_should_be():
    assert get_resolver().resolve("/api/v1/tickets").view_name == "api:tickets"
