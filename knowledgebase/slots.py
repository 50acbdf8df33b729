"""Where rooms to the right show what they know on the pages of the help centre."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from common.slots import PageSlot, Slot
from knowledgebase.models import Article


@dataclass(frozen=True)
class Typed:
    """What somebody has typed into the search so far, and who. words: of the text, in lower case."""

    reader: User | AnonymousUser
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Offer:
    """One line to choose. marked_title: safe HTML with <mark>."""

    url: str
    marked_title: str


@dataclass(frozen=True)
class OfferGroup:
    """Lines of one kind, below their heading.   comes_first: before the articles."""

    heading: str
    glyph: str
    offers: list[Offer]
    comes_first: bool = False


OFFERS: PageSlot[Typed] = PageSlot("what is offered beside articles while somebody types", shape="OfferGroup or None")
STATE: PageSlot[User | AnonymousUser] = PageSlot(
    "how the service is, under the header of the start page",
    shape="as components/banner.html takes it: {strong, text, url, link, tone, glyph}",
)
REPLY_TIMES: PageSlot[User | AnonymousUser] = PageSlot(
    "how soon a question is answered, beside the way to ask it on the start page",
    shape="a sentence or two, words or safe HTML with <strong>",
)
INCIDENTS: Slot[Article] = Slot(
    "what is broken just now of the component that an article is on, before its title",
    shape="as components/alert.html takes it: {strong, text, url, link, tone}",
)
