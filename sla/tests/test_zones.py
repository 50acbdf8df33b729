"""An upgrade of the time zone data (rule T8)."""

from __future__ import annotations

import pytest

from sla.models import Recalculation, ZoneRules
from sla.services import check_zones
from sla.services.zones import fingerprint


def test_t08_the_first_look_only_remembers(db):
    assert check_zones() == []
    assert {"America/New_York", "UTC"} <= set(ZoneRules.objects.values_list("zone_name", flat=True))
    assert not Recalculation.objects.exists()


def test_t08_new_data_with_the_same_rules_plans_nothing(db, monkeypatch):
    check_zones()
    monkeypatch.setattr("sla.services.zones.version", lambda name: "2099.1")
    assert check_zones() == []
    assert not Recalculation.objects.exists()


def test_t08_new_rules_of_a_zone_in_use_plan_one_job(db, monkeypatch):
    check_zones()
    ZoneRules.objects.filter(zone_name="America/New_York").update(fingerprint="what it was before")
    monkeypatch.setattr("sla.services.zones.version", lambda name: "2099.1")
    assert check_zones() == ["America/New_York"]
    assert Recalculation.objects.get().reason == "New rules for America/New_York"
    assert check_zones() == []


def test_data_that_was_looked_at_costs_one_query(db, django_assert_num_queries):
    check_zones()
    with django_assert_num_queries(1):
        check_zones()


@pytest.mark.parametrize("other", ["America/Chicago", "UTC", "America/Sao_Paulo"])
def test_zones_with_other_rules_have_other_fingerprints(other):
    assert fingerprint("America/New_York") != fingerprint(other)
