"""Tickets that were about the same: by the words of their subjects, and by what they mean."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Exists, Max, OuterRef, Q, Subquery

from accounts.models import User
from common import embedding
from common.time import now
from knowledgebase.search import words
from knowledgebase.search.fusion import fuse
from tickets.models import Message, Ticket, TicketVector
from tickets.querysets import TicketQuerySet
from tickets.vocabulary import Status

SHOWN_MOST = 5
LEAST_ALIKE = 0.5
# The newest tickets are looked through: what was asked long ago has other answers.
NEWEST = 20_000
FORGOTTEN_AFTER = dt.timedelta(days=365)  # counted from the end of a ticket
WORDS_MOST, HITS_MOST = 6, 300
SHARED_LEAST = 2  # words that two subjects have in common, where that is all that is known of them
MADE_WITHIN_SECONDS = 4.0
ASKED_FOR_AT_ONCE = 500
TEXT_MOST = 4000

nearest = embedding.Nearest(TicketVector, most=NEWEST)


@dataclass(frozen=True)
class Similar:
    """A ticket like the one at hand. is_answered: somebody solved it, so that its answer may serve again."""

    ticket: Ticket
    is_answered: bool


def similar_to(ticket: Ticket, user: User) -> list[Similar]:
    """Return up to SHOWN_MOST tickets that `user` may see, the most alike first."""
    asked, others = words.read(ticket.subject).words, _others(ticket, user)
    by_words, alike = _by_words(asked, others), _by_meaning(ticket, others)
    if alike is None:
        keys: Sequence[int] = [key for key, count in by_words.items() if count >= SHARED_LEAST]
    else:
        # Words alone say little of two whole tickets: those that mean something else are left out.
        keys = [key for key in fuse(list(by_words), alike, word_count=len(asked)) if key in alike]
    rows = others.select_related("organization").in_bulk(keys[:SHOWN_MOST])
    found = [rows[key] for key in keys[:SHOWN_MOST] if key in rows]
    return [Similar(one, one.solved_at is not None and one.status in (Status.SOLVED, Status.CLOSED)) for one in found]


def make_vectors(*, seconds: float = MADE_WITHIN_SECONDS) -> int:
    """Make vectors of tickets that lack one, for so long, and return how many.   Raises: EmbeddingUnavailable."""
    if not embedding.is_on():
        return 0
    lacking = list(_lacking().order_by("-pk").values_list("pk", flat=True)[:ASKED_FOR_AT_ONCE])
    embedding.want_vectors(TicketVector, _texts(lacking))
    return embedding.make_missing(TicketVector, _texts, seconds=seconds)


def has_wishes() -> bool:
    return embedding.is_on() and (TicketVector.objects.filter(vector=None).exists() or _lacking().exists())


def forget_vector(ticket_id: int) -> None:
    """Let the ticket be read again: it says something else than before."""
    TicketVector.objects.filter(pk=ticket_id).delete()


def _others(ticket: Ticket, user: User) -> TicketQuerySet:
    return (
        Ticket.objects.visible_to(user)
        .exclude(pk__in=[ticket.pk, ticket.merged_into_id or 0])
        .exclude(merged_into=ticket)
        .exclude(status=Status.CANCELLED)
    )


def _by_words(asked: Sequence[str], others: TicketQuerySet) -> dict[int, int]:
    """Return how many of the words each of the newest tickets' subjects holds; rare words count more."""
    stems = sorted({words.root(word) for word in asked if len(word) > 2}, key=len, reverse=True)[:WORDS_MOST]
    if not stems:
        return {}
    holds = reduce(or_, (Q(subject__icontains=stem) for stem in stems))
    hits = dict(others.filter(holds, pk__gt=_newest()).order_by("-pk").values_list("pk", "subject")[:HITS_MOST])
    held = {
        key: {stem for stem in stems if re.search(rf"\b{re.escape(stem)}", text, re.IGNORECASE)}
        for key, text in hits.items()
    }
    counts = {stem: sum(stem in found for found in held.values()) for stem in stems}
    weights = {stem: math.log(1 + len(hits) / (1 + count)) for stem, count in counts.items()}
    best = sorted(held, key=lambda key: (-sum(weights[stem] for stem in held[key]), -key))
    return {key: len(held[key]) for key in best if held[key]}


def _by_meaning(ticket: Ticket, others: TicketQuerySet) -> dict[int, float] | None:
    vector = nearest.vector_of(ticket.pk) if embedding.is_on() else None
    if vector is None:
        return None
    near = nearest.likeness(vector).best(least=LEAST_ALIKE, most=SHOWN_MOST * 20)
    allowed = set(others.filter(pk__in=near).values_list("pk", flat=True))
    return {key: likeness for key, likeness in near.items() if key in allowed}


def _lacking() -> TicketQuerySet:
    """Return the newest tickets that have no vector, without those that ended long ago."""
    has_one = Exists(TicketVector.objects.filter(pk=OuterRef("pk")))
    return _remembered(Ticket.objects.filter(~has_one, pk__gt=_newest()))


def _remembered(tickets: TicketQuerySet) -> TicketQuerySet:
    return tickets.filter(Q(closed_at=None) | Q(closed_at__gt=now() - FORGOTTEN_AFTER))


def _newest() -> int:
    return (Ticket.objects.aggregate(last=Max("pk"))["last"] or 0) - NEWEST


def _texts(keys: Iterable[int]) -> dict[int, str]:
    """Return what each ticket asks for: its subject, and the first words that anybody may read."""
    first = Message.objects.public().filter(ticket=OuterRef("pk")).order_by("created_at", "pk").values("body")[:1]
    rows = _remembered(Ticket.objects.filter(pk__in=list(keys))).annotate(asked=Subquery(first))
    return {
        pk: f"{subject}\n{(asked or '')[:TEXT_MOST]}"
        for pk, subject, asked in rows.values_list("pk", "subject", "asked")
    }
