"""Markdown in, harmless HTML out."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.richtext import (
    ATTRIBUTES,
    IMAGE_ATTRIBUTES,
    TAGS,
    Image,
    Upload,
    clean_text,
    images_in,
    render,
    render_with_files,
    to_plain,
)

MALICIOUS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "malicious"


FILES = {
    "d.png": Upload("/files/d.png", is_picture=True, width=640, height=480),
    "größe.png": Upload("/files/g.png", is_picture=True),
    "a.csv": Upload("/files/a.csv"),
}


class Inert(HTMLParser):
    """Refuses any tag, attribute or address that rich text may not have."""

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS | {"img"}
        for name, value in attrs:
            assert name in (IMAGE_ATTRIBUTES if tag == "img" else ATTRIBUTES.get(tag, set()) | {"rel"})
            if name == "src":
                assert value in {file.url for file in FILES.values()}
            if name == "href":
                assert re.match(r"(https?:|mailto:|[/#?]|[^:]*$)", value or "", re.IGNORECASE)


def check(source: str) -> None:
    for rendered in (render(source), render_with_files(source, FILES)):
        parser = Inert()
        parser.feed(rendered)
        parser.close()


@given(st.text(max_size=300))
def test_any_text_is_inert(source):
    check(source)


@given(
    st.lists(
        st.sampled_from(
            [
                *("<script>", "javascript:", "](", "[a", "<svg/onload=x>", "`", "\n", "&#x6a;", "<", '"', "data:"),
                *("![", "file:d.png", ")"),
            ]
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


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            '![a *b* "c"](file:d.png)',
            '<img src="/files/d.png" alt="a b &quot;c&quot;" width="640" height="480" loading="lazy" decoding="async">',
        ),
        ("![x](file:größe.png)", '<img src="/files/g.png" alt="x" loading="lazy" decoding="async">'),
        ("![<b>](file:d.png)", 'alt="&lt;b&gt;"'),
        ("[rows](file:a.csv)", '<a href="/files/a.csv"'),
        ("[rows](file:b.csv)", '<a rel="noopener noreferrer nofollow">rows</a>'),
        ("[x](file:///etc/passwd)", '<a rel="noopener noreferrer nofollow">x</a>'),
        ("![gone](file:gone.png)", "<p>gone</p>"),
        ("![rows](file:a.csv)", "<p>rows</p>"),
        ("![near](img/near.png)", "<p>near</p>"),
        ("![far](https://e.example/far.png)", '<a href="https://e.example/far.png"'),
    ],
)
def test_uploaded_files_are_shown_and_linked_by_their_names(source, expected):
    assert expected in render_with_files(source, FILES)


def test_nothing_from_elsewhere_is_shown_beside_uploaded_files():
    source = (
        '![x](https://e.example/p.png) <img src="/x" onerror="x"> ![x](javascript:x) ![x](data:image/png;base64,AA)'
    )
    rendered = render_with_files(source, FILES)
    assert "<img" not in rendered
    assert "href" not in rendered.replace('href="https://e.example/p.png"', "")


def test_images_are_found_where_markdown_shows_them():
    found = images_in(
        "![](file:d.png)\n\n- ![two *words*](img/n.png)\n\n```\n![](file:no.png)\n```\n`![](file:no.png)`"
    )
    assert found == [Image("file:d.png", "d.png", ""), Image("img/n.png", "", "two words")]
