"""Full text in PostgreSQL: weighted vectors, ranked word by word with rare words counting more.

ts_rank knows nothing of how rare a word is, so each word is ranked alone and weighed by its rarity, as bm25 does.
How many articles hold a word is counted by the upkeep (`refresh`): a little old is good enough.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from knowledgebase.querysets import ArticleQuerySet
from knowledgebase.search.engines.base import Document, Filters, Ranked, attempts, conditions
from knowledgebase.search.words import Question

CONFIGURATIONS = {
    **{"ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish"},
    **{"fi": "finnish", "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian"},
    **{"pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish"},
}
WITHOUT = "simple"  # for languages that PostgreSQL has no stemmer for
WEIGHTS = "{0.3,0.4,0.6,1}"  # of the text, nothing, a tag, the title

PARSE = """
WITH spoken AS MATERIALIZED (
  SELECT name, name::regconfig AS configuration FROM unnest(%s::text[]) AS name
  WHERE name = %s OR name IN (SELECT name FROM kb_search_configurations)
)
SELECT asked.term, phraseto_tsquery(spoken.configuration, asked.term)::text,
  (SELECT min(coalesce(known.article_count, 0))
   FROM unnest(tsvector_to_array(to_tsvector(spoken.configuration, asked.term))) AS lexeme
   LEFT JOIN kb_search_lexemes known USING (lexeme)),
  (SELECT article_count FROM kb_search_lexemes WHERE lexeme = '')
FROM unnest(%s::text[]) WITH ORDINALITY AS asked(term, position) CROSS JOIN spoken
ORDER BY asked.position
"""
FIND = """
WITH hits AS MATERIALIZED (
  SELECT article_id AS id, {score} AS score FROM kb_search WHERE vector @@ %s::tsquery AND article_id IN ({articles})
)
SELECT id, score, (SELECT count(*) FROM hits) FROM hits ORDER BY score DESC, id LIMIT %s
"""
# Materialized, or PostgreSQL reads the whole table for a word that nothing holds, hoping to meet it early.
HOLDS = """EXISTS (
  WITH holding AS MATERIALIZED (SELECT article_id FROM kb_search WHERE vector @@ %s::tsquery)
  SELECT 1 FROM holding WHERE EXISTS ({articles})
)"""
BEGINS = """
SELECT article_id FROM kb_search WHERE titles @@ %s::tsquery AND article_id IN ({articles})
ORDER BY ts_rank(titles, %s::tsquery, 1) DESC, article_id LIMIT %s
"""
PUT = """
INSERT INTO kb_search (article_id, configuration, vector, titles)
VALUES (%(key)s, %(name)s,
  setweight(to_tsvector(%(name)s::regconfig, %(title)s), 'A')
  || setweight(to_tsvector(%(name)s::regconfig, %(tags)s), 'B')
  || setweight(to_tsvector(%(name)s::regconfig, %(body)s), 'D'),
  to_tsvector('simple', %(title)s))
