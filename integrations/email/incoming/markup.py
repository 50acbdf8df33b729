"""HTML mails and plain ones, as Markdown; and the HTML original as what may be shown in a frame of its own."""

from __future__ import annotations

import html
import re

import nh3
from markdownify import MarkdownConverter

from common.richtext import clean_text

CHARACTERS_MOST = 2_000_000  # of one HTML part; what is longer is read as words without structure
DEPTH_MOST = 150  # of tags within tags, which the converter walks by calling itself
UNREAD = {"noscript", "script", "style", "template", "title"}  # whose content nobody is shown
STYLES = {
    *("background-color", "border", "border-collapse", "color", "font-size", "font-style", "font-weight", "height"),
    *("line-height", "margin", "padding", "text-align", "text-decoration", "vertical-align", "width"),
}


class _Converter(MarkdownConverter):  # type: ignore[misc]
    """Markdown as people write it: underlined headings and escaped dots read badly in a conversation."""

    def convert_img(self, el, text, parent_tags):  # type: ignore[no-untyped-def]
        alt = " ".join((el.attrs.get("alt") or "").split())
        source = el.attrs.get("src") or ""
        if source.lower().startswith("cid:"):
            return f"[Image: {alt or source[4:].partition('@')[0]}]"
        return f"[Image: {alt}]" if alt else ""

    def convert_blockquote(self, el, text, parent_tags):  # type: ignore[no-untyped-def]
        lines = text.strip("\n").split("\n")
        return "\n\n" + "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"


def markdown_of(source: str) -> str:
    """Return an HTML part as Markdown; as its bare words where its structure is beyond reading."""
    cleaned = nh3.clean(
        re.sub(r"</?(?:html|body|o:p)\b[^>]*>", "", source[:CHARACTERS_MOST], flags=re.IGNORECASE),
        clean_content_tags=UNREAD,
        attributes={"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "cid"},
        link_rel=None,
    )
    if _depth(cleaned) > DEPTH_MOST:
        return words_of(cleaned)
    try:
        text = _Converter(heading_style="atx", bullets="-", escape_misc=False).convert(cleaned)
    except (RecursionError, ValueError):
        return words_of(cleaned)
    text = clean_text(text).replace("\xa0", " ")
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip()


def _depth(cleaned: str) -> int:
    """Return how deep the tags of sanitized HTML go, counting too many rather than too few."""
    depth = deepest = 0
    for match in re.finditer(r"<(/?)([a-z0-9]+)", cleaned):
        if match[2] not in ("br", "img", "hr", "wbr", "col", "area"):
            depth += -1 if match[1] else 1
            deepest = max(deepest, depth)
    return deepest


def words_of(source: str) -> str:
    """Return the words of HTML, one block a line."""
    broken = re.sub(r"</(p|div|li|h\d|tr|pre|blockquote)>|<br\s*/?>", "\n", source, flags=re.IGNORECASE)
    text = html.unescape(nh3.clean(broken, tags=set(), clean_content_tags=UNREAD))
    lines = (" ".join(line.split()) for line in clean_text(text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def markdown_of_plain(text: str) -> str:
    """Return plain text as Markdown that reads the same: no line of it becomes a heading by accident."""
    text = re.sub(r"^( {0,3})(?=#{1,6}(?:\s|$)|=+\s*$|-{2,}\s*$)", r"\1\\", text, flags=re.MULTILINE)
    return text.replace("__", r"\_\_")


def shown_html(source: str, *, with_images: bool) -> str:
    """Return the sanitized original, to be shown under a policy that lets nothing run.

    with_images: let those be fetched from elsewhere; else they are left out, for they tell their owner who reads.
    """

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "src":
            is_remote = re.match(r"https?://", value, re.IGNORECASE) is not None
            return value if is_remote and with_images else None
        return value

    return nh3.clean(
        source[:CHARACTERS_MOST],
        tags=nh3.ALLOWED_TAGS | {"font"},
        clean_content_tags=UNREAD,
        attributes={
            "*": {"style", "align", "valign", "dir", "lang", "width", "height", "bgcolor", "color"},
            "a": {"href", "title"},
            "img": {"src", "alt", "title"},
            "td": {"colspan", "rowspan"},
            "th": {"colspan", "rowspan"},
            "table": {"border", "cellpadding", "cellspacing"},
            "ol": {"start"},
        },
        attribute_filter=attribute,
        filter_style_properties=STYLES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
