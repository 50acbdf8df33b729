"""Secret links by which a person follows a ticket without an account."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from accounts.models import User
from common import journal
from common.time import now
from tickets import events
from tickets.access import require_work
from tickets.models import Ticket, TrackingLink
from tickets.querysets import number_of


@transaction.atomic
def tracking_token(ticket: Ticket, person: User) -> str:
    """Return the token of `person`'s link to `ticket`, making the link where there is none that works.

    After the portal's secret key has been changed the old link still opens by its digest, but its token
    can no longer be made; a new link takes its place for later mails.
    """
    link = TrackingLink.objects.select_for_update().filter(ticket=ticket, person=person, revoked_at=None).first()
    if link is not None and _digest(_token(link)) == link.digest:
        return _token(link)
    if link is not None:
        link.delete()
    link = TrackingLink(ticket=ticket, person=person)
    link.digest = _digest(_token(link))
    try:
        with transaction.atomic():
            link.save(force_insert=True)
    except IntegrityError:  # page and mail ask for the first link at the same moment: the other one was first
        link = TrackingLink.objects.get(ticket=ticket, person=person, revoked_at=None)
    return _token(link)


def tracking_url(ticket: Ticket, person: User) -> str:
    """Return the address of `person`'s secret link to `ticket`, as pages, mails and API all give it."""
    return f"{settings.SITE_URL}/t/{tracking_token(ticket, person)}"


def open_tracking_link(token: str) -> TrackingLink | None:
    """Return the link that `token` opens, or None; costs one look-up whatever the token is."""
    links = TrackingLink.objects.valid_at(now()).select_related("ticket", "person__organization")
    return links.filter(digest=_digest(token)).first()


@transaction.atomic
def record_link_opened(link: TrackingLink) -> None:
    """Write that the link was used, once per hour at most."""
    at = now()
    if link.last_opened_at is None or (at - link.last_opened_at).total_seconds() > 3600:
        TrackingLink.objects.filter(pk=link.pk).update(last_opened_at=at)
        data = {"link": link.pk, "person": link.person_id}
        journal.record(events.VIEWED_BY_LINK, subject=link.ticket, by=link.person, data=data)


@transaction.atomic
def request_tracking_link(*, reference: str, email: str) -> None:
    """Mail the link again to whoever asked for help, if reference and address belong together.

    Says nothing either way and takes the same time, so that nobody learns which tickets or addresses exist: a pair
    that does not belong together does the same work on some other ticket, and takes it back.
    """
    wanted = Ticket.objects.filter(pk=number_of(reference) or 0, requester__email__iexact=email.strip()).first()
    ticket = wanted or Ticket.objects.order_by("pk").first()
    if ticket is not None:
        with transaction.atomic():
            data = {"person": ticket.requester_id}
            journal.record(events.LINK_RESENT, subject=ticket, by=ticket.requester, data=data)
            transaction.set_rollback(wanted is None)


@transaction.atomic
def revoke_tracking_link(link: TrackingLink, *, by: User) -> None:
    """Make the link useless; the next mail carries a new one. Twice is harmless."""
    link = TrackingLink.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=link.pk)
    if by.pk != link.person_id:
        require_work(by, link.ticket)
    if link.revoked_at is None:
        link.revoked_at = now()
        link.save(update_fields=["revoked_at"])
        data = {"link": link.pk, "person": link.person_id}
        journal.record(events.LINK_REVOKED, subject=link.ticket, by=by, data=data)


def _token(link: TrackingLink) -> str:
    mac = salted_hmac("tickets.tracking", f"{link.ticket_id}:{link.person_id}:{link.nonce}", algorithm="sha256")
    return urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
