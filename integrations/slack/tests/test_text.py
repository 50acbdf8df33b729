"""What people wrote stays text in Slack, and what Slack hands over becomes text of ours."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.slack.text import clipped, escaped, from_slack, link, mentioned


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("<!channel> <!here>", "&lt;!channel&gt; &lt;!here&gt;"),
        ("<@U123> & <#C1|x>", "&lt;@U123&gt; &amp; &lt;#C1|x&gt;"),
        ("&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;"),
        ("a\r\nb\x00", "a\nb"),
    ],
)
def test_markup_of_people_is_shown_as_it_is(raw, shown):
    assert escaped(raw, 100) == shown


@given(st.text(max_size=300), st.integers(min_value=10, max_value=200))
def test_escaped_text_holds_no_markup_and_fits(text, most):
    shown = escaped(text, most)
    assert len(shown) <= most
    assert not re.search(r"[<>]", shown)
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
    assert html.unescape(shown.removesuffix("…")) in text.replace("\r\n", "\n").replace("\r", "\n") or len(shown) > 1


def test_a_link_cannot_be_broken_out_of():
    assert link("http://x/?a=<b>|c", "A|B>") == "<http://x/?a=%3Cb%3E%7Cc|A/B&gt;>"


def test_clipping():
    assert clipped("  a \n b  ", 10) == "a b"
    assert clipped("abcdef", 4) == "abc…"


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("ask <@U1> or <@U2|otto> or <@U3>", "ask @Agnes Moreau or @otto or @U3"),
        ("<#C1|general> <#C2>", "#general #C2"),
        ("<!here> <!subteam^S1|@ops>", "@here @ops"),
        ("<https://x.example/a|the page>", "[the page](https://x.example/a)"),
        ("<https://x.example/a>", "https://x.example/a"),
        ("<javascript:alert(1)|x>", "javascript:alert(1)"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_what_slack_hands_over_becomes_markdown(raw, read):
    assert from_slack(raw, {"U1": "Agnes Moreau"}) == read


def test_who_is_mentioned():
    assert mentioned("<@U1> <@W2|x> <@U1> @U9") == ["U1", "W2"]
