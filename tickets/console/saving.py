"""Keeping the queue as it is shown as a view, and changing or removing one."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from accounts.models import Team, User
from common.errors import Invalid
from tickets import finding, services
from tickets.console.asked import USUAL_COLUMNS, Asked
from tickets.models import SavedView


def save_from(post: QueryDict, asked: Asked, by: User) -> tuple[str, SavedView | None]:
    """Do what the view's menu asks for; return what happened in words, and the view to show next.

    Raises: NotAllowed, Invalid.
    """
    match post["view_deed"]:
        case "save":
            view = services.save_view(by=by, name=post.get("name", ""), **_shown(asked), **_circle(post))
            return f"The view “{view}” is kept in the side bar, {view.circle}.", view
        case "update" if asked.view:
            view = services.change_view(asked.view, by=by, **_shown(asked))
            return f"The view “{view}” now shows what you see here.", view
        case "rename" if asked.view:
            view = services.change_view(asked.view, by=by, name=post.get("name", ""))
            return f"The view is now called “{view}”.", view
        case "delete" if asked.view:
            services.delete_view(asked.view, by=by)
            return f"The view “{asked.view}” was removed. Its tickets stay as they are.", None
    raise Invalid("This view is no longer there.")


def _shown(asked: Asked) -> dict[str, Any]:
    columns = () if asked.columns == USUAL_COLUMNS else asked.columns
    sort = "" if asked.sort == finding.usual_sort(asked.filters) else asked.sort
    return {"filters": asked.filters, "sort": sort, "columns": columns}


def _circle(post: QueryDict) -> dict[str, Any]:
    """Return for whom the view is kept, as services.save_view takes it."""
    circle = post.get("circle", "me")
    if circle == "all":
        return {"is_everybodys": True}
    if circle == "me":
        return {}
    number = circle.removeprefix("team-")
    team = Team.objects.filter(pk=number).first() if number.isascii() and number.isdecimal() else None
    if team is None:
        raise Invalid("This team is no longer there.", field="circle")
    return {"team": team}
