"""Every write to the knowledge base."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.models import ProductArea
from common import journal
from common.actors import Actor, Person
from common.errors import Invalid
from common.richtext import clean_text, render
from common.time import now
from knowledgebase import events
from knowledgebase.access import require_add, require_change
from knowledgebase.models import Article, Category


@transaction.atomic
def create_article(
    *,
    title: str,
    body: str,
    category: Category,
    by: Actor,
    summary: str = "",
    slug: str = "",
    product_area: ProductArea | None = None,
    tags: list[str] | None = None,
) -> Article:
    """Write a draft and return it.

    Raises: NotAllowed, Invalid for a title without an address or an address that is taken.
    """
    require_add(by)
    title = clean_text(title).strip()
    slug = slug or slugify(title)[:200]
    if not slug:
        raise Invalid("The title needs a letter or a digit.", field="title")
    body = clean_text(body)
    article = Article(
        title=title,
        slug=slug,
        summary=clean_text(summary).strip(),
        body=body,
        body_html=render(body),
        category=category,
        product_area=product_area,
        tags=tags or [],
        author_id=by.pk if isinstance(by, Person) else None,
    )
    try:
        with transaction.atomic():
            article.save(force_insert=True)
    except IntegrityError as error:
        raise Invalid(f"There is an article at the address {slug} already.", field="slug", code="slug_taken") from error
    journal.record(events.ARTICLE_CREATED, subject=article, by=by, data={"title": title, "slug": slug})
    return article


@transaction.atomic
def change_article(article: Article, *, by: Actor, **fields: object) -> Article:
    """Change the words, the place or the tags of `article`."""
    require_change(by)
    article = Article.objects.select_for_update().get(pk=article.pk)
    changes = {name: value for name, value in fields.items() if getattr(article, name) != value}
    if not changes:
        return article
    for name, value in changes.items():
        setattr(article, name, clean_text(value) if isinstance(value, str) else value)
    article.body_html = render(article.body)
    article.updated_at = now()
    article.save(update_fields=[*changes, "body_html", "updated_at"])
    journal.record(events.ARTICLE_CHANGED, subject=article, by=by, data={"changes": {name: {} for name in changes}})
    return article


@transaction.atomic
def publish_article(article: Article, *, by: Actor) -> Article:
    """Show `article` to everybody. Doing it twice changes nothing."""
    require_change(by)
    article = Article.objects.select_for_update().get(pk=article.pk)
    if not article.published:
        article.published = True
        article.published_at = article.published_at or now()
        article.save(update_fields=["published", "published_at"])
        journal.record(events.ARTICLE_PUBLISHED, subject=article, by=by, data={"slug": article.slug})
    return article


@transaction.atomic
def archive_article(article: Article, *, by: Actor) -> Article:
    """Take `article` down; staff still see it."""
    require_change(by)
    article = Article.objects.select_for_update().get(pk=article.pk)
    if article.published:
        article.published = False
        article.save(update_fields=["published"])
        journal.record(events.ARTICLE_ARCHIVED, subject=article, by=by, data={"slug": article.slug})
    return article
