"""Search: any text in, the published articles that its reader may see out, best first."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace as with_changes
from time import perf_counter

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, Value

from accounts.models import User
from knowledgebase.models import Article, SearchStopWord, SearchSynonym, SearchTag
from knowledgebase.querysets import ArticleQuerySet
from knowledgebase.search import meaning, words
from knowledgebase.search.answers import Answer, Found, Suggestion
from knowledgebase.search.corrections import corrections
from knowledgebase.search.engines import Engine, Filters, Ranked, answer
from knowledgebase.search.excerpts import mark_beginnings, marker
from knowledgebase.search.facets import COUNTED_MOST, Choice, facets_of
from knowledgebase.search.fusion import fuse
from knowledgebase.search.keys import among
from knowledgebase.search.popularity import with_popularity
from knowledgebase.search.words import Question

# The best ones, in whose order popularity has a say. A page beyond them stays in the engine's order.
WEIGHED_MOST = 200
TITLE_WORDS_MOST = 12
LEAST = 0.0001  # what a word that every article holds is worth


@dataclass(frozen=True)
class Hits:
    """What an engine found, before a page of it is read.

    question: as it was answered, its text as it was asked.   near: how alike articles are to what is meant.
    """

    backend: str
    question: Question
    scores: dict[int, float]
    total: int
    near: dict[int, float]
    meant: str | None

    def answer(self, scores: dict[int, float], total: int, offset: int, limit: int) -> Answer:
        found = _page(list(scores)[offset : offset + limit], scores, self.near, self.question)
        return Answer(self.question.text, found, total, 0, self.backend, self.meant)


def search_articles(
    query: str,
    *,
    user: User | AnonymousUser,
    category: str = "",
    tags: tuple[str, ...] = (),
    product_area: str = "",
    language: str = "",
    limit: int = 10,
    offset: int = 0,
) -> Answer:
    """Return the published articles that hold any word of `query`, best first.

    Words in quotes must stand together, unless they do so in no article.   category: a slug; its children count too.
    tags: any of these, in whatever case.   product_area: a key.   language: as articles have it, `en`.
    """
    started, filters = perf_counter(), Filters(user, category, tags, product_area, language)
    said = answer(lambda searcher: search_in(searcher, query, filters, limit, offset))
    return with_changes(said, took_ms=round((perf_counter() - started) * 1000))


def browse_articles(
    query: str, *, user: User | AnonymousUser, choice: Choice, limit: int = 10, offset: int = 0
) -> Answer:
    """Return what `search_articles` finds, narrowed to `choice`, and what it can be narrowed to further.

    The choice is made among what the whole question finds, up to COUNTED_MOST: so each facet's count holds.
    """
    return answer(lambda searcher: _browse(searcher, query, user, choice, limit=limit, offset=offset))


def suggest(text: str, *, user: User | AnonymousUser, limit: int = 5) -> list[Suggestion]:
    """Return articles whose titles hold the words of `text`, the last of which may be unfinished."""
    typed = list(dict.fromkeys(words.split(text[: words.TEXT_MOST])))[:TITLE_WORDS_MOST]
    return answer(lambda searcher: _suggest(searcher, text, typed, Filters(user), limit)) if typed else []


def readable(filters: Filters) -> ArticleQuerySet:
    """Return the published articles that the person may read, within the filters."""
    articles = Article.objects.visible_to(filters.user).published()
    if filters.category:
        articles = articles.filter(Q(category__slug=filters.category) | Q(category__parent__slug=filters.category))
    if filters.product_area:
        articles = articles.filter(product_area__key=filters.product_area)
    if filters.language:
        articles = articles.filter(language=filters.language)
    if filters.tags:
        wanted = SearchTag.objects.filter(tag__in={tag.lower() for tag in filters.tags})
        articles = articles.filter(pk__in=wanted.values("article_id"))
    return articles


def read(text: str) -> Question:
    """Return what `text` asks for, with the stop words and synonyms that people keep."""
    kept = SearchSynonym.objects.order_by().values_list(Value("synonyms"), "terms")
    stopped = SearchStopWord.objects.order_by().values_list(Value("stop"), "word")
    rows = list(kept.union(stopped, all=True))
    groups = [terms.split(",") for kind, terms in rows if kind == "synonyms"]
    return words.read(text, stop={word.lower() for kind, word in rows if kind == "stop"}, synonyms=groups)


def search_in(
    searcher: Engine, query: str, filters: Filters, limit: int, offset: int = 0, *, words_alone: bool = False
) -> Answer:
    """Return what this engine finds, with what the question means unless `words_alone`.   Raises: EngineDown."""
    hits = _hits(searcher, query, filters, most=max(WEIGHED_MOST, offset + limit), words_alone=words_alone)
    return hits.answer(hits.scores, hits.total, offset, limit)


def _browse(
    searcher: Engine, query: str, user: User | AnonymousUser, choice: Choice, *, limit: int, offset: int
) -> Answer:
    hits = _hits(searcher, query, Filters(user), most=COUNTED_MOST)
    scores, total = hits.scores, hits.total
    if choice and scores:
        tags = (choice.tag,) if choice.tag else ()
        kept = readable(Filters(user, choice.category, tags, language=choice.language)).filter(
            pk__in=among(list(scores))
        )
        keys = set(kept.values_list("pk", flat=True))
        scores = {key: score for key, score in scores.items() if key in keys}
        total = len(scores)
    facets = facets_of(list(scores), choice) if scores else None
    return with_changes(hits.answer(scores, total, offset, limit), facets=facets, is_cut=hits.total > COUNTED_MOST)


def _hits(searcher: Engine, query: str, filters: Filters, *, most: int, words_alone: bool = False) -> Hits:
    articles, asked, ranked = readable(filters), read(query), Ranked({}, 0)
    better: dict[str, str] = {}
    near: dict[int, float] | None = None
    if asked.words:
        better = corrections(asked, searcher, articles, filters)
        asked = read(words.replace(asked.text, better)) if better else asked
        ranked = _find(asked, searcher, articles, filters, most=most)
        near = None if words_alone else _near(query, ranked, asked, articles, filters)
        ranked = _weighed(ranked, near, asked)
    meant = words.replace(query[: words.TEXT_MOST], better) if better and ranked.total else None
    return Hits(searcher.name, with_changes(asked, text=query), ranked.scores, ranked.total, near or {}, meant)


def _near(
    query: str, ranked: Ranked, question: Question, articles: ArticleQuerySet, filters: Filters
) -> dict[int, float] | None:
    if question.phrases:
        return None  # words in quotes are meant as they stand
    # As it was asked: a word that no article has may be no slip, and the model knows it.
    return meaning.alike(query[: words.TEXT_MOST], list(ranked.scores)[:WEIGHED_MOST], articles, filters)


def _weighed(ranked: Ranked, near: dict[int, float] | None, question: Question) -> Ranked:
    """Weigh the best by what readers thought of them, and let articles gain that mean what is asked."""
    scores = with_popularity(ranked.scores, WEIGHED_MOST)
    if near is None:
        return Ranked(scores, ranked.total)
    first, rest = list(scores)[:WEIGHED_MOST], list(scores)[WEIGHED_MOST:]
    fused = fuse(first, near, word_count=len(question.text.split()))
    # Further down words alone decide, each article once. With so many hits a few more are not counted: whether the
    # words find those too is not known on every page.
    below = {key: min(fused.values()) * scores[key] / scores[rest[0]] for key in rest if key not in fused}
    added = 0 if ranked.total > WEIGHED_MOST else len(near.keys() - scores.keys())
    return Ranked(fused | below, ranked.total + added)


def _suggest(searcher: Engine, text: str, typed: list[str], filters: Filters, limit: int) -> list[Suggestion]:
    articles = readable(filters)
    keys = searcher.begins(typed, articles, filters, most=limit)
    if not keys:
        better = corrections(Question(text), searcher, articles, filters, words=typed)
        typed = [better.get(word, word) for word in typed]
        keys = searcher.begins(typed, articles, filters, most=limit) if better else []
    rows = {pk: (title, slug) for pk, title, slug in articles.filter(pk__in=keys).values_list("pk", "title", "slug")}
    lines = [rows[key] for key in keys if key in rows]
    return [Suggestion(title, slug, mark_beginnings(title, typed)) for title, slug in lines]


def _find(question: Question, searcher: Engine, articles: ArticleQuerySet, filters: Filters, *, most: int) -> Ranked:
    ranked = searcher.find(question, articles, filters, most=most)
    if question.phrases and not ranked.total:
        ranked = searcher.find(with_changes(question, phrases=()), articles, filters, most=most)
    return ranked


def _page(keys: list[int], scores: dict[int, float], near: dict[int, float], question: Question) -> list[Found]:
    rows = Article.objects.select_related("category").defer("body", "body_html").in_bulk(keys)
    marks = marker(question.terms)
    return [
        Found(article, max(round(scores[article.pk], 4), LEAST), marks.excerpt(article.text), near.get(article.pk))
        for article in (rows[key] for key in keys if key in rows)
    ]
