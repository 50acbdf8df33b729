"""Who follows a ticket, and from whom none is taken."""

from __future__ import annotations

import datetime as dt
import re

from accounts.models import User
from common import journal
from common.actors import Actor
from common.errors import Invalid, NotAllowed
from common.time import now
from tickets import events
from tickets.access import may_work, require_part, require_sight
from tickets.models import BlockedSender, Follower, Ticket, TrackingLink
from tickets.services.cascade import service
from tickets.services.locking import lock, save

FOLLOWERS_MOST = 50


def follow(ticket: Ticket, person: User) -> bool:
    """Make `person` a follower of the locked or new `ticket`; tell whether they were not one before."""
    if person.pk == ticket.requester_id:
        return False
    return Follower.objects.get_or_create(ticket=ticket, person=person)[1]


@service
def add_follower(
    ticket: Ticket, person: User, *, by: Actor, via_link: bool = False, at: dt.datetime | None = None
) -> Ticket:
    """Let `person` see the ticket and get its mails.

    A customer may add people of their own organization; everybody else is the support team's to add.
    Raises: NotAllowed, Invalid where there are too many.
    """
    ticket = lock(ticket)
    require_part(by, ticket, via_link=via_link)
    if isinstance(by, User) and not (may_work(by, ticket) or _are_colleagues(by, person)):
        raise NotAllowed("You can add only people of your own organization. Ask the support team to add others.")
    if ticket.followers.count() >= FOLLOWERS_MOST:
        raise Invalid(f"At most {FOLLOWERS_MOST} people can follow a ticket.", field="person", code="too_many")
    if follow(ticket, person):
        at = at or now()
        save(ticket, updated_at=at)
        journal.record(
            events.FOLLOWER_ADDED, subject=ticket, by=by, at=at, data={"person": person.pk, "name": person.name}
        )
    return ticket


def _are_colleagues(one: User, other: User) -> bool:
    return one.organization_id is not None and one.organization_id == other.organization_id


@service
def remove_follower(ticket: Ticket, person: User, *, by: User) -> Ticket:
    """Take `person` off the ticket; they may do so themselves. Their secret link ends with it."""
    ticket = lock(ticket)
    require_sight(by, ticket)
    if by.pk not in (person.pk, ticket.requester_id) and not may_work(by, ticket):
        raise NotAllowed("Only the requester, the person and the support team can do this.")
    if ticket.followers.filter(person=person).delete()[0]:
        TrackingLink.objects.filter(ticket=ticket, person=person).delete()
        save(ticket)
        journal.record(events.FOLLOWER_REMOVED, subject=ticket, by=by, data={"person": person.pk, "name": person.name})
    return ticket


@service
def block_sender(pattern: str, *, by: User, reason: str = "") -> BlockedSender:
    """Take no more tickets from an address or a domain and all below it."""
    if not by.has_perm("tickets.add_blockedsender"):
        raise NotAllowed("Only a supervisor can block senders.")
    pattern = pattern.strip().lower().removeprefix("@")
    if not re.fullmatch(r"(?:[^@\s*?]{1,64}@)?[a-z0-9-]+(?:\.[a-z0-9-]+)+", pattern):
        raise Invalid("Enter an address, or a domain like example.org.", field="pattern")
    blocked, is_new = BlockedSender.objects.get_or_create(
        pattern=pattern, defaults={"reason": reason, "blocked_by": by}
    )
    if is_new:
        journal.record(events.SENDER_BLOCKED, subject=blocked, by=by, data={"pattern": pattern, "reason": reason})
    return blocked


@service
def unblock_sender(blocked: BlockedSender, *, by: User) -> None:
    """Take tickets from it again."""
    if not by.has_perm("tickets.delete_blockedsender"):
        raise NotAllowed("Only a supervisor can unblock senders.")
    journal.record(events.SENDER_UNBLOCKED, subject=blocked, by=by, data={"pattern": blocked.pattern})
    blocked.delete()
