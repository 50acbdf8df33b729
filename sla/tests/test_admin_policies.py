"""Policies in the console: the list, what one promises, its versions, and who may do what."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import ProductArea, Team
from common.actors import SYSTEM
from sla import services
from sla.models import SlaPolicy
from sla.tests.console import drafted_policy as drafted
from sla.tests.console import page, told, words

pytestmark = pytest.mark.django_db

LIST = "slapolicy"


@pytest.fixture
def enterprise() -> SlaPolicy:
    return SlaPolicy.objects.get(name="Enterprise")


# --- the list ---


def test_list_says_whom_each_matches_and_what_it_promises(client, agnes, enterprise):
    drafted(enterprise)
    vip = services.create_policy(name="VIP", by=SYSTEM)
    services.publish_policy(drafted(vip, tiers=["PROFESSIONAL"], tags=["vip"], minutes=90), by=SYSTEM)
    client.force_login(agnes)
    shown = words(client.get(page(LIST)))
    assert "Professional, tag vip" in shown
    assert "<dt>P1</dt><dd>4 h / 24 h</dd>" in shown
    assert "<dt>P4</dt><dd>48 h / 14 d</dd>" in shown
    assert "<dt>P1</dt><dd>1 h 30 min / -</dd>" in shown
    assert "Draft" in shown
    assert shown.index("Enterprise") < shown.index("VIP")
    assert "Switch off" not in shown


def test_list_costs_the_same_queries_whatever_its_length(client, sofia, enterprise, django_assert_max_num_queries):
    client.force_login(sofia)
    client.get(page(LIST))
    drafted(enterprise)
    for number in range(8):
        policy = services.create_policy(name=f"Number {number}", by=SYSTEM)
        services.publish_policy(drafted(policy, tags=["vip"]), by=SYSTEM)
    with django_assert_max_num_queries(14):
        client.get(page(LIST))


def test_policies_are_moved_and_switched(client, sofia, enterprise):
    client.force_login(sofia)
    first, second = SlaPolicy.objects.order_by("position")
    for deed, order in (("move_down", [second, first]), ("move_up", [first, second])):
        response = client.post(page(LIST), {"deed": deed, "row": first.pk})
        assert response.url == page(LIST)
        assert list(SlaPolicy.objects.order_by("position")) == order
    assert "Enterprise now comes first." in told(response)
    client.post(page(LIST), {"deed": "switch_off", "row": first.pk})
    assert not SlaPolicy.objects.get(pk=first.pk).is_active
    assert "This policy is off." in words(client.get(page(LIST, first)))
    back = client.post(page(LIST), {"deed": "switch_on", "row": first.pk, "from": "page"})
    assert back.url == page(LIST, first)
    assert SlaPolicy.objects.get(pk=first.pk).is_active


@pytest.mark.parametrize("data", [{"deed": "explode", "row": "1"}, {"deed": "move_up", "row": "0"}, {"row": "x"}])
def test_unknown_deeds_are_not_found(client, sofia, data):
    client.force_login(sofia)
    assert client.post(page(LIST), data).status_code == 404


# --- rights ---


def test_who_may_read_and_who_may_change(client, rita, agnes, sofia, enterprise):
    drafted(enterprise)
    forms = [page(LIST, enterprise, "draft"), page(LIST, enterprise, "publish"), page(LIST, verb="apply")]
    forms.append(page(LIST, verb="add"))
    reading = [page(LIST), page(LIST, enterprise)]
    assert all("/accounts/login/" in client.get(address).url for address in (*forms, *reading))
    client.force_login(rita)
    assert {client.get(address).status_code for address in (*forms, *reading)} == {403}
    client.force_login(agnes)
    assert {client.get(address).status_code for address in reading} == {200}
    assert {client.get(address).status_code for address in forms} == {403}
    assert {client.post(address).status_code for address in (*forms, *reading)} == {403}
    shown = words(client.get(page(LIST, enterprise)))
    assert "There is a draft" in shown
    assert not any(verb in shown for verb in ("Discard", "Switch off", "Rename", "Apply to open tickets"))
    client.force_login(sofia)
    assert {client.get(address).status_code for address in (*forms, *reading)} == {200}
    assert client.post(page(LIST, enterprise, "delete"), {"post": "yes"}).status_code == 403
    assert client.get(page(LIST, enterprise, "history")).url == page(LIST, enterprise) + "#versions"


def test_what_is_not_there_is_not_found(client, sofia):
    client.force_login(sofia)
    assert client.get(page(LIST) + "999999/change/").status_code == 404
    assert client.get(page(LIST) + "none/change/").status_code == 404
    assert client.get(page(LIST) + "999999/draft/").status_code == 404


# --- the page ---


def test_page_tells_targets_steps_and_waiting(client, agnes, enterprise, ticket):
    client.force_login(agnes)
    shown = words(client.get(page(LIST, enterprise)))
    assert "<strong>14 d</strong><small>Day and night</small>" in shown
    assert "not promised" in shown
    assert "P1 <small>after 3 h 12 min</small></span><span>Notify the manager" in shown
    assert "Recorded at 80 %, 100 %, 120 %. No step is taken." in shown
    assert "<dt>Wait while</dt><dd>Pending</dd>" in shown
    assert "1 open with clocks of it" in shown


def test_page_tells_every_condition_by_name(client, agnes, aarlund, enterprise):
    area = ProductArea.objects.first()
    team = Team.objects.get(name="Alpha")
    values = {"organizations": [aarlund.pk], "product_areas": [area.key], "teams": [team.pk], "tags": ["vip"]}
    services.publish_policy(drafted(enterprise, **values), by=SYSTEM)
    client.force_login(agnes)
    shown = words(client.get(page(LIST, enterprise)))
    for told_name in ("Enterprise", "City of Aarlund", area.name, "Alpha", "vip", "All of it together."):
        assert told_name in shown


def test_versions_tell_who_when_why_and_what_changed(client, agnes, sofia, enterprise):
    services.publish_policy(drafted(enterprise, by=sofia, note="Faster for all"), by=sofia)
    client.force_login(agnes)
    shown = words(client.get(page(LIST, enterprise)))
    assert "by Sofia Lund" in shown
    assert "Faster for all" in shown
    assert "First response, P1 Critical" in shown
    assert "was </span>4 h, Day and night</s>" in shown
    assert "<b>2 h, Day and night</b>" in shown
    assert "<b>nothing</b>" in shown, "the steps are gone"


def test_a_version_that_begins_later_is_told(client, sofia, enterprise):
    services.publish_policy(drafted(enterprise, effective_from=dt.datetime(2100, 1, 1, tzinfo=dt.UTC)), by=SYSTEM)
    client.force_login(sofia)
    shown = words(client.get(page(LIST, enterprise)))
    assert "Version 2 holds from" in shown
    assert "<strong>4 h</strong>" in shown, "what is in force is still the first version"
    policy = services.create_policy(name="New", by=SYSTEM)
    services.publish_policy(drafted(policy, effective_from=dt.datetime(2100, 1, 1, tzinfo=dt.UTC)), by=SYSTEM)
    listed = words(client.get(page(LIST)))
    assert "Coming" in listed
    assert listed.count("the next from") == 2


def test_a_policy_without_a_version_says_so(client, sofia):
    policy = services.create_policy(name="New", by=SYSTEM)
    client.force_login(sofia)
    assert "This policy promises nothing yet" in words(client.get(page(LIST, policy)))
    assert "Not published" in words(client.get(page(LIST)))


def test_page_costs_few_queries(client, agnes, enterprise, django_assert_max_num_queries):
    for number in range(6):
        services.publish_policy(drafted(enterprise, minutes=60 + number), by=SYSTEM)
    client.force_login(agnes)
    client.get(page(LIST, enterprise))
    with django_assert_max_num_queries(14):
        client.get(page(LIST, enterprise))


def test_making_and_renaming(client, sofia, enterprise):
    client.force_login(sofia)
    made = client.post(page(LIST, verb="add"), {"name": " VIP "})
    policy = SlaPolicy.objects.get(name="VIP")
    assert made.url == page(LIST, policy, "draft")
    taken = client.post(page(LIST, verb="add"), {"name": "Enterprise"})
    assert taken.status_code == 422
    assert "name of its own" in words(taken)
    assert client.post(page(LIST, verb="add"), {"name": ""}).status_code == 422
    client.post(page(LIST, policy), {"deed": "rename", "name": "Very important"})
    assert SlaPolicy.objects.get(pk=policy.pk).name == "Very important"
    refused = client.post(page(LIST, policy), {"deed": "rename", "name": "Enterprise"})
    assert refused.status_code == 422
    assert 'value="Enterprise"' in words(refused), "what was typed stays"
    assert client.post(page(LIST, policy), {"deed": "nothing"}).status_code == 404
