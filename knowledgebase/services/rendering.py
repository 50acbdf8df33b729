"""What an article's Markdown becomes, and what has to be true of it before others read it."""

from __future__ import annotations

from common.errors import Invalid
from common.richtext import Upload, images_in, render_with_files, to_plain
from knowledgebase.models import Article
from knowledgebase.vocabulary import State

# Here an article's text is read by others, or about to be.
BEYOND_DRAFT = frozenset({State.IN_REVIEW, State.SCHEDULED, State.PUBLISHED})


def render_body(article: Article) -> None:
    """Set `body_html` and `text` from the body, with the files that the article has now. It is not saved."""
    rows = article.files.all() if article.pk else []
    files = {row.name: Upload(row.url, row.is_picture, row.width, row.height) for row in rows}
    article.body_html = render_with_files(article.body, files)
    article.text = to_plain(article.body_html)


def require_whole_images(article: Article, *, if_beyond_draft: bool = False) -> None:
    """Refuse a body with an image that says nothing to who cannot see it, or that is not there.

    if_beyond_draft: let a draft be as it is.
    Raises: Invalid, naming the image.
    """
    if if_beyond_draft and article.state not in BEYOND_DRAFT:
        return
    shown = images_in(article.body)
    for image in shown:
        name = (image.file or image.address)[:80]
        if not image.alt or image.alt == image.file:
            raise Invalid(
                f"Say in words what the image {name} shows, between the square brackets: ![what it shows](…).",
                field="body",
                code="image_without_words",
            )
    pictures = {row.name for row in article.files.all() if row.is_picture} if any(one.file for one in shown) else set()
    for image in shown:
        if image.file and image.file not in pictures:
            raise Invalid(
                f"The text shows {image.file[:80]}, which is not among the article's images. Add it, or take it out.",
                field="body",
                code="image_missing",
            )
