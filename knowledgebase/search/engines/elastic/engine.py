"""Questions to Elasticsearch or OpenSearch: our own words in, keys and scores out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch, NotFoundError
from elasticsearch.dsl.connections import connections
from elasticsearch.helpers import scan, streaming_bulk

from knowledgebase.querysets import ArticleQuerySet
from knowledgebase.search.engines.base import Document, EngineDown, Filters, QuestionRefused, Ranked, attempts
from knowledgebase.search.engines.elastic.documents import STEMMERS, ArticleDocument, alias
from knowledgebase.search.words import Question
from knowledgebase.vocabulary import Audience

ASK_SECONDS = 0.8  # then the database answers instead, so that nobody waits a second for a server that is away
WINDOW = 10_000  # the last hit that a server pages to
CLAUSES_MOST = 900  # of one question; a server takes 1,024
AWAY = {401, 403, 429, 502, 503, 504}
TITLE, TAGS, CONTENT = 1.5, 1.2, 1  # how much a word counts where it stands

log = structlog.get_logger(__name__)


class ElasticEngine:
    name = "elasticsearch"
    in_transaction = False

    def find(self, question: Question, articles: ArticleQuerySet, filters: Filters, *, most: int) -> Ranked:
        groups = self._groups(filters)
        asked = question.terms
        counts = self._counts(asked, groups, []) if len(asked) > 1 else dict.fromkeys(asked, 0)
        # Of a question too long for the server the rarest words count.
        terms = sorted(counts, key=lambda term: counts[term])[: CLAUSES_MOST // _clauses(groups)]
        counts = {term: count for term, count in counts.items() if term in terms}
        needed = [*_conditions(filters), *(_held(phrase, groups) for phrase in question.phrases)]
        scored = [{"bool": {"should": [_scored(term, group) for term in terms]}} for group in groups]
        hits: dict[str, Any] = {}
        for finding in attempts(counts, filters):
            conditions = [*needed, _any(_held(term, groups) for term in finding)]
            query = {"bool": {"must": [{"dis_max": {"queries": scored}}], "filter": conditions}}
            hits = self._ask(query=query, size=min(most, WINDOW), track_total_hits=True, source=False)["hits"]
            if hits["hits"]:
                break
        scores = {int(hit["_id"]): float(hit["_score"]) for hit in hits["hits"]}
        # The server may be behind the database by a moment; what the person may read is decided there.
        readable = set(articles.filter(pk__in=scores).values_list("pk", flat=True))
        kept = {key: score for key, score in scores.items() if key in readable}
        return Ranked(kept, hits["total"]["value"] - (len(scores) - len(kept)))

    def holds(self, terms: Sequence[str], articles: ArticleQuerySet, filters: Filters) -> set[str]:
        counts = self._counts(terms, self._groups(filters), _conditions(filters))
        return {term for term, count in counts.items() if count}

    def begins(self, words: Sequence[str], articles: ArticleQuerySet, filters: Filters, *, most: int) -> list[int]:
        *whole, last = words
        asked: list[Any] = [{"match_phrase": {"titles": word}} for word in whole]
        asked.append({"prefix": {"titles": {"value": last}}})
        query = {"bool": {"must": asked, "filter": _conditions(filters)}}
        answer = self._ask(query=query, size=most, source=False)
        keys = [int(hit["_id"]) for hit in answer["hits"]["hits"]]
        readable = set(articles.filter(pk__in=keys).values_list("pk", flat=True))
        return [key for key in keys if key in readable]

    def put(self, documents: Sequence[Document]) -> None:
        self.put_into(alias(), documents, require_alias=True)

    def put_into(self, index: str, documents: Sequence[Document], **how: Any) -> None:
        """Keep the documents in an index of that name. An older state never replaces a newer one."""
        made = ArticleDocument()
        rows = [
            {
                "_op_type": "index",
                "_index": index,
                "_id": str(one.key),
                "_version": round(one.article.updated_at.timestamp() * 1_000_000),
                "_version_type": "external_gte",
                "_source": made.prepare(one.article),
            }
            for one in documents
        ]
        with answering():
            answers = list(streaming_bulk(client(), rows, raise_on_error=False, **how))
        failed = [answer for is_kept, answer in answers if not is_kept]
        problems = [one for one in failed if one["index"]["status"] != 409]  # a newer state is there already
        if problems:
            raise EngineDown(f"{len(problems)} articles were refused: {problems[0]['index']['error']}")

    def forget(self, keys: Sequence[int]) -> None:
        if keys:
            with answering():
                ids = {"ids": {"values": [str(key) for key in keys]}}
                client().delete_by_query(index=alias(), query=ids, refresh=True, conflicts="proceed")

    def keys(self) -> set[int]:
        with answering():
            found = scan(client(), index=alias(), query={"query": {"match_all": {}}, "_source": False}, size=2000)
            return {int(hit["_id"]) for hit in found}

    def refresh(self) -> None:
        """Let what was put be found."""
        with answering():
            client().indices.refresh(index=alias())

    def _counts(self, terms: Sequence[str], groups: list[list[str]], conditions: list[Any]) -> dict[str, int]:
        """Return how many articles within the conditions hold each term."""
        asked = {str(number): _held(term, groups) for number, term in enumerate(terms)}
        aggregations = {"terms": {"filters": {"filters": asked}}}
        answer = self._ask(query={"bool": {"filter": conditions}}, size=0, aggregations=aggregations)
        buckets = answer["aggregations"]["terms"]["buckets"]
        return {term: buckets[str(number)]["doc_count"] for number, term in enumerate(terms)}

    def _groups(self, filters: Filters) -> list[list[str]]:
        """Return the fields to look in, for each language that an article is in."""
        if filters.language:
            return [_fields_of(filters.language[:2])]
        kept = {"languages": {"terms": {"field": "language", "size": 100}}}
        buckets = self._ask(size=0, aggregations=kept)["aggregations"]["languages"]["buckets"]
        spoken = sorted({str(bucket["key"])[:2] for bucket in buckets} & set(STEMMERS))
        return [_fields_of("en"), *map(_fields_of, spoken)]

    def _ask(self, **question: Any) -> Any:
        with answering():
            return client().options(request_timeout=ASK_SECONDS).search(index=alias(), **question)


def client() -> Elasticsearch:
    found: Elasticsearch = connections.get_connection()
    return found


@contextmanager
def answering() -> Iterator[None]:
    """Turn what a server can answer, or not, into one error."""
    try:
        yield
    except NotFoundError as error:
        raise EngineDown("There is no index yet.") from error
    except ApiError as error:
        refusal = EngineDown if error.status_code in AWAY else QuestionRefused
        raise refusal(str(error)[:300]) from error
    except TransportError as error:
        raise EngineDown(str(error)[:300]) from error


def _fields_of(language: str) -> list[str]:
    ending = f"_{language}" if language in STEMMERS else ""
    return [f"title{ending}^{TITLE}", f"tags^{TAGS}", f"content{ending}^{CONTENT}"]


def _clauses(groups: list[list[str]]) -> int:
    """Return how many clauses of a question one term takes: scored in each group, and held in each field."""
    return sum(map(len, groups)) + len(_fields(groups))


def _fields(groups: list[list[str]]) -> list[str]:
    return sorted({field.partition("^")[0] for group in groups for field in group})


def _held(term: str, groups: list[list[str]]) -> dict[str, Any]:
    """Return the condition that an article holds the term, whatever its language."""
    return {"multi_match": {"query": term, "type": "phrase", "fields": _fields(groups)}}


def _scored(term: str, fields: list[str]) -> dict[str, Any]:
    return {"multi_match": {"query": term, "type": "phrase", "fields": fields, "tie_breaker": 1.0}}


def _any(conditions: Any) -> dict[str, Any]:
    return {"bool": {"should": list(conditions), "minimum_should_match": 1}}


def _conditions(filters: Filters) -> list[dict[str, Any]]:
    """Return the filters, and who may read it, as `querysets.audience_of` has it."""
    found: list[dict[str, Any]] = []
    if filters.category:
        found.append({"term": {"categories": filters.category}})
    if filters.product_area:
        found.append({"term": {"product_area": filters.product_area}})
    if filters.language:
        found.append({"term": {"language": filters.language}})
    if filters.tags:
        found.append({"terms": {"labels": sorted({tag.lower() for tag in filters.tags})}})
    user = filters.user
    if not user.has_perm("knowledgebase.view_article"):
        theirs: list[dict[str, Any]] = [{"term": {"audience": Audience.PUBLIC}}]
        if user.is_authenticated:
            theirs.append({"term": {"audience": Audience.SIGNED_IN}})
            if user.organization is not None:
                tiers = [{"term": {"audience": Audience.TIERS}}, {"term": {"tiers": user.organization.tier}}]
                theirs.append({"bool": {"filter": tiers}})
        found.append(_any(theirs))
    return found
