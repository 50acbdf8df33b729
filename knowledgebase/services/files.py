"""Files of articles: added, replaced under the same name, and removed."""

from __future__ import annotations

import re

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import User
from common import journal
from common.actors import Actor
from common.errors import Invalid
from common.pictures import size_of
from common.time import now
from common.uploads import inspect
from knowledgebase import events
from knowledgebase.access import require_change
from knowledgebase.models import Article, ArticleFile
from knowledgebase.services.rendering import render_body, require_whole_images

FILES_MOST = 50


@transaction.atomic
def add_file(article: Article, upload: UploadedFile, *, by: Actor) -> ArticleFile:
    """Put a file on `article` and return it. It takes the place of a file of the same name.

    Raises: NotAllowed, Invalid for what is not accepted or where there are too many.
    """
    require_change(by)
    article = Article.objects.select_for_update().get(pk=article.pk)
    found = inspect(upload)
    name = _name_in_text(found.name)
    old = article.files.filter(name=name).first()
    if old is None and article.files.count() >= FILES_MOST:
        raise Invalid(f"An article takes at most {FILES_MOST} files.", field="file", code="too_many_files")
    file = ArticleFile(
        article=article,
        name=name,
        content_type=found.content_type,
        size=found.size,
        sha256=found.sha256,
        uploaded_by=by if isinstance(by, User) else None,
    )
    if file.is_picture and upload.file is not None:
        file.width, file.height = size_of(upload.file) or (None, None)
    if old is not None:
        _delete(old)
    file.file.save(name, upload, save=False)
    try:
        with transaction.atomic():
            file.save(force_insert=True)
    except Exception:
        file.file.delete(save=False)
        raise
    _show_anew(article, by=by, changes={"files": {"to": name}})
    return file


@transaction.atomic
def remove_file(file: ArticleFile, *, by: Actor) -> None:
    """Take a file off its article. Twice is harmless.

    Raises: NotAllowed, Invalid while a text beyond the draft shows it.
    """
    require_change(by)
    article = Article.objects.select_for_update().get(pk=file.article_id)
    row = article.files.filter(pk=file.pk).first()
    if row is None:
        return
    _delete(row)
    require_whole_images(article, if_beyond_draft=True)
    _show_anew(article, by=by, changes={"files": {"from": row.name}})


def _delete(file: ArticleFile) -> None:
    stored = file.file
    file.delete()
    transaction.on_commit(lambda: stored.delete(save=False))


def _show_anew(article: Article, *, by: Actor, changes: dict[str, dict[str, str]]) -> None:
    render_body(article)
    article.updated_at = now()
    article.save(update_fields=["body_html", "text", "updated_at"])
    journal.record(events.ARTICLE_CHANGED, subject=article, by=by, data={"changes": changes})


def _name_in_text(name: str) -> str:
    """Return `name` as it can stand in Markdown: no spaces, brackets or the like."""
    stem, dot, suffix = name.rpartition(".")
    words = re.sub(r"[^\w-]+", "-", stem or suffix).strip("-_") or "file"
    return f"{words}.{suffix.lower()}" if dot and stem else words
