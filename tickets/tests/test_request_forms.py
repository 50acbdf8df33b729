"""Forms by kind of request: which fields are asked, which must be answered, and what is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import ProductArea
from common.actors import SYSTEM
from common.errors import NotAllowed
from common.journal import Event
from common.tests.api import client_of
from tickets import request_rules
from tickets.models import CustomField, RequestForm, RequestFormField, Ticket
from tickets.request_rules import Asked, asked_of, kept_of, required_of
from tickets.services import change_custom_field, change_request_form, create_custom_field, delete_custom_field
from tickets.tests.helping import typed
from tickets.tests.pages import filled

pytestmark = pytest.mark.django_db
NEW = "/tickets/new"


# --- the rules ---

FIELDS = [
    Asked("kind", is_required=True),
    Asked("cluster", is_required=True, on="environment", values=("PRODUCTION", "STAGING")),
    Asked("node", is_required=True, on="cluster", values=("kestrel",)),
    Asked("reason", on="kind", values=("access",), is_required_then=True),
]


@pytest.mark.parametrize(
    ("answers", "asked", "required"),
    [
        ({}, ["kind", "reason"], {"kind"}),
        ({"kind": "access"}, ["kind", "reason"], {"kind", "reason"}),
        ({"environment": "STAGING"}, ["kind", "cluster", "reason"], {"kind", "cluster"}),
        (
            {"environment": "STAGING", "cluster": "kestrel"},
            ["kind", "cluster", "node", "reason"],
            {"kind", "cluster", "node"},
        ),
        ({"cluster": "kestrel", "node": "1"}, ["kind", "reason"], {"kind"}),
    ],
)
def test_conditions_decide(answers, asked, required):
    assert asked_of(FIELDS, answers) == asked
    assert required_of(FIELDS, answers) == required


def test_ticks_numbers_and_several_choices_are_answers():
    for answer, value in ((True, "yes"), (False, "no"), (3, "3"), (3.0, "3"), (3, "3.0"), (0, "-0"), (["a", "b"], "b")):
        rule = [Asked("x"), Asked("y", on="x", values=(value,))]
        assert asked_of(rule, {"x": answer}) == ["x", "y"]
        assert asked_of(rule, {"x": None}) == ["x"]
    for answer, value in ((3, "3.5"), (1, "yes"), (3, "nan"), (True, "1"), ("3.0", "3")):
        assert asked_of([Asked("x"), Asked("y", on="x", values=(value,))], {"x": answer}) == ["x"]


@pytest.mark.parametrize(
    "fields",
    [
        [Asked("a", on="a", values=("1",))],
        [Asked("a", on="b", values=("1",)), Asked("b", on="a", values=("1",))],
        [Asked("a", on="gone", values=("1",))],
        [Asked("a", on="environment")],
    ],
)
def test_rules_that_cannot_be_followed_are_refused(fields):
    with pytest.raises(request_rules.Unclear):
        request_rules.check(fields)


@st.composite
def forms(draw):
    """Forms without circles: a field depends on an earlier one or a built-in."""
    fields = []
    for n in range(draw(st.integers(0, 6))):
        on = draw(st.sampled_from(["", "environment", *(f"f{k}" for k in range(n))]))
        values = tuple(draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=2))) if on else ()
        fields.append(Asked(f"f{n}", draw(st.booleans()), on, values, draw(st.booleans()) if on else False))
    return fields


@given(forms(), st.dictionaries(st.sampled_from(["environment", *(f"f{n}" for n in range(6))]), st.sampled_from("abc")))
def test_what_is_hidden_is_never_required_nor_kept_and_order_does_not_matter(fields, answers):
    request_rules.check(fields)
    asked = set(asked_of(fields, answers))
    assert required_of(fields, answers) <= asked
    assert not ({one.key for one in fields} - asked) & set(kept_of(fields, answers))
    assert set(asked_of(fields[::-1], answers)) == asked
    assert required_of(fields[::-1], answers) == required_of(fields, answers)
    kept = kept_of(fields, answers)
    assert kept_of(fields, kept) == kept


# --- the pages ---


@pytest.fixture
def access(db):
    form = RequestForm.objects.create(name="Ask for access", slug="access", description="A new person, a new right.")
    why = CustomField.objects.create(key="why", label="Why it is needed", is_active=True)
    until = CustomField.objects.create(
        key="how_long", label="How long", kind="CHOICE", choices=[["always", "Always"], ["days", "Some days"]]
    )
    days = CustomField.objects.create(key="days", label="How many days", kind="NUMBER")
    RequestFormField.objects.create(form=form, field=until, is_required=True, position=1)
    RequestFormField.objects.create(
        form=form, field=days, is_required=True, depends_on="how_long", values="days", position=2
    )
    RequestFormField.objects.create(
        form=form, field=why, depends_on="environment", values="PRODUCTION", is_required_then=True, position=3
    )
    return form


@pytest.fixture
def problem(db):
    return RequestForm.objects.create(name="Report a problem", slug="problem", position=5)


def send(client, **fields):
    return client.post(NEW, typed(form="access", **fields))


def test_one_chooses_among_several_forms_and_a_single_one_is_shown(client, rita, access, problem):
    client.force_login(rita)
    page = client.get(f"{NEW}?topic=LINEAGE").content.decode()
    assert "What do you need?" in page
    assert page.index("Report a problem") < page.index("Ask for access")
    assert "?form=access&amp;topic=LINEAGE" in page
    assert "How long" in client.get(f"{NEW}?form=access").content.decode()
    assert "How long" not in client.get(f"{NEW}?form=problem").content.decode()
    problem.delete()
    assert "How long" in client.get(NEW).content.decode()


def test_a_form_says_in_its_own_words_what_it_is_for(client, rita, access):
    client.force_login(rita)
    page = client.get(NEW).content.decode()
    assert "A new person, a new right. Tell us what you see." in page
    change_request_form(access, introduction="Have <the> address at hand.\n\nWe answer in two days.", by=SYSTEM)
    page = client.get(NEW).content.decode()
    assert "<p>Have &lt;the&gt; address at hand.</p>\n\n<p>We answer in two days.</p>" in page
    assert "Tell us what you see" not in page
    assert "Everything you typed below has been kept." in send(client).content.decode()
    (shown,) = client_of(rita).get("/api/v1/request-forms").json()["results"]
    assert shown["introduction"].startswith("Have <the> address")


def test_who_is_not_signed_in_sees_only_what_is_for_them(client, access, problem):
    RequestForm.objects.filter(pk=access.pk).update(is_for_signed_in=True)
    assert "How long" not in client.get(f"{NEW}?form=access").content.decode()
    assert "Details" in client.get(NEW).content.decode()


def test_what_depends_on_other_answers_is_asked_then(client, rita, access):
    client.force_login(rita)
    area = {"product_area": "LINEAGE"}
    page = client.get(f"{NEW}?form=access").content.decode()
    assert "How many days <span" not in page, "what is needed when it is asked is not optional"
    missing = send(client, **area)
    assert (missing.status_code, "Answer: How long" in missing.content.decode()) == (422, True)
    missing = send(client, **area, field_how_long="days")
    assert "Answer: How many days" in missing.content.decode()
    missing = send(client, **area, field_how_long="always", environment="PRODUCTION")
    assert "Answer: Why it is needed" in missing.content.decode()
    assert not Ticket.objects.exists()
    assert send(client, **area, field_how_long="always", field_days="3").status_code == 302
    ticket = Ticket.objects.get()
    assert ticket.request_form == access
    assert ticket.custom_fields == {"how_long": "always"}, "what was hidden is not kept"


def test_numbers_are_compared_as_numbers(client, rita, access):
    access.fields.filter(field__key="why").update(depends_on="days", values="3.0, many", is_required_then=False)
    client.force_login(rita)
    page = client.get(NEW)
    told = page.context["form"].conditions["field_why"]
    assert told == {"on": "field_days", "values": ["3.0", "many"], "numbers": [3.0]}
    days = {"field_how_long": "days", "field_why": "Ada begins.", "product_area": "LINEAGE"}
    for typed_days, is_kept in (("3", True), ("3.00", True), ("4", False)):
        assert send(client, **days, field_days=typed_days).status_code == 302
        assert ("why" in Ticket.objects.first().custom_fields) is is_kept
    body = {"subject": "Access, please", "description": "For Ada.", "form": "access"}
    fields = {"how_long": "days", "days": 3.0, "why": "Ada begins."}
    made = client_of(rita).post("/api/v1/tickets", {**body, "custom_fields": fields}, format="json").json()
    assert made["custom_fields"]["why"] == "Ada begins."


def test_fields_outside_the_form_are_not_asked(client, rita, access):
    CustomField.objects.create(key="other", label="A riddle", is_required=True)
    client.force_login(rita)
    assert "A riddle" not in client.get(NEW).content.decode()
    assert send(client, product_area="LINEAGE", field_how_long="always").status_code == 302


def test_what_triage_makes_of_the_priority_asks_nothing(client, access):
    """A guest is never asked for a priority, so nothing that depends on it is asked either."""
    why = access.fields.get(field__key="why")
    RequestFormField.objects.filter(pk=why.pk).update(
        depends_on="priority", values="P3_NORMAL", is_required=True, is_required_then=False
    )
    assert client.post(NEW, filled(form="access", field_how_long="always")).status_code == 302
    assert (Ticket.objects.get().priority, Ticket.objects.get().custom_fields) == ("P3_NORMAL", {"how_long": "always"})


def test_what_only_the_team_may_fill_in_is_required_of_no_customer(client, rita, access):
    CustomField.objects.filter(key="how_long").update(is_customer_editable=False)
    client.force_login(rita)
    assert send(client, product_area="LINEAGE").status_code == 302


def test_the_api_lists_forms_and_follows_them(rita, agnes, access):
    (shown,) = client_of(rita).get("/api/v1/request-forms").json()["results"]
    assert [one["key"] for one in shown["custom_fields"]] == ["how_long", "days", "why"]
    assert shown["custom_fields"][1]["depends_on"] == "how_long"
    body = {"subject": "Access, please", "description": "For Ada.", "form": "access"}
    post = lambda **fields: client_of(rita).post("/api/v1/tickets", {**body, **fields}, format="json")  # noqa: E731
    refused = post()
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "custom_fields.how_long")
    made = post(custom_fields={"how_long": "always", "days": 4}).json()
    assert (made["form"], made["custom_fields"]) == ("access", {"how_long": "always"})
    assert post(form="none").status_code == 422


def test_a_form_takes_only_the_product_areas_it_offers(client, rita, agnes, access):
    catalog, lineage = (ProductArea.objects.get(key=key) for key in ("DATA_CATALOG", "LINEAGE"))
    access.product_areas.set([lineage])
    said = {"subject": "Access, please", "description": "For Ada.", "form": "access"}
    body = {**said, "custom_fields": {"how_long": "always"}}
    for person in (rita, agnes):
        refused = client_of(person).post("/api/v1/tickets", {**body, "product_area": "CATALOG"}, format="json")
        (error,) = refused.json()["errors"]
        assert (refused.status_code, error["field"], error["code"]) == (422, "product_area", "invalid_choice")
        assert "(LINEAGE)" in error["detail"]
    made = lambda **more: client_of(rita).post("/api/v1/tickets", {**body, **more}, format="json").json()  # noqa: E731
    assert made()["product_area"] == "LINEAGE"
    access.product_areas.set([lineage, catalog])
    assert (made()["product_area"], made(product_area="lineage")["product_area"]) == (None, "LINEAGE")
    access.product_areas.set([lineage])
    client.force_login(rita)
    assert send(client, product_area="DATA_CATALOG", field_how_long="always").status_code == 422


def test_a_field_that_others_depend_on_is_neither_deleted_nor_switched_off(client, ada, access):
    client.force_login(ada)
    field = CustomField.objects.get(key="how_long")
    page = f"/admin/tickets/customfield/{field.pk}"
    told = "its answer decides about “How many days” in “Ask for access”"
    assert told in client.post(f"{page}/delete/", {"post": "yes"}, follow=True).content.decode()
    many = {"action": "delete_selected", "_selected_action": [field.pk], "post": "yes"}
    assert told in client.post("/admin/tickets/customfield/", many, follow=True).content.decode()
    facts = {"label": "For how long", "help_text": "", "position": 1, "choices": "always | Always\ndays | Some days"}
    off = client.post(f"{page}/change/", facts)
    assert (off.status_code, told in off.content.decode()) == (200, True)
    field.refresh_from_db()
    assert (field.is_active, field.label) == (True, "How long")
    assert client.post(f"{page}/change/", {**facts, "is_active": "on"}).status_code == 302
    access.fields.filter(depends_on="how_long").delete()
    assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 302
    assert not CustomField.objects.filter(key="how_long").exists()
    told_of = Event.objects.filter(kind__startswith="custom_field.").order_by("pk").values_list("kind", "actor_label")
    assert list(told_of) == [("custom_field.changed", ada.name), ("custom_field.deleted", ada.name)]


def test_services_of_custom_fields_ask_for_the_right(sofia, ada, access):
    field = CustomField.objects.get(key="why")
    for refused in (
        lambda: create_custom_field(key="x", kind="TEXT", label="X", by=sofia),
        lambda: change_custom_field(field, label="X", by=sofia),
        lambda: delete_custom_field(field, by=sofia),
    ):
        with pytest.raises(NotAllowed):
            refused()
    made = create_custom_field(key="x", kind="TEXT", label="X", by=ada)
    assert Event.objects.get(kind="custom_field.created").data == {"name": "X", "key": "x"}
    change_custom_field(made, label="X", by=ada)
    assert not Event.objects.filter(kind="custom_field.changed").exists(), "what is so already leaves no trace"


def test_a_circle_is_refused_when_the_form_is_saved(client, sofia, agnes, access):
    client.force_login(sofia)
    page = f"/admin/tickets/requestform/{access.pk}/change/"
    rows = list(access.fields.all())
    management = {"fields-TOTAL_FORMS": 3, "fields-INITIAL_FORMS": 3}
    data = {"name": access.name, "description": "", "position": 1, "is_active": "on", **management}
    for n, row in enumerate(rows):
        data |= {f"fields-{n}-id": row.pk, f"fields-{n}-form": access.pk, f"fields-{n}-field": row.field_id}
        data |= {f"fields-{n}-position": row.position, f"fields-{n}-depends_on": row.depends_on}
        data |= {f"fields-{n}-values": row.values}
    refused = client.post(page, {**data, "fields-0-depends_on": "days", "fields-0-values": "3"})
    assert (refused.status_code, "in a circle" in refused.content.decode()) == (200, True)
    assert client.post(page, data).status_code == 302
    client.force_login(agnes)
    assert client.post(page, data).status_code == 403
