"""Status labels: making them, changing them, and taking those away that no ticket has."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import User
from common import journal
from common.actors import Actor
from common.errors import Conflict, Invalid, NotAllowed
from tickets import events
from tickets.models import StatusLabel
from tickets.services.rows import set_changed
from tickets.vocabulary import FINAL_STATUSES, Status

CHANGEABLE = ("name", "customer_name", "position", "is_active")
NAME_CHARACTERS_MOST = 40


@transaction.atomic
def create_status_label(*, by: Actor, status: str, **fields: Any) -> StatusLabel:
    """Make a label within a status that is not final. fields: any of CHANGEABLE; name is needed.

    Raises: Invalid, NotAllowed.
    """
    _require(by, "add")
    if status not in Status.values or status in FINAL_STATUSES:
        raise Invalid("Choose a status that tickets can leave again.", field="status")
    label = StatusLabel(status=status, **{**fields, "name": _name(fields.get("name", ""), None)})
    label.save()
    data = {"name": label.name, "status": label.status}
    journal.record(events.STATUS_LABEL_CREATED, subject=label, by=by, data=data)
    return label


@transaction.atomic
def change_status_label(label: StatusLabel, *, by: Actor, **fields: Any) -> StatusLabel:
    """Change what `fields`, any of CHANGEABLE, name and return the label. Its status stays: tickets stand in it.

    Raises: Invalid, NotAllowed.
    """
    _require(by, "change")
    label = StatusLabel.objects.select_for_update().get(pk=label.pk)
    new = {**fields, **({"name": _name(fields["name"], label)} if "name" in fields else {})}
    if changes := set_changed(label, new, allowed=CHANGEABLE):
        data = {"name": label.name, "changes": changes}
        journal.record(events.STATUS_LABEL_CHANGED, subject=label, by=by, data=data)
    return label


@transaction.atomic
def delete_status_label(label: StatusLabel, *, by: Actor) -> None:
    """Delete a label that no ticket has.   Raises: Conflict where one does, NotAllowed."""
    _require(by, "delete")
    # Locked whole, so that a ticket which gets the label meanwhile is counted, or finds it gone.
    label = StatusLabel.objects.select_for_update().get(pk=label.pk)
    if count := label.tickets.count():
        has = "1 ticket has it" if count == 1 else f"{count} tickets have it"
        raise Conflict(
            f"The label “{label}” cannot be deleted: {has}. Switch it off instead: then nobody can choose it any more.",
            code="label_in_use",
        )
    journal.record(events.STATUS_LABEL_DELETED, subject=label, by=by, data={"name": label.name, "status": label.status})
    label.delete()


def _name(text: str, label: StatusLabel | None) -> str:
    """Return the name as it is stored. It is nobody else's in any case, for a label is found by its name."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= NAME_CHARACTERS_MOST:
        raise Invalid(f"Give the label a name of at most {NAME_CHARACTERS_MOST} characters.", field="name")
    if name.lower() in {str(word).lower() for word in Status.labels}:
        raise Invalid(f"“{name}” is what a status itself is called. Choose another name.", field="name", code="taken")
    others = StatusLabel.objects.filter(name__iexact=name)
    if (others.exclude(pk=label.pk) if label else others).exists():
        raise Invalid(f"There is a label called {name} already.", field="name", code="taken")
    return name


def _require(by: Actor, verb: str) -> None:
    if isinstance(by, User) and not by.has_perm(f"tickets.{verb}_statuslabel"):
        who = "an administrator can delete" if verb == "delete" else "a supervisor can make or change"
        raise NotAllowed(f"Only {who} status labels.")
