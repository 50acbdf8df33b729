"""The cast: people whose names mean a right.

Rita asks, Otto is her colleague and their organization's admin, Agnes (team Alpha) and Bruno (team Beta) are
agents, Sofia supervises, Ada administers, Mallory is an outsider who must see nothing.
"""

from __future__ import annotations

import uuid

import pytest

from accounts.models import Organization, Role, Team, Tier, User
from accounts.services import create_organization, create_user
from common import embedding
from common.actors import SYSTEM
from tickets.models import Ticket
from tickets.services import open_ticket
from tickets.vocabulary import Channel

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _own_corner_of_redis(settings):
    """Redis keeps what a test leaves, and all workers share it; the database's cache goes with the transaction."""
    if settings.REDIS_URL:
        prefix = uuid.uuid4().hex
        settings.CACHES = {name: {**cache, "KEY_PREFIX": prefix} for name, cache in settings.CACHES.items()}


@pytest.fixture
def semantic_search(settings):
    """Let the search read what texts mean."""
    settings.PORTAL_SEMANTIC_SEARCH = True
    embedding.load()


@pytest.fixture
def aarlund(db) -> Organization:
    return create_organization(name="City of Aarlund", tier=Tier.ENTERPRISE, domains=["aarlund.example"], by=SYSTEM)


@pytest.fixture
def rita(aarlund) -> User:
    return create_user(email="rita@aarlund.example", name="Rita Lindqvist", password=PASSWORD, by=SYSTEM)


@pytest.fixture
def otto(aarlund) -> User:
    return create_user(
        email="otto@aarlund.example", name="Otto Brandt", password=PASSWORD, is_organization_admin=True, by=SYSTEM
    )


@pytest.fixture
def agnes(db) -> User:
    return _agent("Agnes Moreau", "agnes@support.example", "Alpha")


@pytest.fixture
def bruno(db) -> User:
    return _agent("Bruno Costa", "bruno@support.example", "Beta")


@pytest.fixture
def sofia(db) -> User:
    return create_user(
        email="sofia@support.example", name="Sofia Lund", role=Role.SUPERVISOR, password=PASSWORD, by=SYSTEM
    )


@pytest.fixture
def ada(db) -> User:
    return create_user(
        email="ada@support.example", name="Ada Okafor", role=Role.ADMINISTRATOR, password=PASSWORD, by=SYSTEM
    )


@pytest.fixture
def mallory(db) -> User:
    return create_user(email="mallory@outside.example", name="Mallory", password=PASSWORD, by=SYSTEM)


@pytest.fixture
def ticket(rita) -> Ticket:
    """Rita's question, as she filed it in the portal."""
    return open_ticket(
        subject="Lineage graph is empty",
        description="Since the upgrade every lineage graph is empty.",
        requester=rita,
        by=rita,
        channel=Channel.WEB,
    )


def _agent(name: str, email: str, team: str) -> User:
    user = create_user(email=email, name=name, role=Role.AGENT, password=PASSWORD, by=SYSTEM)
    user.teams.add(Team.objects.get_or_create(name=team)[0])
    return user
