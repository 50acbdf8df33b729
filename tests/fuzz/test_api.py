"""A client made from the API's own description finds no answer that it does not describe."""

from __future__ import annotations

import json
import os
import warnings
from functools import cache

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from rest_framework_simplejwt.tokens import AccessToken
from schemathesis import GenerationMode
from schemathesis.checks import positive_data_acceptance

from common.actors import SYSTEM
from knowledgebase.models import Category
from knowledgebase.services import create_article, publish_article
from supportportal.description import description
from tickets.services import link_tickets, open_ticket
from tickets.vocabulary import Channel, LinkKind


@cache
def handler():
    with warnings.catch_warnings(category=UserWarning, action="ignore"):  # no static files were collected for a test
        return get_wsgi_application()


def application(environ, start_response):
    return handler()(environ, start_response)


def load(*, is_thorough):
    """Return the description as a source of tests. is_thorough: each limit of each field is tried as well."""
    loaded = schemathesis.openapi.from_dict(json.loads(json.dumps(description())))
    loaded.app = application
    loaded.config.phases.coverage.enabled = is_thorough
    return loaded


def is_open(context):
    """Whether an operation may be asked without credentials."""
    return {} in context.operation.definition.raw.get("security", [{}])


thorough, brief = load(is_thorough=True), load(is_thorough=False)
bounded = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "8")),  # a thousand for a night's search
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def ground(settings):
    """Rates that no bounded test uses up, and the test's own transaction for every request."""
    settings.PORTAL_RATES = dict.fromkeys(settings.PORTAL_RATES, (10**6, 60))
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def real(ticket, agnes, rita, aarlund):
    """What the parameters of a path may name."""
    other = open_ticket(subject="Another", description="d", requester=rita, by=rita, channel=Channel.API)
    category = Category.objects.get_or_create(slug="troubleshooting", defaults={"name": "Troubleshooting"})[0]
    article = create_article(title="Repair a pipeline", body="Check the host.", category=category, by=SYSTEM)
    link = link_tickets(ticket, kind=LinkKind.RELATED, other=other, by=agnes)
    return {
        "ticket_id": ticket.reference,
        "link_id": link.pk,
        "organization_id": aarlund.pk,
        "user_id": rita.pk,
        "slug": publish_article(article, by=SYSTEM).slug,
    }


def ask(case, user, real):
    """Send the case as `user`, with the ids of real rows in a path that the description allows."""
    if case.path_parameters and case.meta.generation.mode is GenerationMode.POSITIVE:
        case.path_parameters |= {name: value for name, value in real.items() if name in case.path_parameters}
    headers = {"Authorization": f"Bearer {AccessToken.for_user(user)}"} if user else {}
    # Which rows there are, and which cursors are ours, no description can say; both are refused by name.
    case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])


@thorough.parametrize()
@bounded
def test_as_administrator(case, ground, real, ada):
    ask(case, ada, real)


@brief.parametrize()
@bounded
def test_as_customer(case, ground, real, rita):
    ask(case, rita, real)


@brief.include(func=is_open).parametrize()
@bounded
def test_as_guest(case, ground, real):
    ask(case, None, real)
