"""What the palette can do besides finding: new tickets, and on a ticket's page its verbs and macros."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from tickets.access import may_work
from tickets.models import Macro, Ticket

Entry = tuple[str, str, str, str]  # title, what it is, address, glyph of unfold

# What is pressed by a key on the ticket's page: its script does the same for an address that ends so.
VERBS = [
    ("Reply", "r", "reply"),
    ("Add internal note", "c", "lock"),
    ("Assign", "a", "person"),
    ("Set status", "s", "radio_button_checked"),
    ("Set priority", "p", "keyboard_double_arrow_up"),
    ("Tag", "t", "label"),
    ("Solve", "e", "check_circle"),
    ("Put aside", "z", "snooze"),
    ("Follow", "f", "notifications"),
]


def entries(request: HttpRequest) -> list[Entry]:
    """Return what the person can do from the page that they have open, whatever they look for."""
    user: User = request.user  # type: ignore[assignment]
    if not may_work(user):
        return []
    new = ("New ticket", "Action", reverse("admin:tickets_ticket_add"), "add")
    keys = ("Keys", "Action", "#key-?", "keyboard")
    ticket = _at_hand(request, user)
    if ticket is None:
        return [new, keys]
    macro_page = reverse("admin:tickets_macro_use", args=[ticket.reference])
    macros = [
        (macro.name, f"Macro on {ticket.reference}", f"{macro_page}?macro={macro.pk}", "bolt")
        for macro in Macro.objects.usable_by(user)
    ]
    verbs = [(title, f"Action on {ticket.reference}", f"#key-{key}", glyph) for title, key, glyph in VERBS]
    return [*verbs, *macros, new, keys]


def _at_hand(request: HttpRequest, user: User) -> Ticket | None:
    """Return the ticket whose page the palette was opened on, as htmx tells."""
    path = urlsplit(request.headers.get("HX-Current-URL", "")).path
    match = re.search(r"/tickets/ticket/([0-9]{1,18})/change/$", path)
    return Ticket.objects.visible_to(user).filter(pk=int(match[1])).first() if match else None
