"""Which articles fit what somebody has written so far. Offering one that does not fit costs more than offering none.

The search ranks, and finds something for nearly any text. What it finds is offered where the article is about words of
the summary, or shares much of the whole text, or means much the same. Measured on 300 questions about something else
and the 200 of the demo: 3 in 100 of the former are offered anything, and 62 in 100 of the latter (52 by words alone).
"""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from knowledgebase.models import Article
from knowledgebase.search import Found, search_articles
from knowledgebase.search.words import read, root, split

OFFERED_MOST = 3
SUBJECT_CHARACTERS, DESCRIPTION_CHARACTERS = 200, 2000  # that are looked at
LETTERS_LEAST = 3
LOOKED_AT = OFFERED_MOST * 2
BESIDE_THE_BEST = 0.5  # of the best hit's relevance
OF_THE_SUBJECT = 0.6
OF_THE_WHOLE, TELLING_LEAST = 0.35, 3
ALIKE_LEAST = 0.4
QUOTES = str.maketrans(dict.fromkeys('"“”„«»', " "))  # which the search would take for a phrase to find as it stands


def fitting_articles(
    subject: str, description: str, *, user: User | AnonymousUser, without: Collection[str] = ()
) -> list[Article]:
    """Return up to three articles that fit, the best first.   without: addresses of articles that are known already."""
    subject = subject[:SUBJECT_CHARACTERS]
    text = f"{subject}\n{description[:DESCRIPTION_CHARACTERS]}".translate(QUOTES).strip()
    if len(text) < LETTERS_LEAST:
        return []
    found = search_articles(text, user=user, limit=LOOKED_AT).found
    near = [hit for hit in found if hit.relevance >= found[0].relevance * BESIDE_THE_BEST]
    fitting = (hit.article for hit in near if _fits(hit, subject, text))
    return [one for one in fitting if one.slug not in without][:OFFERED_MOST]


def _fits(hit: Found, subject: str, text: str) -> bool:
    if hit.likeness is not None and hit.likeness >= ALIKE_LEAST:
        return True
    article = hit.article
    telling = _roots(" ".join([article.title, article.summary, *map(str, article.tags)]))
    every = telling | _roots(article.text)
    return is_fit(_asked(subject), _asked(text), telling=telling, every=every)


def is_fit(subject: set[str], whole: set[str], *, telling: set[str], every: set[str]) -> bool:
    """Tell whether an article fits.

    subject, whole: what is asked for, in the summary and in all that was written.
    telling, every: what stands in the article's title, summary and tags, and in all of it.
    """
    is_about_it = bool(subject & telling) and len(subject & every) >= OF_THE_SUBJECT * len(subject)
    is_alike = len(whole & telling) >= TELLING_LEAST and len(whole & every) >= OF_THE_WHOLE * len(whole)
    return is_about_it or is_alike


def _asked(text: str) -> set[str]:
    return {root(word) for word in read(text).words}


def _roots(text: str) -> set[str]:
    return {root(word) for word in split(text)}
