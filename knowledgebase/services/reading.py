"""What readers leave behind: a vote, a reason, a view.

None of it is an event: an article's history is what its writers did, and a vote has nobody's name.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from common.errors import Invalid, NotFound
from common.retention import BATCH, delete_in_batches
from common.richtext import clean_text
from common.time import now
from knowledgebase import spool
from knowledgebase.models import Article, DailyView, Reason, Vote, visitor_digest
from knowledgebase.models.reading import COMMENT_CHARACTERS

MOST_READ = "kb:most-read"
VIEWS_LIFE = dt.timedelta(days=731)  # of the count of a day; the article keeps the sum
COMMENTS_LIFE = dt.timedelta(days=365)


@transaction.atomic
def cast_vote(article: Article, *, visitor: str, is_helpful: bool, at: dt.datetime | None = None) -> Vote:
    """Keep whether the article helped `visitor`. Another answer replaces the first; the same one changes nothing.

    Raises: NotFound for what is not published.
    """
    article = _lock(article)
    digest = visitor_digest(article, visitor)
    vote = Vote.objects.filter(article=article, visitor=digest).first()
    if vote is not None and vote.is_helpful == is_helpful:
        return vote
    if vote is None:
        vote = Vote(article=article, visitor=digest)
    else:
        _count(article, is_helpful=vote.is_helpful, by=-1)
    vote.is_helpful, vote.reason, vote.comment, vote.created_at = is_helpful, "", "", at or now()
    vote.save()
    _count(article, is_helpful=is_helpful, by=1)
    article.save(update_fields=["helpful_votes", "unhelpful_votes"])
    return vote


@transaction.atomic
def explain_vote(article: Article, *, visitor: str, reason: str, comment: str = "") -> Vote:
    """Keep why the article did not help `visitor`, in place of what they said before.

    Who was helped may leave a comment alone.   Raises: NotFound for who has not voted, Invalid.
    """
    comment = clean_text(comment).strip()
    if len(comment) > COMMENT_CHARACTERS:
        raise Invalid(f"Shorten the comment to {COMMENT_CHARACTERS:,} characters.", field="comment")
    digest = visitor_digest(article, visitor)
    vote = Vote.objects.select_for_update().filter(article=article, visitor=digest).first()
    if vote is None:
        raise NotFound("First say whether the article helped.")
    if reason not in ([""] if vote.is_helpful else Reason.values):
        raise Invalid("Choose what was wrong.", field="reason")
    vote.reason, vote.comment = reason, comment
    vote.save(update_fields=["reason", "comment"])
    return vote


def note_view(article: Article, *, visitor: str, at: dt.datetime | None = None) -> None:
    """Remember that `visitor` read the article. It counts once a day, and only when `flush_views` comes by."""
    day = (at or now()).date()
    digest = salted_hmac(f"knowledgebase.view.{day}", f"{article.pk}/{visitor}", algorithm="sha256").hexdigest()
    spool.VIEWS.append(day, f"{article.pk} {digest[:20]}")


def flush_views(*, at: dt.datetime | None = None) -> int:
    """Take the views of today and yesterday into the database and return how many came in. Twice is harmless."""
    today, added = (at or now()).date(), 0
    yesterday = today - dt.timedelta(days=1)
    for day in (yesterday, today):
        counts = Counter(int(line.partition(" ")[0]) for line in spool.VIEWS.read(day) if line[:1].isdigit())
        added += _take_in(day, counts)
    spool.VIEWS.forget_before(yesterday)
    if added:
        cache.delete(MOST_READ)
    return added


def purge_views(at: dt.datetime) -> int:
    """Delete the daily counts that are too old to be asked for, and return how many there were."""
    return delete_in_batches(DailyView.objects.filter(day__lt=(at - VIEWS_LIFE).date()))


def purge_comments(at: dt.datetime) -> int:
    """Empty the comments of votes of which a year has passed, and return how many. Vote and reason stay."""
    old = Vote.objects.filter(created_at__lt=at - COMMENTS_LIFE).exclude(comment="").order_by("pk")
    emptied = 0
    while keys := list(old.values_list("pk", flat=True)[:BATCH]):
        emptied += Vote.objects.filter(pk__in=keys).update(comment="")
    return emptied


@transaction.atomic
def _take_in(day: dt.date, counts: Counter[int]) -> int:
    known = dict(DailyView.objects.filter(day=day).values_list("article_id", "count"))
    more = {pk: count for pk, count in counts.items() if count > known.get(pk, 0)}
    if not more:
        return 0
    added = 0
    # Locked in one order: a second worker waits here, and finds nothing more to add.
    rows = Article.objects.filter(pk__in=more).order_by("pk").select_for_update()
    for pk in list(rows.values_list("pk", flat=True)):
        view, _is_new = DailyView.objects.get_or_create(article_id=pk, day=day)
        step = more[pk] - view.count
        if step > 0:
            DailyView.objects.filter(pk=view.pk).update(count=more[pk])
            Article.objects.filter(pk=pk).update(view_count=F("view_count") + step)
            added += step
    return added


def _lock(article: Article) -> Article:
    found = Article.objects.select_for_update().published().filter(pk=article.pk).first()
    if found is None:
        raise NotFound("This article is not there any more.")
    return found


def _count(article: Article, *, is_helpful: bool, by: int) -> None:
    name = "helpful_votes" if is_helpful else "unhelpful_votes"
    setattr(article, name, max(0, getattr(article, name) + by))
