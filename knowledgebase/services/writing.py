"""Writing articles: each change of the words makes a version, each change of the address leaves the old one behind."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.models import Tier
from common import journal
from common.actors import Actor, Person
from common.errors import Invalid, Stale
from common.richtext import clean_text
from common.time import now
from knowledgebase import events
from knowledgebase.access import require_add, require_change
from knowledgebase.models import Article, Category, Revision, SlugRedirect
from knowledgebase.services.rendering import render_body, require_whole_images
from knowledgebase.vocabulary import Audience

WORDS = ("title", "summary", "body")
PLACE = frozenset(
    {"product_area", "product_versions", "tags", "language", "source", "audience", "tiers"}
    | {"publish_at", "expires_at", "review_on"}
)
CHANGEABLE = PLACE | {*WORDS, "slug", "category"}


@transaction.atomic
def create_article(
    *,
    title: str,
    body: str,
    category: Category,
    by: Actor,
    summary: str = "",
    slug: str = "",
    note: str = "",
    **place: Any,
) -> Article:
    """Write a draft and return it.

    note: where its first version comes from.
    place: any of PLACE. source: the article that this one translates, as it is now.
    Raises: NotAllowed, Invalid for a title without an address or an address that is taken.
    """
    require_add(by)
    if unknown := set(place) - PLACE:
        raise ValueError(f"not a place: {sorted(unknown)}")
    title = clean_text(title).strip()
    slug = slug or _address(title)
    article = Article(
        title=title,
        slug=slug,
        summary=clean_text(summary).strip(),
        body=clean_text(body),
        category=category,
        author_id=by.pk if isinstance(by, Person) else None,
        **place,
    )
    _check_audience(article.audience, article.tiers)
    _tie_to_source(article)
    render_body(article)
    _refuse_taken(article)
    _save(article, force_insert=True)
    _keep_revision(article, by=by, note=note)
    journal.record(events.ARTICLE_CREATED, subject=article, by=by, data={"title": title, "slug": slug})
    return article


@transaction.atomic
def change_article(
    article: Article, *, by: Actor, note: str = "", unchanged_since: dt.datetime | None = None, **fields: Any
) -> Article:
    """Change what `fields` names and return the article. Other words make its next version.

    note: what was changed, and why.   unchanged_since: when what the caller read was last changed.
    Raises: Stale, Invalid, NotAllowed.
    """
    require_change(by)
    if unknown := set(fields) - CHANGEABLE:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    article = Article.objects.select_for_update().get(pk=article.pk)
    if unchanged_since is not None and article.updated_at != unchanged_since:
        raise Stale("Somebody else changed this article since you opened it. Look at it again, then repeat.")
    fields = {name: clean_text(value) if isinstance(value, str) else value for name, value in fields.items()}
    if fields.get("slug") == "":
        fields["slug"] = _address(fields.get("title", article.title))
    changes = {name: value for name, value in fields.items() if getattr(article, name) != value}
    if not changes:
        return article
    old = {name: getattr(article, name) for name in changes}
    for name, value in changes.items():
        setattr(article, name, value)
    _check_audience(article.audience, article.tiers)
    if "source" in changes:
        article.source_revision = None
    if {"source", "language"} & set(changes):
        _tie_to_source(article)
    if "slug" in changes:
        _leave_address(article, old["slug"])
    require_whole_images(article, if_beyond_draft=True)
    has_new_words = bool(set(WORDS) & set(changes))
    if has_new_words:
        article.revision += 1
        _keep_revision(article, by=by, note=note)
    render_body(article)
    article.updated_at = now()
    _save(article, update_fields=[*changes, "source_revision", "revision", "body_html", "text", "updated_at"])
    journal.record(events.ARTICLE_CHANGED, subject=article, by=by, data={"changes": {name: {} for name in changes}})
    return article


@transaction.atomic
def restore_revision(revision: Revision, *, by: Actor) -> Article:
    """Let the article say again what it said in `revision`, as a new version."""
    words = {name: getattr(revision, name) for name in WORDS}
    return change_article(revision.article, by=by, note=f"Version {revision.number} again", **words)


@transaction.atomic
def mark_translated(article: Article, *, by: Actor) -> Article:
    """Say that a translation is up to date with its source."""
    require_change(by)
    article = Article.objects.select_for_update().get(pk=article.pk)
    if article.source is not None and article.source_revision != article.source.revision:
        article.source_revision = article.source.revision
        article.save(update_fields=["source_revision"])
        changes = {"source_revision": {"to": article.source_revision}}
        journal.record(events.ARTICLE_CHANGED, subject=article, by=by, data={"changes": changes})
    return article


def unused_address(title: str) -> str:
    """Return a slug for an article of that title which no article has or had."""
    stem, number = slugify(title)[:200] or "article", 1
    taken = {
        *Article.objects.filter(slug__startswith=stem).values_list("slug", flat=True),
        *SlugRedirect.objects.filter(slug__startswith=stem).values_list("slug", flat=True),
    }
    slug = stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def _address(title: str) -> str:
    slug = slugify(title)[:200]
    if not slug:
        raise Invalid("The title needs a letter or a digit.", field="title")
    return slug


def _keep_revision(article: Article, *, by: Actor, note: str) -> None:
    Revision.objects.create(
        article=article,
        number=article.revision,
        title=article.title,
        summary=article.summary,
        body=article.body,
        author_id=by.pk if isinstance(by, Person) else None,
        note=note[:200],
    )


def _check_audience(audience: str, tiers: list[str]) -> None:
    if audience not in Audience.values:
        raise Invalid("There is no such audience.", field="audience")
    if set(tiers) - set(Tier.values):
        raise Invalid("There is no such tier.", field="tiers")
    if audience == Audience.TIERS and not tiers:
        raise Invalid("Say which tiers may read it.", field="tiers")


def _tie_to_source(article: Article) -> None:
    """Note which version of its source a translation was made from, as long as that is not noted already.

    Raises: Invalid for a source that is itself a translation, in the same language, or translated into it already.
    """
    source = article.source
    if source is None:
        article.source_revision = None
        return
    if source.pk == article.pk or source.source_id is not None:
        raise Invalid("Choose the original, not a translation.", field="source")
    if source.language == article.language:
        raise Invalid("The original is in this language already.", field="language")
    others = Article.objects.filter(source=source, language=article.language).exclude(pk=article.pk)
    if others.exists():
        raise Invalid("There is a translation into this language already.", field="language")
    article.source_revision = article.source_revision or source.revision


def _leave_address(article: Article, old: str) -> None:
    """Let the old address lead to the article, also when the new one was another article's before."""
    _refuse_taken(article)
    SlugRedirect.objects.filter(slug=article.slug).delete()
    SlugRedirect.objects.update_or_create(slug=old, defaults={"article": article})


def _refuse_taken(article: Article) -> None:
    others = SlugRedirect.objects.filter(slug=article.slug).exclude(article=article.pk)
    if others.exists():
        raise _taken(article.slug)


def _save(article: Article, **how: Any) -> None:
    try:
        with transaction.atomic():
            article.save(**how)
    except IntegrityError as error:
        raise _taken(article.slug) from error


def _taken(slug: str) -> Invalid:
    return Invalid(f"There is an article at the address {slug} already.", field="slug", code="slug_taken")
