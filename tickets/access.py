"""Who may do what with a ticket; asked by page, API, console and mail alike. Which rows: `visible_to`.

Four rights of a role decide what an agent sees and works: `view_ticket` and `work_ticket` say that they do, for the
tickets that are their own; `see_every_ticket` and `work_every_ticket` that they do for all. docs/roles.md tells it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from accounts.models import User
from common.actors import Actor, Person
from common.errors import NotAllowed, NotFound
from tickets.models import SavedView, Ticket
from tickets.rules import CUSTOMER_MAY_CANCEL
from tickets.vocabulary import Status

# What a customer may change of a ticket; everything else is the agents'.
CUSTOMER_FIELDS = frozenset({"product_area", "environment", "product_version", "custom_fields"})


# The person and the ticket of a deed of several steps, where they might work it when the deed began.
_deed: ContextVar[tuple[int, int] | None] = ContextVar("deed", default=None)


def sees_every(user: User) -> bool:
    """Tell whether no ticket is hidden from `user`."""
    return user.has_perms(("tickets.view_ticket", "tickets.see_every_ticket"))


def may_see(user: User, ticket: Ticket) -> bool:
    if sees_every(user) or _deed.get() == (user.pk, ticket.pk):
        return True
    return Ticket.objects.visible_to(user).filter(pk=ticket.pk).exists()


def may_work(user: User, ticket: Ticket | None = None) -> bool:
    """Tell whether `user` may answer and change `ticket`; without one, whether they work tickets at all."""
    if not (user.is_active and user.has_perm("tickets.work_ticket")):
        return False
    if ticket is None or _deed.get() == (user.pk, ticket.pk):
        return True
    return (user.has_perm("tickets.work_every_ticket") and sees_every(user)) or is_own(user, ticket)


def is_own(user: User, ticket: Ticket) -> bool:
    """Tell whether the ticket is theirs to begin with: assigned to them, of one of their teams, or of no team yet."""
    if ticket.team_id is None or ticket.assignee_id == user.pk:
        return True
    return user.teams.filter(pk=ticket.team_id).exists()


def may_take_part(user: User, ticket: Ticket) -> bool:
    """Tell whether `user`, who sees `ticket`, may act on it: as an agent, or on the customer's side.

    Staff who see it because of their role and may not work it only look on.
    """
    is_customers = ticket.requester_id == user.pk or not user.has_perm("tickets.view_ticket")
    return is_customers or may_work(user, ticket)


@contextmanager
def one_deed(by: User, ticket: Ticket) -> Iterator[None]:
    """Let `by` finish what they begin on a ticket they may work: a step may give it to a team they are not in."""
    token = _deed.set((by.pk, ticket.pk)) if may_see(by, ticket) and may_work(by, ticket) else None
    try:
        yield
    finally:
        if token is not None:
            _deed.reset(token)


def may_cancel(user: User, ticket: Ticket) -> bool:
    return may_work(user, ticket) or ticket.status in CUSTOMER_MAY_CANCEL


def may_solve(user: User, ticket: Ticket) -> bool:
    return ticket.is_open


def may_reopen(user: User, ticket: Ticket) -> bool:
    return ticket.status == Status.SOLVED


def ticket_for(user: User, reference: str) -> Ticket:
    """Return the ticket `user` asks for by its reference.

    Raises: NotFound, also where it exists and is not theirs to see.
    """
    ticket = Ticket.objects.visible_to(user).with_reference(reference).first()
    if ticket is None:
        raise NotFound("There is no such ticket, or it is not yours to see.")
    return ticket


def require_work(by: Actor, ticket: Ticket | None = None) -> None:
    """Raise NotAllowed unless `by` may work `ticket`; without one, unless they work tickets at all.

    Rules and the portal itself may.
    """
    if not isinstance(by, User):
        return
    if not may_work(by):
        raise NotAllowed("Only the support team can do this.")
    if ticket is not None and not may_work(by, ticket):
        raise NotAllowed(f"{ticket.reference} belongs to the team {ticket.team}. Only its members can do this.")


def require_part(by: Actor, ticket: Ticket, *, via_link: bool = False) -> None:
    """Raise NotFound unless `by` sees `ticket`, NotAllowed where they only look on."""
    require_sight(by, ticket, via_link=via_link)
    if isinstance(by, User) and not via_link and not may_take_part(by, ticket):
        require_work(by, ticket)


def require_sight(by: Actor, ticket: Ticket, *, via_link: bool = False) -> None:
    """Raise NotFound unless `by` may see `ticket`. via_link: they came by the secret link, which is sight enough."""
    if isinstance(by, Person) and not via_link and not (isinstance(by, User) and may_see(by, ticket)):
        raise NotFound("There is no such ticket, or it is not yours to see.")


def may_keep(user: User, view: SavedView) -> bool:
    """Tell whether `user` may keep, change and remove this view."""
    if view.owner_id:
        return view.owner_id == user.pk
    if user.has_perm("tickets.change_savedview"):
        return True
    return view.team_id is not None and user.teams.filter(pk=view.team_id).exists()


def require_keeping(by: User, view: SavedView) -> None:
    """Raise NotAllowed unless `by` may keep this view."""
    if not may_keep(by, view):
        whose = "a team you are not in" if view.team_id else "somebody else" if view.owner_id else "everybody"
        raise NotAllowed(f"You cannot change a view of {whose}. Save it as your own instead.")
