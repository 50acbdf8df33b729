"""What the tests of the console's pages of promises share."""

from __future__ import annotations

from django.contrib.messages import get_messages
from django.urls import reverse

from common.actors import SYSTEM
from sla import services
from sla.models import BusinessCalendar, CalendarVersion, PolicyVersion

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
    return {name: value for name, value in data.items() if value is not None and value is not False}


def drafted_policy(policy, by=SYSTEM, minutes=120, **values) -> PolicyVersion:
    calendar = BusinessCalendar.objects.get(name="Day and night")
    targets = [{"priority": "P1_CRITICAL", "metric": "FIRST_RESPONSE", "minutes": minutes, "calendar": calendar}]
    return services.draft_policy(policy, targets=targets, steps=[], by=by, **{"tiers": ["ENTERPRISE"]} | values)


def drafted_calendar(
    calendar, by=SYSTEM, zone="America/New_York", weekly=OFFICE, special_days=(), note=""
) -> CalendarVersion:
    hours = {"tz": zone, "weekly": weekly, "special_days": list(special_days)}
    return services.draft_calendar(calendar, hours=hours, by=by, note=note)


def day(date, name="", hours=(), source=""):
    row = {"date": date, "hours": [list(one) for one in hours], "name": name, "source": source}
    return {key: value for key, value in row.items() if value or key == "hours"}
