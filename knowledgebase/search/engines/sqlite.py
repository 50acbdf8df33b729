"""Full text in SQLite: FTS5 tables ranked by bm25.

One table holds the whole articles, one their titles alone, one the titles unstemmed, for suggestions.
Words are given in double quotes, between which FTS5 knows no syntax; none holds a quote itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from knowledgebase.querysets import ArticleQuerySet
from knowledgebase.search.engines.base import Document, Filters, Ranked, attempts, conditions
from knowledgebase.search.words import Question

TABLES = ("kb_search", "kb_search_titles", "kb_search_beginnings")
# bm25 weighs a word by the length of what it stands in, and a title in a long article drowns. So the title counts
# twice: five times as much as the text within the article (a tag three times), and once more as a text of its own.
WEIGHTS, TITLE_ALONE = "5.0, 3.0, 1.0", 0.5
# The plus keeps SQLite from asking the full text anew for each article that may be seen.
FIND = """
WITH hits AS MATERIALIZED (
  SELECT rowid AS id, -bm25(kb_search, {weights}) AS score FROM kb_search
  WHERE kb_search MATCH %s AND +rowid IN ({articles})
), titles AS MATERIALIZED (
  SELECT rowid AS id, -bm25(kb_search_titles) * {title_alone} AS score FROM kb_search_titles
  WHERE kb_search_titles MATCH %s AND +rowid IN (SELECT id FROM hits)
)
SELECT hits.id, hits.score + coalesce(titles.score, 0) AS score, (SELECT count(*) FROM hits)
FROM hits LEFT JOIN titles ON titles.id = hits.id ORDER BY 2 DESC, 1 LIMIT %s
"""
COUNT = "(SELECT count(*) FROM kb_search WHERE kb_search MATCH %s)"
HOLDS = "EXISTS (SELECT 1 FROM kb_search WHERE kb_search MATCH %s AND EXISTS ({articles}))"
BEGINS = """
SELECT rowid FROM kb_search_beginnings WHERE kb_search_beginnings MATCH %s AND +rowid IN ({articles})
ORDER BY bm25(kb_search_beginnings), rowid LIMIT %s
"""


class SqliteEngine:
    name = "sqlite"
    in_transaction = True

    def find(self, question: Question, articles: ArticleQuerySet, filters: Filters, *, most: int) -> Ranked:
        terms = [_quoted(term) for term in question.terms]
        any_word = " OR ".join(terms)
        rows: list[tuple[Any, ...]] = []
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join([COUNT] * len(terms))}", terms)
            counts = dict(zip(terms, cursor.fetchone(), strict=True))
            match = " AND ".join([*map(_quoted, question.phrases), f"({any_word})"])
            for finding in attempts(counts, filters):
                found = RawSQL("SELECT rowid FROM kb_search WHERE kb_search MATCH %s", (" OR ".join(finding),))
                inner, parameters = conditions(articles.filter(pk__in=found))
                statement = FIND.format(weights=WEIGHTS, title_alone=TITLE_ALONE, articles=inner)
                cursor.execute(statement, (match, *parameters, any_word, most))
                if rows := cursor.fetchall():
                    break
        return Ranked({key: score for key, score, _ in rows}, rows[0][2] if rows else 0)

    def holds(self, terms: Sequence[str], articles: ArticleQuerySet, filters: Filters) -> set[str]:
        inner, parameters = conditions(articles.filter(pk=RawSQL("kb_search.rowid", ())))
        asked = [value for term in terms for value in (_quoted(term), *parameters)]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join([HOLDS.format(articles=inner)] * len(terms))}", asked)
            return {term for term, is_held in zip(terms, cursor.fetchone(), strict=True) if is_held}

    def begins(self, words: Sequence[str], articles: ArticleQuerySet, filters: Filters, *, most: int) -> list[int]:
        inner, parameters = conditions(articles)
        match = " AND ".join(map(_quoted, words)) + "*"
        with connection.cursor() as cursor:
            cursor.execute(BEGINS.format(articles=inner), (match, *parameters, most))
            return [key for (key,) in cursor.fetchall()]

    def put(self, documents: Sequence[Document]) -> None:
        self.forget([document.key for document in documents])
        rows = [(one.key, one.title, one.tags, one.body) for one in documents]
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO kb_search (rowid, title, tags, body) VALUES (%s, %s, %s, %s)", rows)
            for table in TABLES[1:]:
                insert = f"INSERT INTO {table} (rowid, title) VALUES (%s, %s)"  # noqa: S608 - our own names  # nosec B608
                cursor.executemany(insert, [row[:2] for row in rows])

    def forget(self, keys: Sequence[int]) -> None:
        with connection.cursor() as cursor:
            for table in TABLES:
                delete = f"DELETE FROM {table} WHERE rowid = %s"  # noqa: S608 - our own names  # nosec B608
                cursor.executemany(delete, [(key,) for key in keys])

    def keys(self) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM kb_search_docsize")
            return {key for (key,) in cursor.fetchall()}

    def refresh(self) -> None:
        """FTS5 counts as it writes; what SQLite knows of its other tables, it decides by which index it reads."""
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA optimize")


def _quoted(term: str) -> str:
    return f'"{term}"'
