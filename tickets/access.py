"""Who may do what with a ticket; asked by page, API, console and mail alike. Which rows: `visible_to`."""

from __future__ import annotations

from accounts.models import User
from common.actors import Actor, Person
from common.errors import NotAllowed, NotFound
from tickets.models import SavedView, Ticket
from tickets.rules import CUSTOMER_MAY_CANCEL
from tickets.vocabulary import Status

# What a customer may change of a ticket; everything else is the agents'.
CUSTOMER_FIELDS = frozenset({"product_area", "environment", "product_version", "custom_fields"})


def may_work(user: User) -> bool:
    """Tell whether `user` may answer and change tickets."""
    return user.is_active and user.has_perm("tickets.work_ticket")


def may_see(user: User, ticket: Ticket) -> bool:
    return Ticket.objects.visible_to(user).filter(pk=ticket.pk).exists()


def may_cancel(user: User, ticket: Ticket) -> bool:
    return may_work(user) or ticket.status in CUSTOMER_MAY_CANCEL


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


def require_work(by: Actor) -> None:
    """Raise NotAllowed unless `by` works tickets. Rules and the portal itself may."""
    if isinstance(by, User) and not may_work(by):
        raise NotAllowed("Only the support team can do this.")


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
