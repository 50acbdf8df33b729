"""Pictures and other files of articles."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse

from common.downloads import SHOWN_IN_PLACE
from common.time import now
from knowledgebase.models.articles import Article


def file_path(file: ArticleFile, _name: str) -> str:
    """Return a path that says nothing of the file and cannot be guessed."""
    return f"articles/{file.uid.hex[:2]}/{file.uid.hex}"


class ArticleFile(models.Model):
    """A file of an article, read by whoever may read that. Its text names it: `![what it shows](file:diagram.png)`.

    uid: another one for each content, so that browsers may keep what they have.   width, height: of a picture, in
    pixels, where they could be read.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="files")
    file = models.FileField(upload_to=file_path)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "kb_files"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["article", "name"], name="article_file_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.content_type in SHOWN_IN_PLACE

    @property
    def url(self) -> str:
        return reverse("kb-file", args=[self.uid, self.name])

    @property
    def reference(self) -> str:
        """What an article's writer puts into the text."""
        return f"![](file:{self.name})" if self.is_picture else f"[{self.name}](file:{self.name})"
