"""What the search keeps beside its engine: words people manage, words it knows, and what is still to be indexed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common.embedding import StoredVector
from common.time import now
from knowledgebase.models.articles import Article


class SearchSynonym(models.Model):
    """Words that mean the same: whoever looks for one finds the others."""

    terms = models.CharField(
        max_length=500, help_text="Words or short phrases, separated by commas: sso, single sign-on"
    )

    class Meta:
        db_table = "kb_search_synonyms"
        ordering = ["terms"]
        verbose_name = "synonyms"
        verbose_name_plural = "synonyms"

    def __str__(self) -> str:
        return self.terms


class SearchStopWord(models.Model):
    """A word that says nothing here, beside those that say nothing anywhere."""

    word = models.CharField(max_length=60, unique=True)

    class Meta:
        db_table = "kb_search_stop_words"
        ordering = ["word"]
        verbose_name = "stop word"

    def __str__(self) -> str:
        return self.word


class SearchWord(models.Model):
    """A word that articles hold, for corrections. article_count: how many held it when it was last counted."""

    word = models.CharField(max_length=60, primary_key=True)
    first = models.CharField(max_length=1)
    length = models.PositiveSmallIntegerField()
    article_count = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "kb_search_words"
        indexes = [models.Index(fields=["first", "length"], name="search_word_like")]

    def __str__(self) -> str:
        return self.word


class SearchTag(models.Model):
    """A tag of an indexed article, in lower case."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    tag = models.CharField(max_length=60)

    class Meta:
        db_table = "kb_search_tags"
        indexes = [models.Index(fields=["tag", "article"], name="search_tag")]

    def __str__(self) -> str:
        return self.tag


class IndexMark(models.Model):
    """An article that changed since the upkeep last looked at it. It may be gone: so no reference, only its number."""

    article_id = models.BigIntegerField(primary_key=True)
    marked_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        db_table = "kb_search_marks"

    def __str__(self) -> str:
        return str(self.article_id)


class ArticleVector(StoredVector):
    """What an article means. One that is taken down keeps it, for when it is published again."""

    subject = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="+")

    class Meta:
        db_table = "kb_article_vectors"
        indexes = [models.Index(fields=["-changed_at"], name="article_vector_wanted", condition=Q(vector=None))]
