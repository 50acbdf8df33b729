"""What the console's frame shows of the tickets: the sheet of keys."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from tickets.access import may_work
from tickets.console import keys, shared

register = template.Library()


@register.inclusion_tag("console/keys.html", takes_context=True)
def key_sheet(context: template.Context) -> dict[str, Any]:
    """Show the keys to who works tickets, with the places that "g" and a letter go to."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or user is None or not may_work(user):
        return {"sections": None}
    queue, views = reverse("admin:tickets_ticket_changelist"), shared.entries(request)
    places = [
        (keys.HOME, "Overview", reverse("admin:index")),
        (keys.ALL_OPEN, "All open", queue),
        *(
            (letter, view.name, f"{queue}?view={view.pk}")
            for letter, view in zip(keys.letters_for(view.name for view in views), views, strict=True)
        ),
    ]
    return {
        "sections": keys.SECTIONS,
        "places": places,
        "new_url": reverse("admin:tickets_ticket_add"),
        "uses_keys": shared.habits(request).uses_keys,
        "request": request,
    }
