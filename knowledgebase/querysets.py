from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models

if TYPE_CHECKING:
    from accounts.models import User
    from knowledgebase.models import Article  # noqa: F401 - named in a base class


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> ArticleQuerySet:
        return self.filter(published=True)

    def visible_to(self, user: User | AnonymousUser) -> ArticleQuerySet:
        """Return all for those who write articles, the published ones for everybody else."""
        return self if user.has_perm("knowledgebase.change_article") else self.published()
