"""Markdown in, safe HTML out: the one place where text of people becomes markup.

Raw HTML in the source is shown as text; what the renderer makes still passes an allow-list, so a fault
in one of the two is caught by the other.
"""

from __future__ import annotations

import html
import re

import nh3
from markdown_it import MarkdownIt

TAGS = {
    *("a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre"),
    *("s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {"a": {"href", "title"}, "code": {"class"}, "ol": {"start"}, "td": {"align"}, "th": {"align"}}
SCHEMES = {"http", "https", "mailto"}

# Control characters that no database column and no XML can hold; tab and line ends stay.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# Images of people's messages are not rendered: they would tell a third party who reads, and when.
_markdown = (
    MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    .enable(["table", "strikethrough"])
    .disable("image")
)


def clean_text(text: str) -> str:
    """Return `text` with one kind of line end and without the characters that cannot be stored."""
    return UNSTORABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def render(source: str) -> str:
    """Return the sanitized HTML of a Markdown `source`."""
    return nh3.clean(
        _markdown.render(source),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


def to_plain(rendered: str) -> str:
    """Return the words of rendered HTML, for excerpts."""
    without_tags = nh3.clean(re.sub(r"</(p|li|h\d|tr|pre|blockquote)>|<br>", " ", rendered), tags=set())
    return " ".join(html.unescape(without_tags).split())
