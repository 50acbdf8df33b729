"""Tickets of people who are not signed in, and the colleagues they add: what page and API have in common."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import Organization, User
from accounts.services import find_or_create_person, normalize_email
from common import ratelimit
from common.errors import Invalid
from tickets import services
from tickets.models import Ticket
from tickets.vocabulary import Channel


def open_guest_ticket(
    request: HttpRequest | Request, *, name: str, email: str, channel: Channel, **fields: Any
) -> Ticket:
    """Open a ticket for whoever has this address, made as a guest where they are new, and return it.

    fields: as services.open_ticket takes them.   request: whose address and rate headers count.
    Raises: OverLimit once the caller's network or the address has sent too many, Invalid, NotAllowed.
    """
    email = normalize_email(email)
    ratelimit.limit(request, "guest-ticket-ip", ratelimit.client_ip(request))
    ratelimit.limit(request, "guest-ticket-email", email)
    person = find_or_create_person(email=email, name=name)
    return services.open_ticket(requester=person, by=person, channel=channel, **fields)


@transaction.atomic
def add_colleague(ticket: Ticket, *, email: str, by: User, via_link: bool = False) -> User:
    """Let the colleague with this address see the ticket, and return them.

    Somebody new joins where the organization takes people in by their address.
    Raises: Invalid for an address outside the organization of `by`, and what services.add_follower raises.
    """
    email = normalize_email(email)
    person = User.objects.with_email(email).filter(organization=by.organization_id, is_active=True).first()
    if person is None or by.organization_id is None:
        person = _new_colleague(email, by)
    services.add_follower(ticket, person, by=by, via_link=via_link)
    return person


def _new_colleague(email: str, by: User) -> User:
    joins = Organization.objects.with_domain(email.partition("@")[2]).filter(is_joined_by_domain=True).first()
    # Somebody who is here already and belongs elsewhere is answered like an address nobody has.
    is_free = joins is not None and joins.pk == by.organization_id and not User.objects.with_email(email).exists()
    if not is_free:
        raise Invalid(
            "You can add only people of your own organization. Ask the support team in a reply to add others.",
            field="email",
            code="not_a_colleague",
        )
    return find_or_create_person(email=email, by=by)
