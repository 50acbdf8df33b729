"""How easily an English text reads, for those who write it."""

from __future__ import annotations

import re

WORDS_LEAST = 30  # below that the number jumps with every word
LEVELS = ((70, "Easy to read"), (50, "Readable"), (30, "Hard to read"), (float("-inf"), "Very hard to read"))
WORD = re.compile(r"[a-z]+(?:['’-][a-z]+)*", re.IGNORECASE)
BLOCK = re.compile(r"<pre>.*?</pre>", re.DOTALL)
END_OF_BLOCK = re.compile(r"</(?:p|li|h\d|td|th|blockquote)>")


def reading_ease(text: str) -> int | None:
    """Return Flesch's reading ease of plain English: about 100 is a child's book, below 30 a law.

    None for a text too short to judge.   Source: R. Flesch, "A new readability yardstick", 1948.
    """
    words = WORD.findall(text)
    if len(words) < WORDS_LEAST:
        return None
    sentences = max(1, len(re.findall(r"[.!?:]+(?:\s|$)|\n+", text.strip() + "\n")))
    syllables = sum(map(_syllables, words))
    return round(206.835 - 1.015 * len(words) / sentences - 84.6 * syllables / len(words))


def level_of(rendered: str, language: str) -> str:
    """Return how an article reads in words, "-" where nobody can say: another language, or too few words.

    rendered: its sanitized HTML. Code blocks are not read; each paragraph and list item ends a sentence.
    """
    ended = END_OF_BLOCK.sub("\n", BLOCK.sub("\n", rendered))
    ease = reading_ease(re.sub(r"<[^>]+>", "", ended)) if language.lower().startswith("en") else None
    if ease is None:
        return "-"
    words = next(words for least, words in LEVELS if ease >= least)
    return f"{words} ({ease} on Flesch’s scale; aim for 50 or more)"


def _syllables(word: str) -> int:
    """Count groups of vowels, without a silent e at the end."""
    lower = word.lower()
    groups = len(re.findall(r"[aeiouy]+", lower))
    if lower.endswith("e") and not lower.endswith(("le", "ee")) and groups > 1:
        groups -= 1
    return max(1, groups)
