"""Where rooms to the right show what they know on the pages of the help centre."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from common.slots import PageSlot, Slot
from knowledgebase.models import Article

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
