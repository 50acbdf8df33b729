"""How easily a text reads, as its writers are told."""

from __future__ import annotations

import pytest

from common.richtext import render
from knowledgebase.readability import level_of, reading_ease

PLAIN = "The cat sat on the mat. The dog ran to the man. " * 5
STIFF = (
    "Notwithstanding organizational heterogeneity, administrators systematically operationalize "
    "interdepartmental interoperability considerations necessitating comprehensive documentation. "
) * 4


def test_short_words_in_short_sentences_read_easily():
    # 6 words and 6 syllables a sentence: 206.835 - 1.015 * 6 - 84.6 * 1
    assert reading_ease(PLAIN) == 116
    assert reading_ease(STIFF) < 0
    assert reading_ease("Too short to judge.") is None
    assert reading_ease("") is None


@pytest.mark.parametrize(
    ("source", "language", "words"),
    [
        (PLAIN, "en", "Easy to read (116 on"),
        (PLAIN, "en-GB", "Easy to read"),
        (STIFF, "en", "Very hard to read ("),
        (PLAIN, "de", "-"),
        ("Short.", "en", "-"),
        (f"```\n{STIFF}\n```\n\n{PLAIN}", "en", "Easy to read (116"),
    ],
)
def test_level_is_told_in_words(source, language, words):
    assert level_of(render(source), language).startswith(words)


def test_list_items_end_their_sentences():
    items = "\n".join(f"{number}. Open the box and look at it" for number in range(1, 9))
    assert level_of(render(items), "en").startswith("Easy to read")
