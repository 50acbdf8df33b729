"""What happened to a ticket, in words: who, what, and the old and new values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db.models import Q
from django.urls import reverse

from common import journal
from common.journal import Event
from tickets import vocabulary
from tickets.models import AutomationRule

WORDS: dict[Any, str] = {
    **dict(vocabulary.Status.choices),
    **dict(vocabulary.Priority.choices),
    **dict(vocabulary.Environment.choices),
    None: "nothing",
    "": "nothing",
    True: "yes",
    False: "no",
}
TAILS = ("into", "merged", "other", "name", "rule", "reason", "what", "title")
GLYPHS = {
    **{"ticket.status_changed": "circle-dot", "ticket.solved": "circle-check", "ticket.reopened": "circle-dot"},
    **{"ticket.closed": "archive", "ticket.cancelled": "ban", "ticket.assigned": "user", "ticket.merged": "merge"},
    **{"ticket.team_changed": "users", "survey.due": "mail", "survey.rated": "smile", "survey.comment_erased": "ban"},
    **{"ticket.absorbed": "merge", "ticket.linked": "link", "ticket.unlinked": "link", "attachment.added": "paperclip"},
    **{"ticket.snoozed": "clock", "ticket.woken": "bell"},
    **{
        "ticket.priority_changed": "chevrons-up",
        "ticket.follower_added": "user-plus",
        "ticket.article_drafted": "book-open",
    },
}


@dataclass(frozen=True)
class Change:
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Line:
    """One event. actor: who did it; deed: what, after the actor's name; tail: what else names it.

    actor_url: where a rule that did it is shown, for those who may see rules.   by: "person", "rule" or "system".
    """

    at: dt.datetime
    actor: str
    deed: str
    tail: str
    changes: list[Change]
    glyph: str
    actor_url: str = ""
    by: str = "system"

    @property
    def sentence(self) -> str:
        """Tell it in one line: "Agnes Moreau changed the priority, Priority: Normal → High"."""
        changes = "".join(f", {change.field}: {change.old} → {change.new}" for change in self.changes)
        return f"{self.actor[:1].upper()}{self.actor[1:]} {self.deed}{changes}"


def line(event: Event, rules: Mapping[str, str] = MappingProxyType({})) -> Line:
    """Tell an event in words. rules: addresses of rules by their names."""
    kind = journal.kinds().get(event.kind)
    return Line(
        at=event.occurred_at,
        actor=_actor(event),
        deed=kind.label if kind else event.kind,
        tail=next((str(event.data[name]) for name in TAILS if event.data.get(name)), ""),
        changes=list(_changes(event.data)),
        glyph=GLYPHS.get(event.kind, "info"),
        actor_url=rules.get(event.actor_label, "") if event.actor_kind == Event.ActorKind.RULE else "",
        by=str(event.actor_kind).lower(),
    )


def rule_urls(events: Iterable[Event]) -> dict[str, str]:
    """Return where each rule that acted is shown, by the name it had; one query, none where no rule acted."""
    names = {event.actor_label for event in events if event.actor_kind == Event.ActorKind.RULE}
    if not names:
        return {}
    found = AutomationRule.objects.filter(Q(name__in=names) | Q(runs__name__in=names))
    pairs = found.values_list("pk", "name", "runs__name").distinct()
    return {
        name: reverse("admin:tickets_automationrule_change", args=[pk])
        for pk, present, past in pairs
        for name in (present, past)
        if name in names
    }


def _actor(event: Event) -> str:
    if event.actor_kind == Event.ActorKind.RULE:
        return f"the rule “{event.actor_label}”"
    return event.actor_label if event.actor_kind == Event.ActorKind.PERSON else "the portal"


def _changes(data: dict[str, Any]) -> Iterator[Change]:
    """Read every {"from", "to"} of an event's data, however deep. Names stand for the ids of people and teams."""
    for name, value in data.items():
        if name in ("assignee", "team") and "names" in data:
            continue
        if name == "names" and isinstance(value, dict):
            yield Change("Team" if "team" in data else "Assignee", value["from"] or "nobody", value["to"] or "nobody")
        elif isinstance(value, dict) and set(value) == {"from", "to"}:
            yield Change(_label(name), words(value["from"]), words(value["to"]))
        elif isinstance(value, dict):
            yield from _changes(value)


def _label(name: str) -> str:
    return name.removeprefix("custom_fields.").replace("_", " ").capitalize()


def words(value: Any) -> str:
    """Tell a stored value as people say it."""
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or "nothing"
    if isinstance(value, str | bool | None):
        return WORDS.get(value, str(value))
    return str(value)
