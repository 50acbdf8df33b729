"""One item of a job on many tickets: read as a request of its own would be, done as whoever asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from accounts.services import find_or_create_person
from tickets import services
from tickets.access import may_work, ticket_for
from tickets.models import BulkItem, BulkJob
from tickets.serializers.jobs import ChangeOneSerializer
from tickets.serializers.tickets import OpenTicketSerializer
from tickets.services.jobs import Outcome
from tickets.vocabulary import Channel

State = BulkItem.State


@dataclass(frozen=True)
class Asker:
    """What serializers know of a request: whose it is."""

    user: User


def perform(job: BulkJob, asked: Mapping[str, Any]) -> Outcome:
    """Open or change the ticket that `asked` says.   Raises: PortalError, ValidationError."""
    return _open(job.owner, asked) if job.kind == BulkJob.Kind.CREATE else _change(job.owner, asked)


def _read(serializer_class: Any, by: User, asked: Mapping[str, Any]) -> dict[str, Any]:
    context = {"request": Asker(by), "is_staff": may_work(by)}
    serializer = serializer_class(data=asked, context=context)
    serializer.is_valid(raise_exception=True)
    fields: dict[str, Any] = serializer.validated_data
    return fields


def _open(by: User, asked: Mapping[str, Any]) -> Outcome:
    fields = _read(OpenTicketSerializer, by, asked)
    name, email = fields.pop("customer_name", ""), fields.pop("customer_email", "")
    is_for_another = email and may_work(by)
    requester = find_or_create_person(email=email, name=name, by=by) if is_for_another else by
    ticket = services.open_ticket(requester=requester, by=by, channel=Channel.API, **fields)
    return Outcome(State.CREATED, ticket.pk)


def _change(by: User, asked: Mapping[str, Any]) -> Outcome:
    fields = _read(ChangeOneSerializer, by, asked)
    ticket, version, reason = (
        ticket_for(by, fields.pop("ticket_id")),
        fields.pop("version", None),
        fields.pop("reason", ""),
    )
    why = {"reason": reason} if reason else None
    changed = services.change_ticket(ticket, by=by, expected_version=version, why=why, **fields)
    if changed.version == ticket.version:
        return Outcome(State.SKIPPED, ticket.pk, "It is so already.")
    return Outcome(State.CHANGED, ticket.pk)
