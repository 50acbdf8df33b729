"""A form that is sent twice does its work once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from django.db import IntegrityError, transaction

from common import retention
from tickets.models import FormPost, Ticket

KEPT = dt.timedelta(days=7)  # nobody sends a form again after that


def once_per_form(token: UUID, work: Callable[[], Ticket]) -> Ticket:
    """Return the ticket that `work` gives, or gave when the form with this token was sent before."""
    try:
        with transaction.atomic():
            if post := FormPost.objects.filter(token=token).select_related("ticket").first():
                return post.ticket
            ticket = work()
            FormPost.objects.create(token=token, ticket=ticket)
            return ticket
    except IntegrityError:  # the same form, sent twice at once: the other one was first
        post = FormPost.objects.filter(token=token).select_related("ticket").first()
        if post is None:
            raise
        return post.ticket


def purge_form_posts(at: dt.datetime) -> int:
    return retention.delete_in_batches(FormPost.objects.filter(created_at__lt=at - KEPT))


retention.register("form posts", purge_form_posts)
