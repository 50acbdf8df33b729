"""Markdown in, harmless HTML out."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.richtext import ATTRIBUTES, TAGS, clean_text, render, to_plain

MALICIOUS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "malicious"


class Inert(HTMLParser):
    """Refuses any tag, attribute or address that rich text may not have."""

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS
        for name, value in attrs:
            assert name in ATTRIBUTES.get(tag, set()) | {"rel"}
            if name == "href":
                assert re.match(r"(https?:|mailto:|[/#?]|[^:]*$)", value or "", re.IGNORECASE)


def check(source: str) -> None:
    parser = Inert()
    parser.feed(render(source))
    parser.close()


@given(st.text(max_size=300))
def test_any_text_is_inert(source):
    check(source)


@given(
    st.lists(
        st.sampled_from(
            ["<script>", "javascript:", "](", "[a", "<svg/onload=x>", "`", "\n", "&#x6a;", "<", '"', "data:"]
        )
    )
)
def test_any_mixture_of_hostile_pieces_is_inert(pieces):
    check("".join(pieces))


@pytest.mark.skipif(not MALICIOUS.is_dir(), reason="../shared/data is not here")
@pytest.mark.parametrize("name", ["xss_html.jsonl", "xss_markdown.jsonl"])
def test_known_payloads_are_inert(name):
    for line in (MALICIOUS / name).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        check(next(value for value in row.values() if isinstance(value, str) and len(value) > 8))


def test_markdown_of_people_is_rendered():
    rendered = render("Run **this**:\n\n```\nodg count\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |\n")
    assert "<strong>this</strong>" in rendered
    assert "<pre><code>odg count" in rendered
    assert "<table>" in rendered


def test_an_image_of_somebody_else_is_not_loaded():
    assert "<img" not in render("![x](https://tracker.example/pixel.png)")


def test_unstorable_characters_go_and_line_ends_are_one_kind():
    assert clean_text("a\x00b\r\nc\rd\ud800") == "ab\nc\nd"


def test_the_words_of_rendered_text():
    assert to_plain(render("# Title\n\nA & *b* <script>")) == "Title A & b <script>"
