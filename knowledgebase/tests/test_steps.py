"""The first steps of an article."""

from __future__ import annotations

import pytest

from common.richtext import render
from knowledgebase.steps import first_steps


def told(source: str, **more: int) -> tuple[str, int]:
    steps = first_steps(render(source), **more)
    return steps.html.replace("\n", ""), steps.more


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ("", 0)),
        ("Intro [there](/x) & more.\n\nSecond.", ("<p>Intro there &amp; more.</p>", 0)),
        ("Intro.\n\n1. One\n2. Two\n3. Three", ("<ol><li>One</li><li>Two</li></ol>", 1)),
        ("1. One\n   1. in\n   2. in\n2. Two", ("<ol><li>One<ol><li>in</li><li>in</li></ol></li><li>Two</li></ol>", 0)),
        ("1. A\n\ntext\n\n1) B\n2) C", ("<ol><li>A</li></ol>", 0)),
        ("> 1. Quoted\n\nText.", ("<p>Text.</p>", 0)),
        ("1. `a < b` [x](/y)", ("<ol><li><code>a &lt; b</code> x</li></ol>", 0)),
        ("# Only\n\n- a\n- list", ("", 0)),
    ],
)
def test_first_steps(source, expected):
    assert told(source, most=2) == expected


def test_hostile_text_stays_text():
    html, _more = told("1. <img src=x onerror=y> &lt;script&gt; [a](javascript:x)\n2. </li></ol><script>")
    assert "<img" not in html
    assert "<script" not in html
    assert "href" not in html
    assert html.count("<ol>") == html.count("</ol>") == 1
