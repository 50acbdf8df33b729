"""What the server keeps of an article, and how it reads words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django_elasticsearch_dsl import Document, fields
from django_elasticsearch_dsl.registries import registry
from elasticsearch.dsl import analyzer, token_filter

from knowledgebase.models import Article
from knowledgebase.search.words import split

# The languages that both servers have a stemmer for. Articles in others are kept without one, in `plain`.
STEMMERS = {
    **{"ar": "arabic", "da": "danish", "de": "light_german", "el": "greek", "es": "light_spanish", "fi": "finnish"},
    **{"fr": "light_french", "hu": "hungarian", "it": "light_italian", "nl": "dutch", "no": "norwegian"},
    **{"pt": "light_portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish"},
}
# How rare a word is gets counted among the articles that have the field at all: so every article has the field.
IN_EVERY = "everyarticle"
_another: ContextVar[str] = ContextVar("search_alias", default="")
PLAIN = analyzer("portal_plain", tokenizer="standard", filter=["lowercase"])


def _analyzer_of(language: str, stemmer: str) -> Any:
    stems = token_filter(f"portal_{language}_stems", type="stemmer", language=stemmer)
    return analyzer(f"portal_{language}", tokenizer="standard", filter=["lowercase", stems])


def _words(stemmed_by: Any) -> Any:
    return fields.TextField(analyzer=stemmed_by)


@registry.register_document
class ArticleDocument(Document):
    """Words in lower case without accents, as questions are read too. `content` and its fellows hold the text."""

    title = _words(_analyzer_of("en", "english"))
    tags = _words(_analyzer_of("en", "english"))
    content = _words(_analyzer_of("en", "english"))
    titles = _words(PLAIN)  # unstemmed, for suggestions
    language = fields.KeywordField()
    audience = fields.KeywordField()
    tiers = fields.KeywordField()
    categories = fields.KeywordField()  # its own and the one above
    product_area = fields.KeywordField()
    labels = fields.KeywordField()  # its tags as they are, in lower case

    class Index:
        name = "kb_articles"
        settings = {"number_of_shards": 1, "number_of_replicas": 1, "max_result_window": 10_000}

    class Django:
        model = Article
        ignore_signals = True

    def prepare(self, instance: Article) -> dict[str, Any]:
        prepared: dict[str, Any] = super().prepare(instance)
        language = instance.language[:2]
        if language in STEMMERS:
            prepared[f"title_{language}"] = prepared["title"]
            prepared[f"content_{language}"] = prepared["content"]
        return prepared

    def prepare_title(self, article: Article) -> str:
        return _joined(article.title)

    def prepare_titles(self, article: Article) -> str:
        return _joined(article.title)

    def prepare_tags(self, article: Article) -> str:
        return _joined(" ".join(map(str, [IN_EVERY, *article.tags])))

    def prepare_content(self, article: Article) -> str:
        return _joined(f"{article.summary} {article.text}")

    def prepare_tiers(self, article: Article) -> list[str]:
        return list(article.tiers)

    def prepare_categories(self, article: Article) -> list[str]:
        category = article.category
        return [category.slug, *([category.parent.slug] if category.parent else [])]

    def prepare_product_area(self, article: Article) -> str | None:
        return article.product_area.key if article.product_area else None

    def prepare_labels(self, article: Article) -> list[str]:
        return sorted({str(tag).lower()[:60] for tag in article.tags})


for _language, _stemmer in STEMMERS.items():
    for _name in ("title", "content"):
        ArticleDocument._doc_type.mapping.field(f"{_name}_{_language}", _words(_analyzer_of(_language, _stemmer)))  # noqa: SLF001


def alias() -> str:
    """Return the name under which the present index is found."""
    return _another.get() or str(settings.PORTAL_SEARCH_ALIAS)


@contextmanager
def another_alias(name: str) -> Iterator[None]:
    """Put and ask under another name meanwhile; other threads and processes do not notice."""
    token = _another.set(name)
    try:
        yield
    finally:
        _another.reset(token)


def index_body() -> dict[str, Any]:
    """Return the settings and mappings of a new index."""
    body: dict[str, Any] = ArticleDocument._index.to_dict()  # noqa: SLF001 - its public name
    return body


def _joined(text: str) -> str:
    return " ".join(split(text))
