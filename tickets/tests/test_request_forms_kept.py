"""Request forms as supervisors keep them: in the console, by services, with a trace in the journal."""

from __future__ import annotations

import pytest

from accounts.models import ProductArea, Team
from common.actors import SYSTEM
from common.errors import Invalid, NotAllowed
from common.journal import Event
from tickets.models import CustomField, RequestForm, RequestFormField
from tickets.services import change_custom_field, change_request_form, create_request_form, delete_request_form

pytestmark = pytest.mark.django_db
PAGE = "/admin/tickets/requestform/"


@pytest.fixture
def days(db):
    return CustomField.objects.create(key="days", label="How many days", kind="NUMBER")


@pytest.fixture
def why(db):
    return CustomField.objects.create(key="why", label="Why it is needed")


def sent(rows=(), n_initial=0, **facts):
    """Return the page's form. rows: {column: value} of each field, with "id" where it is there already."""
    data = {"name": "Ask for access", "slug": "access", "description": "", "position": 1, "is_active": "on"}
    data |= {"fields-TOTAL_FORMS": len(rows), "fields-INITIAL_FORMS": n_initial, **facts}
    for n, row in enumerate(rows):
        data |= {f"fields-{n}-{name}": value for name, value in {"position": n, "values": "", **row}.items()}
    return data


def events_told():
    return list(Event.objects.filter(kind__startswith="request_form.").order_by("pk"))


def test_a_form_is_made_changed_and_deleted_in_the_console(client, sofia, days, why):
    client.force_login(sofia)
    area, team = ProductArea.objects.get(key="LINEAGE"), Team.objects.create(name="Gate")
    rows = [{"field": days.pk, "is_required": "on"}, {"field": why.pk, "depends_on": "days", "values": "3, 4"}]
    made = client.post(f"{PAGE}add/", sent(rows, product_areas=[area.pk], team=team.pk))
    assert made.status_code == 302
    form = RequestForm.objects.get()
    assert (list(form.product_areas.all()), form.team) == ([area], team)
    assert [(row.field, row.rule.on, row.rule.values) for row in form.fields.all()] == [
        (days, "", ()),
        (why, "days", ("3", "4")),
    ]

    first, second = form.fields.all()
    same = [
        {"id": first.pk, "form": form.pk, "field": days.pk, "is_required": "on"},
        {"id": second.pk, "form": form.pk, "field": why.pk, "depends_on": "days", "values": "3, 4"},
    ]
    page = f"{PAGE}{form.pk}/change/"
    areas = {"product_areas": [area.pk], "team": team.pk}
    assert client.post(page, sent(same, 2, **areas)).status_code == 302
    assert len(events_told()) == 1, "what is so already leaves no trace"
    dropped = [same[0], {**same[1], "DELETE": "on"}]
    told = {"description": "A new right.", "introduction": "Who is it for?"}
    assert client.post(page, sent(dropped, 2, **areas, **told)).status_code == 302
    assert list(form.fields.all()) == [first], "a row that stays is the same row"
    assert client.post(f"{PAGE}{form.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not RequestForm.objects.exists() and not RequestFormField.objects.exists()

    created, changed, deleted = events_told()
    assert {event.actor_label for event in (created, changed, deleted)} == {sofia.name}
    assert [row["key"] for row in created.data["fields"]] == ["days", "why"]
    assert changed.data["changes"]["description"] == {"from": "", "to": "A new right."}
    fields = changed.data["changes"]["fields"]
    assert (len(fields["from"]), len(fields["to"])) == (2, 1)
    assert set(changed.data["changes"]) == {"description", "introduction", "fields"}
    assert deleted.kind == "request_form.deleted"


def test_several_forms_are_deleted_at_once(client, sofia):
    client.force_login(sofia)
    forms = [create_request_form(name=name, slug=name, by=SYSTEM) for name in ("one", "two")]
    many = {"action": "delete_selected", "_selected_action": [form.pk for form in forms], "post": "yes"}
    assert client.post(PAGE, many).status_code == 302
    assert [event.kind for event in events_told()][2:] == ["request_form.deleted"] * 2


def test_what_cannot_be_followed_is_refused_and_nothing_is_kept(client, sofia, days, why):
    circle = [{"field": days, "depends_on": "why", "values": "1"}, {"field": why, "depends_on": "days", "values": "1"}]
    with pytest.raises(Invalid, match="in a circle"):
        create_request_form(name="Round", slug="round", fields=circle, by=SYSTEM)
    with pytest.raises(Invalid, match="each field once"):
        create_request_form(name="Twice", slug="twice", fields=[{"field": days}, {"field": days}], by=SYSTEM)
    change_custom_field(days, is_active=False, by=SYSTEM)
    client.force_login(sofia)
    rows = [{"field": days.pk}, {"field": why.pk, "depends_on": "days", "values": "3"}]
    refused = client.post(f"{PAGE}add/", sent(rows))
    assert (refused.status_code, "no field days" in refused.content.decode()) == (200, True)
    assert not RequestForm.objects.exists() and not events_told()


def test_forms_are_the_supervisors(client, agnes, sofia):
    form = create_request_form(name="Access", slug="access", by=sofia)
    for refused in (
        lambda: create_request_form(name="Mine", slug="mine", by=agnes),
        lambda: change_request_form(form, name="Mine", by=agnes),
        lambda: delete_request_form(form, by=agnes),
    ):
        with pytest.raises(NotAllowed):
            refused()
    with pytest.raises(ValueError, match="slug"):
        change_request_form(form, slug="elsewhere", by=sofia)
    client.force_login(agnes)
    assert client.post(f"{PAGE}add/", sent()).status_code == 403
