"""What came of forms: begun, offered an article, sent or left, and whether a ticket came after all.

None of it is an event, and none of it may keep a ticket from being sent: a form that is not known is passed over.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models, transaction
from django.db.models import F

from common import retention
from common.journal import Event
from common.time import now
from knowledgebase.models import Article
from tickets.deflection.models import WAIT, DeflectionArticle, DeflectionDay, FormSession
from tickets.deflection.visitors import form_digest, person, recent_digests, visitor_digest

FITTING_MOST = 12  # articles that are counted for one form
BATCH = 500


def begin_form(name: str, *, visitor: str, is_held_out: bool, at: dt.datetime | None = None) -> FormSession:
    """Return the row of the form with this name, made where it is the first time that something is written in it."""
    at = at or now()
    row, _is_new = FormSession.objects.get_or_create(
        form=form_digest(name),
        defaults={"visitor": visitor_digest(visitor, at.date()), "is_held_out": is_held_out, "begun_at": at},
    )
    return row


def note_fitting(row: FormSession, articles: Iterable[Article]) -> None:
    """Remember that these articles fitted what was written. Writes only where one of them is new."""
    if {article.pk for article in articles} <= set(row.fitting) or len(row.fitting) >= FITTING_MOST:
        return
    with transaction.atomic():
        row = FormSession.objects.select_for_update().get(pk=row.pk)
        keys = dict.fromkeys([*row.fitting, *(article.pk for article in articles)])
        row.fitting = list(keys)[:FITTING_MOST]
        row.save(update_fields=["fitting"])


@transaction.atomic
def note_opened(name: str, article: Article, *, is_solved: bool = False) -> bool:
    """Remember that an article shown in this form was opened, or solved it; return whether it had been shown."""
    row = FormSession.objects.select_for_update().filter(form=form_digest(name), is_held_out=False).first()
    if row is None or article.pk not in row.fitting:
        return False
    row.opened = list(dict.fromkeys([*row.opened, article.pk]))
    row.solved_by = article if is_solved else row.solved_by
    row.save(update_fields=["opened", "solved_by"])
    return True


def note_sent(name: str, *, visitor: str, at: dt.datetime | None = None) -> None:
    """Remember that this form was sent, and that whoever sent it has a ticket now."""
    FormSession.objects.filter(form=form_digest(name)).update(is_sent=True)
    note_ticket(visitor, at=at or now())


def note_ticket(visitor: str, *, at: dt.datetime) -> None:
    """Remember that a ticket came from `visitor`, for the forms that they began in the week before."""
    names = recent_digests(visitor, at.date())
    begun = FormSession.objects.filter(visitor__in=names, begun_at__gt=at - WAIT, begun_at__lte=at)
    begun.filter(came_back=False).update(came_back=True)


def note_opened_ticket(event: Event) -> None:
    """Follow `ticket.opened`, by whichever way it came. What we open for people on our own is no question of theirs."""
    if event.data.get("opening", "customer") == "customer":
        note_ticket(person(event.data["requester"]), at=event.occurred_at)


def settle_forms(at: dt.datetime) -> int:
    """Add forms that are a week old to the sums of their day, delete them, and return how many there were."""
    settled = 0
    while count := _settle_some(at):
        settled += count
    return settled


@transaction.atomic
def _settle_some(at: dt.datetime) -> int:
    # Locked: a second worker waits here, and finds these rows gone.
    due = FormSession.objects.select_for_update().filter(begun_at__lt=at - WAIT).order_by("pk")
    rows = list(due[:BATCH])
    days: dict[Any, Counter[str]] = {}
    articles: dict[Any, Counter[str]] = {}
    for row in rows:
        day = row.begun_at.date()
        days.setdefault((day, row.is_held_out), Counter()).update(_outcome(row))
        for name, keys in _articles_of(row).items():
            for key in keys:
                articles.setdefault((day, key), Counter())[name] += 1
    known = set(Article.objects.filter(pk__in={key for _, key in articles}).values_list("pk", flat=True))
    for (day, is_held_out), counts in sorted(days.items()):
        _add(DeflectionDay, counts, day=day, is_held_out=is_held_out)
    for (day, key), counts in sorted(articles.items()):
        if key in known:
            _add(DeflectionArticle, counts, day=day, article_id=key)
    FormSession.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _outcome(row: FormSession) -> dict[str, int]:
    if not row.fitting:
        return {"begun": 1}
    return {
        "begun": 1,
        "fitting": 1,
        "opened": int(bool(row.opened)),
        "solved": int(row.solved_by_id is not None),
        "sent": int(row.is_sent),
        "returned": int(row.came_back and not row.is_sent),
    }


def _articles_of(row: FormSession) -> dict[str, Sequence[int]]:
    if row.is_held_out:
        return {}
    return {"shown": row.fitting, "opened": row.opened, "solved": [row.solved_by_id] if row.solved_by_id else []}


def _add(model: type[models.Model], counts: Counter[str], **key: Any) -> None:
    row, _is_new = model._default_manager.get_or_create(**key)
    model._default_manager.filter(pk=row.pk).update(**{name: F(name) + count for name, count in counts.items()})


retention.register("forms begun", settle_forms)
