"""What the help centre's search offers of tickets while somebody types."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from knowledgebase.search.excerpts import mark_beginnings
from knowledgebase.slots import Offer, OfferGroup, Typed
from tickets.access import may_work
from tickets.models import Ticket

OFFERED_MOST = 3
WORDS_MOST = 8


def own_tickets(typed: Typed) -> OfferGroup | None:
    """Return the reader's newest tickets that hold all the words, or bear the reference. The team has its console."""
    reader = typed.reader
    if not isinstance(reader, User) or may_work(reader) or not typed.words:
        return None
    holds = Q()
    for word in typed.words[:WORDS_MOST]:
        holds &= Q(subject__icontains=word)
    tickets = Ticket.objects.visible_to(reader)
    rows = (tickets.with_reference(typed.text) | tickets.filter(holds)).distinct().order_by("-pk")[:OFFERED_MOST]
    offers = [
        Offer(
            reverse("ticket-detail", args=[row.reference]),
            mark_beginnings(f"{row.reference} {row.subject}", typed.words),
        )
        for row in rows
    ]
    return OfferGroup("Your tickets", "message-square", offers) if offers else None
