"""Markdown in, safe HTML out: the one place where text of people becomes markup.

Raw HTML in the source is shown as text; what the renderer makes still passes an allow-list, so a fault
in one of the two is caught by the other.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    *("a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre"),
    *("s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {"a": {"href", "title"}, "code": {"class"}, "ol": {"start"}, "td": {"align"}, "th": {"align"}}
SCHEMES = {"http", "https", "mailto"}
IMAGE_ATTRIBUTES = {"src", "alt", "title", "width", "height", "loading", "decoding"}
OWN_FILE = "file:"  # how a text names a file that was uploaded with it: file:diagram.png

# Control characters that no database column and no XML can hold; tab and line ends stay.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# Images of people's messages are not rendered: they would tell a third party who reads, and when.
_markdown = (
    MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    .enable(["table", "strikethrough"])
    .disable("image")
)


@dataclass(frozen=True)
class Upload:
    """A file that was uploaded with a text. url: its address here. width, height: of a picture, in pixels."""

    url: str
    is_picture: bool = False
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class Image:
    """An image that a text shows. file: the name of an uploaded one, else "". alt: what it shows, in words."""

    address: str
    file: str
    alt: str


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


def render_with_files(source: str, files: Mapping[str, Upload]) -> str:
    """Return the sanitized HTML of a Markdown `source` that shows and links its uploaded `files` by their names.

    Images from elsewhere become links: shown in place they would tell a third party who reads, and when.
    """
    return nh3.clean(
        _with_files.render(source, {"files": files}),
        tags=TAGS | {"img"},
        attributes={**ATTRIBUTES, "img": IMAGE_ATTRIBUTES},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


def images_in(source: str) -> list[Image]:
    """Return the images of a Markdown `source`, in their order."""
    found = (child for token in _with_files.parse(source) for child in token.children or () if child.type == "image")
    return [Image(unquote(str(one.attrs["src"])), _file_named(one.attrs["src"]), _alt(one)) for one in found]


def to_plain(rendered: str) -> str:
    """Return the words of rendered HTML, for excerpts."""
    without_tags = nh3.clean(re.sub(r"</(p|li|h\d|tr|pre|blockquote)>|<br>", " ", rendered), tags=set())
    return " ".join(html.unescape(without_tags).split())


def _file_named(address: object) -> str:
    """Return the name of the uploaded file that `address` means; "" where it means something else."""
    words = unquote(str(address))
    return words[len(OWN_FILE) :] if words.lower().startswith(OWN_FILE) else ""


def _alt(token: Token) -> str:
    return _with_files.renderer.renderInlineAsText(token.children, _with_files.options, {}).strip()  # type: ignore[attr-defined]


def _image(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    token = tokens[place]
    alt, name = html.escape(_alt(token)), _file_named(token.attrs["src"])
    upload: Upload | None = env["files"].get(name)
    if upload is not None and upload.is_picture:
        size = f' width="{upload.width}" height="{upload.height}"' if upload.width and upload.height else ""
        return f'<img src="{html.escape(upload.url)}" alt="{alt}"{size} loading="lazy" decoding="async">'
    if name or not re.match(r"https?:", str(token.attrs["src"]), re.IGNORECASE):
        return alt
    address = html.escape(str(token.attrs["src"]))
    return f'<a href="{address}">{alt or address}</a>'


def _link_open(self: Any, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
    token = tokens[place]
    if name := _file_named(token.attrs["href"]):
        upload: Upload | None = env["files"].get(name)
        if upload is None:
            del token.attrs["href"]
        else:
            token.attrs["href"] = upload.url
    return str(self.renderToken(tokens, place, options, env))


def _renderer_with_files() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    renderer.enable(["table", "strikethrough"])
    is_harmless = renderer.validateLink
    renderer.validateLink = lambda url: url.lower().startswith(OWN_FILE) or is_harmless(url)  # type: ignore[method-assign]
    renderer.add_render_rule("image", _image)
    renderer.add_render_rule("link_open", _link_open)
    return renderer


_with_files = _renderer_with_files()
