"""Custom fields: making, changing and deleting them."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import User
from common import journal
from common.actors import Actor
from common.errors import Conflict, NotAllowed
from tickets import events
from tickets.models import CustomField, RequestFormField
from tickets.services.rows import set_changed

CHANGEABLE = (
    *("label", "help_text", "choices", "position", "is_active"),
    *("is_required", "is_customer_visible", "is_customer_editable"),
)


@transaction.atomic
def create_custom_field(*, by: Actor, key: str, kind: str, **fields: Any) -> CustomField:
    """Make a custom field. fields: any of CHANGEABLE; label is needed.   Raises: NotAllowed."""
    _require(by, "add")
    row = CustomField.objects.create(key=key, kind=kind, **fields)
    journal.record(events.CUSTOM_FIELD_CREATED, subject=row, by=by, data=_facts(row))
    return row


@transaction.atomic
def change_custom_field(row: CustomField, *, by: Actor, **fields: Any) -> CustomField:
    """Change what `fields`, any of CHANGEABLE, name and return the field. Key and kind stay: tickets hold values.

    Raises: Conflict where it is switched off while fields of a request form depend on it; NotAllowed.
    """
    _require(by, "change")
    row = CustomField.objects.select_for_update().get(pk=row.pk)
    if row.is_active and fields.get("is_active") is False:
        _refuse_if_depended_on(row, "switched off")
    if changes := set_changed(row, fields, allowed=CHANGEABLE):
        journal.record(events.CUSTOM_FIELD_CHANGED, subject=row, by=by, data={**_facts(row), "changes": changes})
    return row


@transaction.atomic
def delete_custom_field(row: CustomField, *, by: Actor) -> None:
    """Delete a field that nothing depends on. What tickets hold under its key stays with them, unseen.

    Raises: Conflict where fields of a request form depend on it; NotAllowed.
    """
    _require(by, "delete")
    row = CustomField.objects.select_for_update().get(pk=row.pk)
    _refuse_if_depended_on(row, "deleted")
    journal.record(events.CUSTOM_FIELD_DELETED, subject=row, by=by, data=_facts(row))
    row.delete()


def _refuse_if_depended_on(row: CustomField, what: str) -> None:
    """Raise Conflict where a form asks another field by this one's answer: that one would be hidden for ever."""
    rows = RequestFormField.objects.filter(depends_on=row.key, form__fields__field=row)
    found = rows.select_related("form", "field").order_by("form__position", "form__name", "position", "pk")
    if told := ", ".join(f"“{one.field}” in “{one.form}”" for one in found):
        raise Conflict(
            f"“{row}” cannot be {what}: its answer decides about {told}. Change or remove that in the request form "
            "first.",
            code="field_in_use",
        )


def _facts(row: CustomField) -> dict[str, Any]:
    return {"name": row.label, "key": row.key}


def _require(by: Actor, verb: str) -> None:
    if isinstance(by, User) and not by.has_perm(f"tickets.{verb}_customfield"):
        raise NotAllowed("Only an administrator can change custom fields.")
