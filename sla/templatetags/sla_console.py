"""What the console's frame shows of promises."""

from __future__ import annotations

from typing import Any

from django import template

from sla.console.storm import banner

register = template.Library()


@register.inclusion_tag("console/sla/storm.html", takes_context=True)
def storm_banner(context: template.Context) -> dict[str, Any]:
    """Say that many deadlines passed at once, while they do; the way to the monitor for whoever may see it."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_staff:
        return {"storm": None}
    return {"storm": banner(), "may_look": user.has_perm("sla.view_monitorpass")}
