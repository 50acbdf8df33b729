"""From draft to reader and back: review, publication now or later, expiry, archive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import structlog
from django.db import transaction

from accounts.models import User
from common import journal
from common.actors import Actor, Rule
from common.errors import Invalid, NotAllowed
from common.time import now
from knowledgebase import events
from knowledgebase.access import may_review, require_change
from knowledgebase.models import Article
from knowledgebase.querysets import ArticleQuerySet
from knowledgebase.rules import check_move
from knowledgebase.services.rendering import require_whole_images
from knowledgebase.vocabulary import State

log = structlog.get_logger(__name__)


@transaction.atomic
def submit_article(article: Article, *, by: Actor) -> Article:
    """Ask for a review. Twice is harmless. Raises: Invalid for an image without words."""
    require_change(by)
    article = _lock(article)
    if article.state != State.IN_REVIEW:
        require_whole_images(article)
        _move(article, State.IN_REVIEW)
        journal.record(events.ARTICLE_SUBMITTED, subject=article, by=by, data={"slug": article.slug})
    return article


@transaction.atomic
def review_article(
    article: Article, *, approve: bool, by: User, note: str = "", at: dt.datetime | None = None
) -> Article:
    """Approve what was submitted, which publishes it when its time has come, or send it back with a note.

    Nobody approves what they wrote themselves.
    Raises: NotAllowed, InvalidTransition for what was not submitted, Invalid for sending back without a reason.
    """
    at = at or now()
    article = _lock(article)
    if not may_review(by, article):
        raise NotAllowed("Somebody else than its author has to review the article.")
    check_move(article.state, State.PUBLISHED if approve else State.DRAFT)
    if article.state != State.IN_REVIEW:
        raise Invalid("Nobody asked for a review of this article.", field="state")
    if not approve and not note.strip():
        raise Invalid("Say what is to be mended.", field="note")
    article.reviewer, article.reviewed_at, article.review_note = by, at, note.strip()
    article.save(update_fields=["reviewer", "reviewed_at", "review_note"])
    data = {"is_approved": approve, "note": article.review_note}
    journal.record(events.ARTICLE_REVIEWED, subject=article, by=by, data=data)
    if not approve:
        _move(article, State.DRAFT)
        return article
    return publish_article(article, by=by, at=article.publish_at)


@transaction.atomic
def publish_article(article: Article, *, by: Actor, at: dt.datetime | None = None) -> Article:
    """Show `article` to its audience, now or at a later instant. Doing it twice changes nothing.

    Raises: NotAllowed, InvalidTransition, Invalid for an image without words.
    """
    require_change(by)
    article = _lock(article)
    if not article.published:
        require_whole_images(article)
    instant = now()
    if at is not None and at > instant:
        if (article.state, article.publish_at) != (State.SCHEDULED, at):
            article.publish_at = at
            _move(article, State.SCHEDULED, "publish_at")
            data = {"slug": article.slug, "publish_at": at}
            journal.record(events.ARTICLE_SCHEDULED, subject=article, by=by, data=data)
        return article
    if not article.published:
        article.published_at = article.published_at or instant
        article.publish_at = None
        _move(article, State.PUBLISHED, "published_at", "publish_at")
        journal.record(events.ARTICLE_PUBLISHED, subject=article, by=by, data={"slug": article.slug})
    return article


@transaction.atomic
def archive_article(article: Article, *, by: Actor) -> Article:
    """Take `article` down; staff still see it."""
    require_change(by)
    article = _lock(article)
    if article.state != State.ARCHIVED:
        was_published = article.published
        _move(article, State.ARCHIVED)
        if was_published:
            journal.record(events.ARTICLE_ARCHIVED, subject=article, by=by, data={"slug": article.slug})
    return article


@transaction.atomic
def mark_reviewed(article: Article, *, by: User, next_on: dt.date | None = None) -> Article:
    """Say that what is published is still right, and when it should be read again."""
    require_change(by)
    article = _lock(article)
    article.reviewer, article.reviewed_at, article.review_on = by, now(), next_on
    article.save(update_fields=["reviewer", "reviewed_at", "review_on"])
    data = {"is_approved": True, "note": ""}
    journal.record(events.ARTICLE_REVIEWED, subject=article, by=by, data=data)
    return article


def keep_dates(*, at: dt.datetime | None = None) -> int:
    """Publish what is due and take down what has expired, and return how many articles moved."""
    at, moved = at or now(), 0
    due, expired = Article.objects.due_for_publishing(at), Article.objects.expired_at(at)
    for rows, move in ((due, _publish_due), (expired, _take_down)):
        for pk in list(rows.values_list("pk", flat=True)):
            try:
                moved += _keep_date(rows, pk, move)
            except Exception:  # a fault in one must not keep the others from their dates
                log.exception("article_date_failed", article=pk)
    return moved


@transaction.atomic
def _keep_date(rows: ArticleQuerySet, pk: int, move: Callable[[Article], Any]) -> bool:
    """Move the article if its date still asks for it now that nobody else can change it."""
    article = rows.select_for_update().filter(pk=pk).first()
    if article is not None:
        move(article)
    return article is not None


def _publish_due(article: Article) -> None:
    publish_article(article, by=Rule("scheduled publication"))


def _take_down(article: Article) -> None:
    archive_article(article, by=Rule("expiry"))


def _lock(article: Article) -> Article:
    return Article.objects.select_for_update().get(pk=article.pk)


def _move(article: Article, state: State, *columns: str) -> None:
    check_move(article.state, state)
    article.state, article.published = state, state == State.PUBLISHED
    article.save(update_fields=["state", "published", *columns])
