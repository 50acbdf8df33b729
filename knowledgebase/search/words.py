"""From any text to words that are safe to look for. What a search engine would take for syntax never leaves here.

Articles and questions go through the same `split`, so both sides always agree on what a word is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

TEXT_MOST = 10_000  # characters of a question that are looked at
WORDS_MOST = 60  # distinct words of a question that count: the first ones
WORD_LENGTH_MOST = 60
PHRASES_MOST, PHRASE_WORDS_MOST = 5, 12
SYNONYMS_MOST = 20
# Letters and digits; the marks of scripts that write their vowels above or below belong to the word.
WORD = re.compile(r"(?:[^\W_][\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u0e31-\u0e4e]*)+")
QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|„([^“]+)“|«([^»]+)»')
ACCENTED = re.compile(r"([A-Za-z])[\u0300-\u036f]+")
# The list of the Snowball project, which PostgreSQL uses too.
STOP_WORDS = frozenset(
    """i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself
    it its itself they them their theirs themselves what which who whom this that these those am is are was were be been
    being have has had having do does did doing a an the and but if or because as until while of at by for with about
    against between into through during before after above below to from up down in out on off over under again further
    then once here there when where why how all any both each few more most other some such no nor not only own same so
    than too very s t can will just don should now""".split()  # noqa: SIM905 - read as a list of words
)
# Endings of English words, the longest first. What is left must keep its first three letters.
ENDINGS = re.compile(r"(?<=\w{3})(?:ations?|ings?|ions?|ments?|ers?|ed|ly|e?s|e|y|ie)$")


@dataclass(frozen=True)
class Question:
    """What is asked, in words.

    words: the distinct words that count, in the order in which they stand; empty for a text without any.
    phrases: words in quotes, as `a b c`, which must stand together.   synonyms: words or phrases that count as well.
    """

    text: str
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.words, *self.synonyms)))


def read(text: str, *, stop: Collection[str] = (), synonyms: Iterable[Sequence[str]] = ()) -> Question:
    """Return what `text` asks for.

    stop: words that say nothing here; they count only where there are no others.
    synonyms: groups of words or phrases that mean the same.
    """
    text = text[:TEXT_MOST]
    spoken = split(text)
    distinct = list(dict.fromkeys(spoken))
    telling = [word for word in distinct if word not in STOP_WORDS and word not in stop]
    words = tuple((telling or distinct)[:WORDS_MOST])
    phrases = (" ".join(split("".join(found))[:PHRASE_WORDS_MOST]) for found in QUOTED.findall(text)[:PHRASES_MOST])
    whole = tuple(dict.fromkeys(phrase for phrase in phrases if " " in phrase))
    return Question(text, words, whole, _alternatives(spoken[: WORDS_MOST * 2], words, synonyms))


def split(text: str) -> list[str]:
    """Return the words of `text` in lower case, Latin letters without their accents."""
    plain = unicodedata.normalize("NFKC", text).lower()
    if not plain.isascii():
        plain = ACCENTED.sub(r"\1", unicodedata.normalize("NFD", plain))
        plain = unicodedata.normalize("NFC", plain)
    return [word[:WORD_LENGTH_MOST] for word in WORD.findall(plain)]


def replace(text: str, better: dict[str, str]) -> str:
    """Return `text` with each word that has a better one replaced by that.   better: words of `split` -> words."""

    def of(match: re.Match[str]) -> str:
        parts = split(match[0])
        return better.get(parts[0], match[0]) if len(parts) == 1 else match[0]

    return WORD.sub(of, text)


@lru_cache(maxsize=50_000)
def root(word: str) -> str:
    """Return what a word shares with its inflections: connect for connecting, connection and connected.

    Decides what is marked in an excerpt, not what is found: that is for the engine's own stemmer.
    """
    if not word.isascii() or len(word) < 4:
        return word
    left = ENDINGS.sub("", word)
    if len(left) > 3 and left[-1] == left[-2] and left[-1] not in "aeiouls":
        left = left[:-1]
    return left[:-1] if len(left) > 3 and left[-1] in "iey" else left


def _alternatives(spoken: list[str], words: tuple[str, ...], groups: Iterable[Sequence[str]]) -> tuple[str, ...]:
    said = f" {' '.join(spoken)} "
    found: dict[str, None] = {}
    for group in groups:
        terms = [" ".join(split(term)[:PHRASE_WORDS_MOST]) for term in group]
        if any(term and f" {term} " in said for term in terms):
            found.update(dict.fromkeys(term for term in terms if term and term not in words))
    return tuple(found)[:SYNONYMS_MOST]
