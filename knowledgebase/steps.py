"""The first steps of an article, for places that have room for no more."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

from django.utils.safestring import SafeString

STEPS_MOST = 4
EMPTY = frozenset({"br", "hr", "img"})


@dataclass(frozen=True)
class Steps:
    """html: safe; the first items of the first numbered list, else the first paragraph.   more: steps that follow."""

    html: SafeString
    more: int = 0


def first_steps(body_html: str, *, most: int = STEPS_MOST) -> Steps:
    """Return how an article's body begins, without links: they would lead away from where somebody is reading.

    body_html: sanitized. What is taken of it is whole elements, written out anew.
    """
    reader = _Reader(most)
    reader.feed(body_html)
    reader.close()
    html = "".join(reader.steps or reader.paragraph)
    return Steps(SafeString(html), max(0, reader.count - most))  # sanitized when it was written  # nosec B703 B308


class _Reader(HTMLParser):
    """Takes down the first numbered list that stands in no other element, and the first such paragraph."""

    def __init__(self, most: int) -> None:
        super().__init__(convert_charrefs=True)
        self.most = most
        self.open: list[str] = []
        self.steps: list[str] = []
        self.paragraph: list[str] = []
        self.count = 0
        self._taken: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.open == ["ol"] and tag == "li" and "ol" not in self._taken:
            self.count += 1
        self._put(tag, f"<{tag}>")
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open:
            return
        while self.open.pop() != tag:
            pass
        self._put(tag, f"</{tag}>")
        if not self.open:
            self._taken.add(tag)

    def handle_data(self, data: str) -> None:
        self._put("", escape(data))

    def _put(self, tag: str, markup: str) -> None:
        outermost = self.open[0] if self.open else tag
        if tag == "a" or outermost in self._taken:
            return
        is_edge = outermost == "ol" and tag == "ol" and len(self.open) <= 1
        if outermost == "ol" and (self.count <= self.most or (is_edge and not self.open)):
            self.steps.append(markup)
        elif outermost == "p":
            self.paragraph.append(markup)
