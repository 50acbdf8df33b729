"""What the tests of the console's pages of promises share."""

from __future__ import annotations

from django.contrib.messages import get_messages
from django.urls import reverse

OFFICE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def page(model: str, row=None, verb: str = "change") -> str:
    if row is None:
        return reverse(f"admin:sla_{model}_{'changelist' if verb == 'change' else verb}")
    return reverse(f"admin:sla_{model}_{verb}", args=[row.pk])


def told(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def words(response) -> str:
    """Return the page with its blanks made single, so that a sentence is found however the template breaks it."""
    return " ".join(response.content.decode().split())


def typed(client, address: str, **changed) -> dict:
    """Return what a browser would send of the draft's form at `address`, with some fields changed."""
    form = client.get(address).context["form"]
    steps = getattr(form, "steps", None)
    bounds = [*form, *(bound for one in (steps.forms if steps else ()) for bound in one)]
    data = {bound.html_name: bound.value() for bound in [*bounds, *(steps.management_form if steps else ())]}
    data |= changed
    return {name: value for name, value in data.items() if value not in (None, False)}
