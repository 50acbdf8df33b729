"""What is asked of the queue: a view, what the address changes of it, and words to look for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from accounts.models import User
from tickets import finding
from tickets.access import may_work
from tickets.console.filters import BY_NAME
from tickets.models import SavedView, Ticket
from tickets.querysets import TicketQuerySet
from tickets.wordsearch import one_of

COLUMNS = {
    "requester": "Requester",
    "status": "Status",
    "assignee": "Assignee",
    "due": "Time left",
    "updated": "Updated",
    "created": "Created",
    "team": "Team",
    "area": "About",
    "channel": "Channel",
    "tags": "Tags",
}
USUAL_COLUMNS = ("requester", "status", "assignee", "due")


@dataclass(frozen=True)
class Asked:
    """One look at the queue. view: the saved view it began from.   filters: as finding.condition takes them."""

    view: SavedView | None = None
    filters: dict[str, list[str]] = field(default_factory=dict)
    sort: str = finding.DEFAULT_SORT
    columns: tuple[str, ...] = USUAL_COLUMNS
    words: str = ""

    @classmethod
    def read(cls, query: QueryDict, reader: User) -> Asked:
        """Read an address. A filter it names, though empty, stands in the place of the view's."""
        number = query.get("view", "")
        views = SavedView.objects.visible_to(reader).select_related("team")
        view = views.filter(pk=int(number)).first() if _is_number(number) else None
        filters = {name: list(values) for name, values in (view.filters if view else {}).items() if name in BY_NAME}
        filters |= {name: [v for v in query.getlist(name) if v.strip()] for name in BY_NAME if name in query}
        columns = query.getlist("column") or (view.columns if view else [])
        sort = query.get("sort") or (view.sort if view else "")
        return cls(
            view=view,
            filters={name: values for name, values in filters.items() if values},
            sort=sort if sort in finding.SORTS else finding.usual_sort(filters),
            columns=tuple(name for name in COLUMNS if name in columns) or USUAL_COLUMNS,
            words=query.get("q", "").strip(),
        )

    def tickets(self, reader: User) -> TicketQuerySet:
        """Return what is asked for, in its order."""
        aside = {"snoozed": ["any"]} if self.words or "all" in self.filters.get("status", ()) else {}
        found = Ticket.objects.visible_to(reader).filter(finding.condition(aside | self.filters, reader))
        if self.words:
            found = found.matching(self.words, is_staff=may_work(reader))
        return found.order_by(*finding.SORTS[self.sort].terms)

    def among(self, keys: Sequence[int]) -> TicketQuerySet:
        """Return the tickets of `keys`, which were found for the reader, in the order asked for."""
        return Ticket.objects.filter(one_of(keys)).order_by(*finding.SORTS[self.sort].terms)

    # --- addresses ---

    def pairs(self, **changed: Any) -> list[tuple[str, str]]:
        """Return the address's parameters, each of `changed` in the place of what stands there."""
        pairs: list[tuple[str, str]] = []
        if self.view:
            pairs.append(("view", str(self.view.pk)))
        for name in BY_NAME:
            values = changed.get(name, self.filters.get(name, []))
            of_view = self.view.filters.get(name, []) if self.view else []
            if list(values) != list(of_view):
                pairs += [(name, value) for value in values] or [(name, "")]
        sort = changed.get("sort", self.sort)
        if sort != ((self.view.sort if self.view else "") or finding.usual_sort(self.filters)):
            pairs.append(("sort", sort))
        columns = tuple(changed.get("column", self.columns))
        if columns != (tuple((self.view.columns if self.view else []) or USUAL_COLUMNS)):
            pairs += [("column", name) for name in columns]
        words = changed.get("q", self.words)
        return [*pairs, *([("q", words)] if words else [])]

    def address(self, **changed: Any) -> str:
        return f"?{urlencode(self.pairs(**changed))}"

    @property
    def is_changed(self) -> bool:
        """Tell whether the address asks for something else than its view, or than the plain queue."""
        return any(name not in ("view", "q") for name, _ in self.pairs())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
