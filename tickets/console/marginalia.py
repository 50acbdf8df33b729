"""What stands beside a conversation: tags, followers, secret links and linked tickets, at two queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast

from accounts.models import User
from tickets.access import may_see, sees_every
from tickets.models import Follower, Tag, Ticket, TicketLink, TrackingLink
from tickets.vocabulary import LinkKind

# What the second ticket of a link is to the first.
REVERSED = {
    LinkKind.RELATED: "related to",
    LinkKind.DUPLICATE_OF: "has the duplicate",
    LinkKind.FOLLOW_UP_OF: "was followed up by",
    LinkKind.SPLIT_FROM: "was split into",
    LinkKind.CHILD_OF: "has the part",
    LinkKind.BLOCKED_BY: "holds up",
    LinkKind.CAUSED_BY: "the problem behind",
}


@dataclass(frozen=True)
class Named:
    pk: int
    name: str
    detail: str


@dataclass
class Marginalia:
    tags: list[str] = field(default_factory=list)
    followers: list[Named] = field(default_factory=list)
    secret_links: list[Named] = field(default_factory=list)


@dataclass(frozen=True)
class Linked:
    """pk: of the link, where it can be removed from here. words: what this ticket is to the other.

    is_incident: the other is an open incident of this ticket, which is the problem behind it.
    """

    pk: int | None
    words: str
    other: Ticket
    is_incident: bool = False


def marginalia(ticket: Ticket) -> Marginalia:
    """Read three short lists of names in one query: the page has many of them to ask for."""
    tags = _named(Tag.objects.filter(tickets=ticket), "tag", F("pk"), F("name"), Value(""))
    followers = _named(
        Follower.objects.filter(ticket=ticket), "follower", F("person_id"), F("person__name"), F("person__email")
    )
    links = _named(
        TrackingLink.objects.filter(ticket=ticket, revoked_at=None),
        "link",
        F("pk"),
        F("person__name"),
        F("person__email"),
    )
    result = Marginalia()
    for kind, pk, name, detail in sorted(tags.union(followers, links, all=True), key=lambda row: row[2].lower()):
        if kind == "tag":
            result.tags.append(name)
        else:
            (result.followers if kind == "follower" else result.secret_links).append(Named(pk, name, detail))
    return result


def _named(rows: Any, kind: str, pk: Any, name: Any, detail: Any) -> Any:
    return rows.order_by().values_list(
        Cast(Value(kind), CharField()), pk, Cast(name, CharField()), Cast(detail, CharField())
    )


def linked(ticket: Ticket, reader: User) -> list[Linked]:
    """Return the tickets that `reader` sees linked with this one, from either side, and the one it was merged into."""
    both = Q(ticket=ticket) | Q(other=ticket)
    if not sees_every(reader):
        visible = Ticket.objects.visible_to(reader).values("pk")
        both = Q(ticket=ticket, other__in=visible) | Q(other=ticket, ticket__in=visible)
    rows = TicketLink.objects.filter(both).select_related("ticket", "other").order_by("pk")
    found = [
        Linked(row.pk, row.get_kind_display(), row.other)
        if row.ticket_id == ticket.pk
        else Linked(None, REVERSED[LinkKind(row.kind)], row.ticket, _is_incident(row))
        for row in rows
    ]
    into = ticket.merged_into
    return [Linked(None, "merged into", into), *found] if into and may_see(reader, into) else found


def _is_incident(link: TicketLink) -> bool:
    return link.kind == LinkKind.CAUSED_BY and link.ticket.is_open