ON CONFLICT (article_id) DO UPDATE
SET configuration = excluded.configuration, vector = excluded.vector, titles = excluded.titles
"""
PUT_CONFIGURATION = "INSERT INTO kb_search_configurations (name) VALUES (%s) ON CONFLICT DO NOTHING"
REFRESH = (
    "LOCK TABLE kb_search_lexemes IN EXCLUSIVE MODE",  # one counts at a time, and everybody reads on
    "DELETE FROM kb_search_lexemes",
    "INSERT INTO kb_search_lexemes SELECT word, ndoc FROM ts_stat('SELECT vector FROM kb_search')",
    "INSERT INTO kb_search_lexemes SELECT '', count(*) FROM kb_search",
)


@dataclass(frozen=True)
class Term:
    """A word or phrase as PostgreSQL reads it in one language.   article_count: how many articles hold it, about."""

    term: str
    query: str
    article_count: int


class PostgresEngine:
    name = "postgresql"
    in_transaction = True

    def find(self, question: Question, articles: ArticleQuerySet, filters: Filters, *, most: int) -> Ranked:
        asked, all_count = _parse([*question.terms, *question.phrases], filters)
        terms = list({one.query: one for one in asked if one.term in question.terms}.values())
        if not terms:
            return Ranked({}, 0)
        needed = [_any([one for one in asked if one.term == phrase]) for phrase in question.phrases]
        counts = {one.query: one.article_count for one in terms}
        score, scored = _score(terms, all_count)
        inner, parameters = conditions(articles)
        statement = FIND.format(articles=inner, score=score)
        rows: list[tuple[Any, ...]] = []
        with connection.cursor() as cursor:
            for finding in attempts(counts, filters):
                finds = " | ".join(f"({query})" for query in finding)
                wanted = " & ".join(f"({part})" for part in [*filter(None, needed), finds])
                cursor.execute(statement, (*scored, wanted, *parameters, most))
                if rows := cursor.fetchall():
                    break
        return Ranked({key: float(score) for key, score, _ in rows}, rows[0][2] if rows else 0)

    def holds(self, terms: Sequence[str], articles: ArticleQuerySet, filters: Filters) -> set[str]:
        inner, parameters = conditions(articles.filter(pk=RawSQL("holding.article_id", ())))
        asked, _ = _parse(terms, filters)
        queries = {term: _any([one for one in asked if one.term == term]) for term in terms}
        known = [term for term in terms if queries[term]]  # PostgreSQL's own stop words are in no vector
        if not known:
            return set(terms)
        values = [value for term in known for value in (queries[term], *parameters)]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join([HOLDS.format(articles=inner)] * len(known))}", values)
            found = dict(zip(known, cursor.fetchone(), strict=True))
        return {term for term in terms if found.get(term, True)}

    def begins(self, words: Sequence[str], articles: ArticleQuerySet, filters: Filters, *, most: int) -> list[int]:
        inner, parameters = conditions(articles)
        query = " & ".join(f"'{word}'" for word in words) + ":*"
        with connection.cursor() as cursor:
            cursor.execute(BEGINS.format(articles=inner), (query, *parameters, query, most))
            return [key for (key,) in cursor.fetchall()]

    def put(self, documents: Sequence[Document]) -> None:
        names = [CONFIGURATIONS.get(document.language[:2], WITHOUT) for document in documents]
        rows = [{**vars(one), "name": name} for one, name in zip(documents, names, strict=True)]
        with connection.cursor() as cursor:
            cursor.executemany(PUT_CONFIGURATION, [(name,) for name in sorted(set(names))])
            cursor.executemany(PUT, rows)

    def forget(self, keys: Sequence[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM kb_search WHERE article_id = ANY(%s)", (list(keys),))

    def keys(self) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT article_id FROM kb_search")
            return {key for (key,) in cursor.fetchall()}

    def refresh(self) -> None:
        """Count how many articles hold each word."""
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in REFRESH:
                cursor.execute(statement)


def _parse(terms: Sequence[str], filters: Filters) -> tuple[list[Term], int]:
    """Return the terms in each language that articles are in, and how many articles there are."""
    main = CONFIGURATIONS.get(filters.language[:2], WITHOUT) if filters.language else CONFIGURATIONS["en"]
    names = [main] if filters.language else [*CONFIGURATIONS.values(), WITHOUT]
    with connection.cursor() as cursor:
        cursor.execute(PARSE, (names, main, list(dict.fromkeys(terms))))
        rows = cursor.fetchall()
    found = [Term(term, query, count or 0) for term, query, count, _ in rows if query]
    return found, (rows[0][3] or 0) if rows else 0


def _score(terms: list[Term], all_count: int) -> tuple[str, list[Any]]:
    parts, parameters = [], []
    for one in terms:
        count = min(one.article_count, all_count)
        rarity = math.log(1 + (all_count - count + 0.5) / (count + 0.5))
        parts.append("%s * ts_rank(%s::real[], vector, %s::tsquery)")
        parameters += [rarity, WEIGHTS, one.query]
    return " + ".join(parts), parameters


def _any(terms: list[Term]) -> str:
    return " | ".join(f"({one.query})" for one in dict.fromkeys(terms))
