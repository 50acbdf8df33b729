"""Request forms: making, changing and deleting them, each with its fields at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts.models import ProductArea, User
from common import journal
from common.actors import Actor
from common.errors import Invalid, NotAllowed
from tickets import events, request_rules
from tickets.models import RequestForm, RequestFormField
from tickets.services.rows import set_changed

CHANGEABLE = ("name", "description", "introduction", "team", "is_for_signed_in", "position", "is_active")
OF_FIELDS = ("is_required", "depends_on", "values", "is_required_then", "position")


@transaction.atomic
def create_request_form(
    *,
    by: Actor,
    slug: str,
    fields: Sequence[Mapping[str, Any]] = (),
    product_areas: Iterable[ProductArea] = (),
    **facts: Any,
) -> RequestForm:
    """Make a form and return it. facts: any of CHANGEABLE; name is needed.

    fields: rows of {"field": CustomField} and any of OF_FIELDS.
    Raises: Invalid for conditions that cannot be followed, NotAllowed.
    """
    _require(by, "add")
    form = RequestForm.objects.create(slug=slug, **facts)
    form.product_areas.set(product_areas)
    _set_fields(form, fields)
    data = {"name": form.name, "slug": form.slug, "fields": _told(form)}
    journal.record(events.REQUEST_FORM_CREATED, subject=form, by=by, data=data)
    return form


@transaction.atomic
def change_request_form(
    form: RequestForm,
    *,
    by: Actor,
    fields: Sequence[Mapping[str, Any]] | None = None,
    product_areas: Iterable[ProductArea] | None = None,
    **facts: Any,
) -> RequestForm:
    """Change what is named and return the form. Its slug stays: it may be linked to.

    facts: any of CHANGEABLE.   fields: all that it has from now on, as create_request_form takes them.
    Raises: Invalid, NotAllowed.
    """
    _require(by, "change")
    form = RequestForm.objects.select_for_update(of=("self",)).get(pk=form.pk)
    changes = set_changed(form, facts, allowed=CHANGEABLE)
    before = {"product_areas": _areas(form), "fields": _told(form)}
    if product_areas is not None:
        form.product_areas.set(product_areas)
    if fields is not None:
        _set_fields(form, fields)
    after = {"product_areas": _areas(form), "fields": _told(form)}
    changes |= {name: {"from": old, "to": after[name]} for name, old in before.items() if old != after[name]}
    if changes:
        data = {"name": form.name, "slug": form.slug, "changes": changes}
        journal.record(events.REQUEST_FORM_CHANGED, subject=form, by=by, data=data)
    return form


@transaction.atomic
def delete_request_form(form: RequestForm, *, by: Actor) -> None:
    """Delete a form. Its tickets and their answers stay; they no longer say which form they came from."""
    _require(by, "delete")
    data = {"name": form.name, "slug": form.slug, "fields": _told(form)}
    journal.record(events.REQUEST_FORM_DELETED, subject=form, by=by, data=data)
    form.delete()


def _set_fields(form: RequestForm, rows: Sequence[Mapping[str, Any]]) -> None:
    """Let the form have these fields and no others. A row that stays is changed, not made anew."""
    wanted = {row["field"].pk: row for row in rows}
    if len(wanted) != len(rows):
        raise Invalid("A form has each field once.", field="fields", code="repeated")
    form.fields.exclude(field__in=wanted).delete()
    present = {row.field_id: row for row in form.fields.all()}
    for pk, given in wanted.items():
        row = present.get(pk) or RequestFormField(form=form, field=given["field"])
        for name in OF_FIELDS:
            setattr(row, name, given.get(name, getattr(row, name)))
        row.save()
    try:
        request_rules.check(form.rules)
    except request_rules.Unclear as refusal:
        raise Invalid(f"{refusal.key}: {refusal}", field="fields") from refusal


def _told(form: RequestForm) -> list[dict[str, Any]]:
    rows = form.fields.select_related("field")
    return [{"key": row.field.key, **{name: getattr(row, name) for name in OF_FIELDS}} for row in rows]


def _areas(form: RequestForm) -> list[str]:
    return sorted(form.product_areas.values_list("key", flat=True))


def _require(by: Actor, verb: str) -> None:
    if isinstance(by, User) and not by.has_perm(f"tickets.{verb}_requestform"):
        raise NotAllowed("Only a supervisor can change request forms.")
