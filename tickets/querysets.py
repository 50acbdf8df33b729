from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from tickets.vocabulary import OPEN_STATUSES, LinkKind, MessageKind, Status
from tickets.wordsearch import with_words

if TYPE_CHECKING:
    from accounts.models import User
    from tickets.models import Attachment, Message, SavedView, Ticket, TrackingLink  # noqa: F401 - named in base classes

MAX_ID = 2**63 - 1


def number_of(reference: str) -> int | None:
    """Return the number in a reference such as "ODG-1042" or "1042", or None for what is none."""
    match = re.fullmatch(
        rf"(?:{re.escape(settings.PORTAL_TICKET_PREFIX)}-)?([0-9]{{1,19}})", reference.strip(), re.IGNORECASE | re.ASCII
    )
    return int(match[1]) if match and int(match[1]) <= MAX_ID else None


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: User) -> TicketQuerySet:
        """Return all for agents who see every ticket; for other agents their own, their teams' and those of no team.

        Everybody sees what they requested or follow, and an organization's admin the organization's.
        """
        is_agent = user.has_perm("tickets.view_ticket")
        if is_agent and user.has_perm("tickets.see_every_ticket"):
            return self
        mine = Q(requester=user) | Q(pk__in=user.followed_tickets.values("ticket"))
        if is_agent:
            teams = user.teams.through.objects.filter(user=user.pk).values("team")
            mine |= Q(assignee=user) | Q(team=None) | Q(team__in=teams)
        if user.is_organization_admin and user.organization_id:
            mine |= Q(organization=user.organization_id)
        return self.filter(mine)

    def with_reference(self, reference: str) -> TicketQuerySet:
        number = number_of(reference)
        return self.none() if number is None else self.filter(pk=number)

    def open(self) -> TicketQuerySet:
        return self.filter(status__in=OPEN_STATUSES)

    def incidents_of(self, problem: Ticket) -> TicketQuerySet:
        """Return the open tickets that were caused by `problem`."""
        return self.open().filter(links__kind=LinkKind.CAUSED_BY, links__other=problem)

    def solved_before(self, at: dt.datetime) -> TicketQuerySet:
        return self.filter(status=Status.SOLVED, solved_at__lt=at)

    def matching(self, text: str, *, is_staff: bool) -> TicketQuerySet:
        """Return those whose reference is `text` or that hold its words; staff search notes and people too."""
        found = Q(pk__in=with_words(text, is_staff=is_staff))
        if (number := number_of(text)) is not None:
            found |= Q(pk=number)
        return self.filter(found)

    def for_list(self) -> TicketQuerySet:
        """Return them with all that a line in a list shows, in as many queries however many lines."""
        return self.select_related(
            *("requester", "organization", "assignee", "team", "product_area", "label", "request_form")
        ).prefetch_related("tags")


class MessageQuerySet(models.QuerySet["Message"]):
    def public(self) -> MessageQuerySet:
        """Return what customers may read."""
        return self.exclude(kind=MessageKind.INTERNAL_NOTE)

    def visible_to(self, user: User) -> MessageQuerySet:
        return self if user.has_perm("tickets.work_ticket") else self.public()


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def public(self) -> AttachmentQuerySet:
        return self.filter(is_internal=False)

    def visible_to(self, user: User) -> AttachmentQuerySet:
        return self if user.has_perm("tickets.work_ticket") else self.public()


class TrackingLinkQuerySet(models.QuerySet["TrackingLink"]):
    def valid_at(self, at: dt.datetime) -> TrackingLinkQuerySet:
        """Return those not revoked whose ticket is open or was closed less than the link's life ago."""
        oldest = at - dt.timedelta(days=settings.PORTAL_TRACKING_LINK_DAYS)
        return self.filter(revoked_at=None).filter(Q(ticket__closed_at=None) | Q(ticket__closed_at__gt=oldest))


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> SavedViewQuerySet:
        """Return everybody's views, those of the person's teams, and their own."""
        everybodys = Q(owner=None, team=None)
        return self.filter(everybodys | Q(owner=user.pk) | Q(team__in=user.teams.values("pk")))
