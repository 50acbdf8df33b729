"""What the tests of the console's ticket page share."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.urls import reverse

from tickets import services
from tickets.models import Ticket
from tickets.vocabulary import Channel

LOG = b"2026-02-08 timeout reading batch 4\n"


def url(ticket: Ticket) -> str:
    return reverse("admin:tickets_ticket_change", args=[ticket.pk])


def panel_url(ticket: Ticket, key: str) -> str:
    """Return where the ticket's page fetches a panel from."""
    return reverse("admin:tickets_ticket_panel", args=[ticket.pk, key])


def told(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def do(client, ticket, deed, **fields):
    return client.post(url(ticket), {"deed": deed, **fields})


def answer(client, ticket, deed="answer", **fields):
    return do(client, ticket, deed, **{"token": str(uuid.uuid4()), "body": "Try again, please.", **fields})


def properties(client, ticket, **chosen):
    """Send the properties form as a browser would: every field, beside it the value that was seen."""
    form = client.get(url(ticket)).context["forms"]["properties"]
    data = {"deed": "properties"}
    for bound in form:
        value = bound.value()
        seen = value if isinstance(value, list) else ("" if value is None else value)
        data[bound.name] = seen
        if bound.field.show_hidden_initial:
            data[f"initial-{bound.name}"] = seen
    return data | chosen


def other_ticket(rita, subject="Another matter") -> Ticket:
    return services.open_ticket(subject=subject, description="More.", requester=rita, by=rita, channel=Channel.WEB)


def only_looks(user):
    """Leave the person nothing but the right to see tickets."""
    user.groups.clear()
    user.user_permissions.set(Permission.objects.filter(codename="view_ticket"))


def open_many(requester, number: int) -> list[Ticket]:
    return [
        services.open_ticket(
            subject=f"Ticket number {n}", description="Help!", requester=requester, by=requester, channel=Channel.WEB
        )
        for n in range(number)
    ]
