"""A request form in a browser: what does not apply is hidden, as the server decides it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessibility import sign_in
from tickets.models import CustomField, RequestForm, RequestFormField

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_agent_is_asked_a_forms_fields_and_keeps_what_was_typed(open_page, agnes):
    form = RequestForm.objects.create(name="Ask for access", slug="access")
    why = CustomField.objects.create(key="why", label="Why so long")
    RequestFormField.objects.create(form=form, field=why, depends_on="product_area", values="LINEAGE")
    page = open_page()
    sign_in(page, agnes)
    page.goto("/admin/tickets/ticket/add/")
    page.get_by_label("Subject").fill("Access, please")
    page.get_by_label("Request form").select_option("access")
    page.get_by_role("button", name="Ask the form's questions").click()
    expect(page.get_by_label("Subject")).to_have_value("Access, please")
    why_field = page.get_by_label("Why so long")
    expect(why_field).to_be_hidden()
    page.get_by_label("Product area").select_option(label="Lineage")
    expect(why_field).to_be_visible()


def test_fields_come_and_go_with_the_answers(open_page):
    form = RequestForm.objects.create(name="Ask for access", slug="access")
    days = CustomField.objects.create(key="days", label="How many days", kind="NUMBER")
    why = CustomField.objects.create(key="why", label="Why so long")
    RequestFormField.objects.create(form=form, field=days, depends_on="environment", values="PRODUCTION", position=1)
    RequestFormField.objects.create(form=form, field=why, depends_on="days", values="3.0, 7", position=2)

    page = open_page()
    page.goto("/tickets/new?form=access")
    days_field, why_field = page.get_by_label("How many days"), page.get_by_label("Why so long")
    expect(days_field).to_be_hidden()
    page.get_by_label("Where does it happen?").select_option("PRODUCTION")
    expect(days_field).to_be_visible()
    for typed, is_asked in (("3", True), ("4", False), ("7.0", True), ("", False), ("3.00", True)):
        days_field.fill(typed)
        days_field.blur()
        expect(why_field).to_be_visible(visible=is_asked)
    page.get_by_label("Where does it happen?").select_option("STAGING")
    expect(days_field).to_be_hidden()
    expect(why_field).to_be_hidden()
