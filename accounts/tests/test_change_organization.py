from __future__ import annotations

import pytest

from accounts.models import Tier
from accounts.services import change_organization, create_organization
from common import journal
from common.actors import SYSTEM
from common.errors import Invalid, NotAllowed

pytestmark = pytest.mark.django_db


def test_change_organization_records_old_and_new_values_once(aarlund, sofia):
    wanted = {"tier": Tier.PROFESSIONAL, "domains": ["Aarlund.example", "schools.aarlund.example"]}
    for _ in range(2):
        aarlund = change_organization(aarlund, by=sofia, **wanted)
    event = journal.timeline(aarlund).get(kind="organization.changed")
    assert event.data["changes"] == {
        "tier": {"from": "ENTERPRISE", "to": "PROFESSIONAL"},
        "domains": {"from": ["aarlund.example"], "to": ["aarlund.example", "schools.aarlund.example"]},
    }
    assert event.actor_id == sofia.pk


def test_change_organization_leaves_domains_alone_unless_given(aarlund, sofia):
    change_organization(aarlund, by=sofia, slack_channel_id="C1")
    assert aarlund.domains.count() == 1


def test_change_organization_refuses_anothers_domain(aarlund, sofia):
    other = create_organization(name="Norrvik", by=SYSTEM)
    with pytest.raises(Invalid, match="belongs to City of Aarlund"):
        change_organization(other, by=sofia, name="North", domains=["aarlund.example"])
    other.refresh_from_db()
    assert other.name == "Norrvik"


def test_organizations_are_not_everybodys_to_add_and_change(aarlund, rita, otto, agnes, sofia):
    for person in (rita, otto, agnes):
        with pytest.raises(NotAllowed):
            change_organization(aarlund, by=person, slack_channel_id="C1")
    for person in (rita, agnes, sofia):
        with pytest.raises(NotAllowed):
            create_organization(name="New", by=person)
