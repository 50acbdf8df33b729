"""Finding tickets by words: whole words or their beginnings in PostgreSQL, by an index; any part of one in SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, Value

from accounts.models import User


class SubjectWords(Func):
    """As the index `ticket_words` is made, or PostgreSQL would not use it."""

    template = "to_tsvector('simple', %(expressions)s)"


class BodyWords(Func):
    """As the index `message_words` is made."""

    template = "to_tsvector('simple', \"left\"(%(expressions)s, 100000))"


class Wanted(Func):
    template = "to_tsquery('simple', %(expressions)s)"


class Holds(Func):
    """Whether the first, words, has what the second asks for."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = BooleanField()


class IsOneOf(Func):
    """Whether the first, a number, is among the second, a list of them."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def with_words(text: str, *, is_staff: bool) -> Any:
    """Return the numbers of the tickets that hold `text`: in the subject, in one message, or as who asks.

    All words must be in the same place. Customers are not searched for, nor internal notes read, unless `is_staff`.
    Each place is asked apart, so that each can use an index of its own.
    """
    from tickets.models import Message, Ticket

    messages = Message.objects.all() if is_staff else Message.objects.public()
    places = [
        _holding(Ticket.objects.all(), SubjectWords, "subject", text).values("pk"),
        _holding(messages, BodyWords, "body", text).values("ticket"),
    ]
    if is_staff:
        people = User.objects.filter(Q(name__icontains=text) | Q(email__icontains=text))
        places += [
            Ticket.objects.filter(requester__in=people.values("pk")).values("pk"),
            Ticket.objects.filter(organization__name__icontains=text).values("pk"),
        ]
    first, *others = (place.order_by() for place in places)
    return first.union(*others)


def one_of(keys: Sequence[int]) -> Q:
    """Return the condition that a row is among `keys`. In PostgreSQL they are one value, however many they are."""
    if connection.vendor != "postgresql":
        return Q(pk__in=keys)
    return Q(IsOneOf(F("pk"), Value(list(keys))))


def _holding(rows: Any, words: type[Func], column: str, text: str) -> Any:
    if connection.vendor != "postgresql":
        return rows.filter(**{f"{column}__icontains": text})
    wanted = words_query(text)
    return rows.filter(Holds(words(F(column)), Wanted(Value(wanted)))) if wanted else rows.none()


def words_query(text: str) -> str:
    """Return what PostgreSQL looks for: every word of `text`, each perhaps only begun. Empty where there is none."""
    words = [word.replace("\\", "\\\\").replace("'", "''") for word in text.split()]
    return " & ".join(f"'{word}':*" for word in words if any(letter.isalnum() for letter in word))
