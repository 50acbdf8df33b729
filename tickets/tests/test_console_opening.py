"""A ticket that an agent opens in a request form, on behalf of a customer."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from accounts.models import ProductArea
from common.actors import SYSTEM
from tickets.models import CustomField, Ticket
from tickets.services import create_custom_field, create_request_form

pytestmark = pytest.mark.django_db
ADD = reverse("admin:tickets_ticket_add")


@pytest.fixture
def access(db):
    long = create_custom_field(
        key="how_long", label="How long", kind="CHOICE", choices=[["always", "Always"], ["days", "Some"]], by=SYSTEM
    )
    days = create_custom_field(key="days", label="How many days", kind="NUMBER", by=SYSTEM)
    desk = create_custom_field(key="desk", label="Which desk", kind="TEXT", is_customer_editable=False, by=SYSTEM)
    then = {"is_required": True, "depends_on": "how_long", "values": "days"}
    where = {"depends_on": "environment", "values": "STAGING", "is_required_then": True}
    return create_request_form(
        name="Ask for access",
        slug="access",
        fields=[
            {"field": long, "is_required": True, "position": 1},
            {"field": days, "position": 2, **then},
            {"field": desk, "position": 3, **where},
        ],
        product_areas=ProductArea.objects.filter(key__in=["LINEAGE", "DATA_CATALOG"]),
        by=SYSTEM,
    )


def sent(**fields):
    known = {
        "name": "Nora Ek",
        "email": "nora@aarlund.example",
        "subject": "Access, please",
        "description": "She called.",
    }
    return {**known, "token": str(uuid.uuid4()), **fields}


def test_a_form_is_chosen_then_its_fields_are_asked(client, agnes, access):
    client.force_login(agnes)
    first = client.get(ADD).content.decode()
    assert ("Ask for access" in first, "How long" in first) == (True, False)
    shown = client.post(ADD, sent(asked="", request_form="access", choose="1"))
    page = shown.content.decode()
    assert (shown.status_code, "How long" in page, "She called." in page) == (200, True, True)
    assert "error" not in shown.context["form"].as_p(), "nothing is judged before it was asked"
    assert client.post(ADD, sent(asked="", request_form="access")).status_code == 200, "also without the button"
    assert "How long" in client.get(f"{ADD}?form=access").content.decode()
    assert not Ticket.objects.exists()


def test_its_rules_decide_as_on_the_portal(client, agnes, access):
    client.force_login(agnes)
    given = {"asked": "access", "request_form": "access"}
    for more, missing in (
        ({}, ["How long"]),
        ({"custom-how_long": "days"}, ["How many days"]),
        ({"custom-how_long": "always", "environment": "STAGING"}, ["Which desk"]),
        ({"environment": "STAGING"}, ["How long", "Which desk"]),
    ):
        refused = client.post(ADD, sent(**given, **more))
        told = [error for errors in refused.context["form"].errors.values() for error in errors]
        assert (refused.status_code, told) == (422, [f"Answer: {label}" for label in missing])
    lineage = ProductArea.objects.get(key="LINEAGE")
    answers = {"custom-how_long": "always", "custom-days": "3", "environment": "STAGING", "custom-desk": "B4"}
    made = client.post(ADD, sent(**given, **answers, product_area=lineage.pk))
    assert made.status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.request_form, ticket.product_area, ticket.environment) == (access, lineage, "STAGING")
    assert ticket.custom_fields == {"how_long": "always", "desk": "B4"}, "what was hidden is not kept"
    assert ticket.submitter == agnes


def test_the_form_narrows_the_areas_and_the_page_hides_what_does_not_apply(client, agnes, access):
    lineage = ProductArea.objects.get(key="LINEAGE")
    access.fields.filter(field__key="days").update(depends_on="product_area", values="LINEAGE")
    client.force_login(agnes)
    form = client.get(f"{ADD}?form=access").context["form"]
    assert {name for _pk, name in form.fields["product_area"].choices} == {"Not known yet", "Lineage", "Data catalog"}
    assert form.conditions == {"custom-days": {"on": "product_area", "values": [str(lineage.pk)], "numbers": []}}
    other = ProductArea.objects.exclude(key__in=["LINEAGE", "DATA_CATALOG"]).first()
    given = {"asked": "access", "request_form": "access", "custom-how_long": "always"}
    assert client.post(ADD, sent(**given, product_area=other.pk)).status_code == 422
    assert client.post(ADD, sent(**given)).status_code == 302, "agents may not know the area yet"


def test_without_a_form_nothing_more_is_asked(client, agnes, access, django_assert_max_num_queries):
    CustomField.objects.create(key="must", label="A riddle", is_required=True)
    client.force_login(agnes)
    client.get(ADD)
    with django_assert_max_num_queries(12):
        client.get(f"{ADD}?form=access")
    assert client.post(ADD, sent(asked="", request_form="")).status_code == 302
    assert (Ticket.objects.get().request_form, Ticket.objects.get().custom_fields) == (None, {})
