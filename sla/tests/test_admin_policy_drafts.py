"""Drafts of policies in the console: writing, publishing, and applying to open tickets."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import Team
from common.actors import SYSTEM
from sla import services
from sla.console.fields import minutes_of
from sla.models import BusinessCalendar, PolicyVersion, Recalculation, SlaPolicy
from sla.tests.console import OFFICE, page, told, typed, words
from sla.tests.console import drafted_policy as drafted

pytestmark = pytest.mark.django_db

LIST = "slapolicy"


@pytest.fixture
def enterprise() -> SlaPolicy:
    return SlaPolicy.objects.get(name="Enterprise")


# --- drafts ---


def test_form_begins_with_what_is_in_force_and_loses_nothing(client, sofia, enterprise):
    client.force_login(sofia)
    address = page(LIST, enterprise, "draft")
    assert client.post(address, typed(client, address)).url == page(LIST, enterprise)
    current, draft = enterprise.versions.get(number=1), enterprise.versions.get(number=None)
    for rows in ("targets", "steps"):
        names = (
            ("priority", "metric", "minutes", "calendar") if rows == "targets" else ("metric", "at_percent", "action")
        )
        assert set(getattr(current, rows).values_list(*names)) == set(getattr(draft, rows).values_list(*names))
    for name in ("tiers", "thresholds", "pause_statuses", "honours_maintenance", "tags"):
        assert getattr(current, name) == getattr(draft, name)
    assert draft.created_by == sofia


def test_form_writes_the_whole_draft(client, sofia, aarlund, agnes, enterprise):
    team = Team.objects.get(name="Alpha")
    client.force_login(sofia)
    address = page(LIST, enterprise, "draft")
    changed = {
        "amount-P1_CRITICAL-FIRST_RESPONSE": "1h 30 min",
        "amount-P2_HIGH-NEXT_RESPONSE": "90",
        "amount-P4_LOW-RESOLUTION": "",
        "organizations": [aarlund.pk],
        "tags": "VIP, Public Sector",
        "thresholds": "50 %, 90",
        "pause_statuses": ["PENDING", "ON_HOLD"],
        "honours_maintenance": "",
        "effective_from": "2100-01-01T08:00",
        "note": "Why not",
        "step-0-DELETE": "on",
        "step-6-metric": "RESOLUTION",
        "step-6-at_percent": "90",
        "step-6-action": "REASSIGN",
        "step-6-team": team.pk,
        "step-7-metric": "FIRST_RESPONSE",
        "step-7-at_percent": "110",
        "step-7-action": "NOTIFY_TEAM",
        "step-7-person": agnes.pk,
    }
    response = client.post(address, typed(client, address, **changed))
    assert response.status_code == 302
    draft = enterprise.versions.get(number=None)
    minutes = {(row.priority, row.metric): row.minutes for row in draft.targets.all()}
    assert minutes["P1_CRITICAL", "FIRST_RESPONSE"] == minutes["P2_HIGH", "NEXT_RESPONSE"] == 90
    assert ("P4_LOW", "RESOLUTION") not in minutes
    assert (draft.organizations, draft.tags, draft.thresholds) == ([aarlund.pk], ["vip", "public-sector"], [50, 90])
    assert (draft.pause_statuses, draft.honours_maintenance) == (["PENDING", "ON_HOLD"], False)
    assert draft.effective_from == dt.datetime(2100, 1, 1, 8, tzinfo=dt.UTC)
    assert draft.steps.count() == 5 + 2
    assert draft.steps.get(action="REASSIGN").team == team
    assert draft.steps.get(action="NOTIFY_TEAM").person is None, "only a hand-over names somebody"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("amount-P1_CRITICAL-FIRST_RESPONSE", "soon", "P1 Critical, first response: Write"),
        ("amount-P3_NORMAL-RESOLUTION", "3 days", "write hours"),
        ("amount-P3_NORMAL-RESOLUTION", "0", "at least one minute"),
        ("amount-P3_NORMAL-RESOLUTION", "100000 h", "at most ten years"),
        ("calendar-P2_HIGH", "", "Choose in which calendar P2 is counted."),
        ("calendar-P2_HIGH", "999999", "Select a valid choice"),
        ("thresholds", "80, many", "whole numbers from 1 to 1000"),
        ("thresholds", ",".join(str(n) for n in range(1, 20)), "at most 12 levels"),
        ("effective_from", "tomorrow", "Write date and time"),
        ("step-1-action", "", "Step 2, What happens: Choose what happens."),
        ("step-6-action", "NOTIFY_TEAM", "Step 7, At per cent: At how many per cent?"),
        ("step-0-action", "REASSIGN", "Say to which team or person"),
        ("step-0-at_percent", "5000", "less than or equal to 1000"),
    ],
)
def test_each_mistake_is_told_at_its_place_and_the_rest_stays(client, sofia, enterprise, field, value, said):
    client.force_login(sofia)
    address = page(LIST, enterprise, "draft")
    response = client.post(address, typed(client, address, note="My long reason") | {field: value})
    assert response.status_code == 422
    shown = words(response)
    assert "The draft was not saved." in shown
    assert said in shown
    assert "My long reason" in shown
    assert not enterprise.versions.filter(number=None).exists()


def test_a_deleted_step_may_be_wrong(client, sofia, enterprise):
    client.force_login(sofia)
    address = page(LIST, enterprise, "draft")
    data = typed(client, address) | {"step-0-at_percent": "x", "step-0-DELETE": "on", "thresholds": "many"}
    refused = client.post(address, data)
    assert refused.status_code == 422
    assert "Step 1" not in words(refused)
    assert client.post(address, data | {"thresholds": "80"}).status_code == 302
    assert enterprise.versions.get(number=None).steps.count() == 5


def test_a_row_counted_in_two_calendars_keeps_both(client, sofia, enterprise):
    office = services.create_calendar(name="Office", hours={"tz": "UTC", "weekly": OFFICE}, by=SYSTEM)
    always = BusinessCalendar.objects.get(name="Day and night")
    targets = [
        {"priority": "P1_CRITICAL", "metric": metric, "minutes": 60, "calendar": calendar}
        for metric, calendar in (("FIRST_RESPONSE", always), ("RESOLUTION", office))
    ]
    services.draft_policy(enterprise, targets=targets, steps=[], by=SYSTEM)
    client.force_login(sofia)
    address = page(LIST, enterprise, "draft")
    response = client.post(address, typed(client, address))
    assert response.status_code == 302, response.context["errors"]
    kept = dict(enterprise.versions.get(number=None).targets.values_list("metric", "calendar"))
    assert kept == {"FIRST_RESPONSE": always.pk, "RESOLUTION": office.pk}
    data = typed(client, address) | {"calendar-P1_CRITICAL-RESOLUTION": ""}
    assert "Choose in which calendar P1 is counted." in words(client.post(address, data))


def test_nobodys_draft_is_overwritten_unseen(client, sofia, ada, enterprise):
    client.force_login(sofia)
    address = page(LIST, enterprise, "draft")
    data = typed(client, address, note="Mine")
    drafted(enterprise, by=ada, note="Ada's")
    refused = client.post(address, data)
    assert refused.status_code == 412
    assert "Ada Okafor saved another draft while you were writing" in words(refused)
    assert enterprise.versions.get(number=None).note == "Ada's"
    again = data | {"seen": refused.context["form"]["seen"].value()}
    assert client.post(address, again).status_code == 302
    assert enterprise.versions.get(number=None).note == "Mine"
    services.discard_draft(enterprise.versions.get(number=None), by=SYSTEM)
    assert "published or thrown away" in words(client.post(address, again))


def test_draft_is_shown_with_its_deeds_and_discarded(client, sofia, ada, enterprise):
    draft = drafted(enterprise, by=ada, note="Try this")
    client.force_login(sofia)
    shown = words(client.get(page(LIST, enterprise)))
    assert "There is a draft by Ada Okafor of <time" in shown
    assert "Try this" in shown
    for _ in range(2):  # the second time it is gone already
        response = client.post(page(LIST, enterprise), {"deed": "discard"})
        assert "thrown away" in told(response)
    assert not PolicyVersion.objects.filter(pk=draft.pk).exists()


def test_trying_a_draft_is_offered_where_there_is_a_page_for_it(client, sofia, enterprise, monkeypatch):
    draft = drafted(enterprise)
    client.force_login(sofia)
    monkeypatch.setattr("sla.console.shared.reverse", lambda name: "/tried/")
    assert f"/tried/?policy={draft.pk}" in client.get(page(LIST, enterprise)).content.decode()
    from django.urls import NoReverseMatch

    def missing(name):
        raise NoReverseMatch

    monkeypatch.setattr("sla.console.shared.reverse", missing)
    assert "Try it on past tickets" not in words(client.get(page(LIST, enterprise)))


# --- publishing and applying ---


def test_publishing_is_confirmed_with_what_changes(client, sofia, enterprise, ticket):
    client.force_login(sofia)
    address, publish = page(LIST, enterprise, "draft"), page(LIST, enterprise, "publish")
    data = typed(client, address) | {"amount-P1_CRITICAL-FIRST_RESPONSE": "2 h", "deed": "publish"}
    assert client.post(address, data).url == publish
    asked = client.get(publish)
    shown = words(asked)
    assert "What changes against version 1" in shown
    assert "<b>2 h, Day and night</b>" in shown
    assert "1 open ticket with running or waiting clocks keeps the version" in shown
    draft = enterprise.versions.get(number=None)
    response = client.post(publish, {"draft": draft.pk})
    assert response.url == page(LIST, enterprise)
    assert "Version 2 of Enterprise holds from now on." in told(response)
    assert PolicyVersion.objects.get(pk=draft.pk).number == 2
    assert "no draft to publish" in told(client.get(publish))


def test_only_the_draft_that_was_looked_at_is_published(client, sofia, enterprise):
    client.force_login(sofia)
    seen = drafted(enterprise)
    newer = drafted(enterprise, note="Another")
    response = client.post(page(LIST, enterprise, "publish"), {"draft": seen.pk})
    assert "the draft was changed after you looked at it" in told(response)
    assert PolicyVersion.objects.get(pk=newer.pk).is_draft


def test_first_version_and_a_policy_that_is_off(client, sofia):
    policy = services.create_policy(name="New", by=SYSTEM)
    services.change_policy(policy, by=SYSTEM, is_active=False)
    drafted(policy, effective_from=dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
    client.force_login(sofia)
    shown = words(client.get(page(LIST, policy, "publish")))
    assert "What the first version says" in shown
    assert "not promised" not in shown
    assert "2100" in shown
    assert "The policy is off" in shown


def test_refused_publication_says_why(client, sofia, enterprise):
    office = services.create_calendar(name="Office", hours={"tz": "UTC", "weekly": OFFICE}, by=SYSTEM)
    targets = [{"priority": "P1_CRITICAL", "metric": "RESOLUTION", "minutes": 60, "calendar": office}]
    draft = services.draft_policy(enterprise, targets=targets, steps=[], by=SYSTEM)
    client.force_login(sofia)
    response = client.post(page(LIST, enterprise, "publish"), {"draft": draft.pk})
    assert "Publish the calendar Office first." in told(response)


def test_applying_tells_how_many_tickets_have_older_versions(client, sofia, enterprise, ticket):
    client.force_login(sofia)
    apply = page(LIST, verb="apply")
    assert "1 open ticket has clocks. All of them are measured by the versions in force." in words(client.get(apply))
    services.publish_policy(drafted(enterprise), by=SYSTEM)
    shown = words(client.get(apply))
    assert "Enterprise, version 1</span><span>1 ticket</span>" in shown
    response = client.post(apply)
    assert "being applied" in told(response)
    assert Recalculation.objects.get().created_by == sofia


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("", None), ("  ", None), ("8 h", 480), ("8h", 480), ("8 hours", 480), ("30 min", 30), ("30m", 30),
        ("1 h 30 min", 90), ("1h30", 90), ("90", 90), ("100 h", 6000),
    ],
)  # fmt: skip
def test_lengths_as_people_write_them(text, minutes):
    assert minutes_of(text) == minutes
