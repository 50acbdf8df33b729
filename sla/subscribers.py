"""How promises react to what happens, in the transaction in which it happens."""

from __future__ import annotations

from accounts.events import ORGANIZATION_CHANGED
from common import journal
from common.journal import Event
from sla.following import FOLLOWED, concerns_terms
from sla.services.clocks import follow
from sla.services.recalculation import plan_for_organization


def register() -> None:
    journal.subscribe(FOLLOWED, follow)
    journal.subscribe((ORGANIZATION_CHANGED,), follow_organization)


def follow_organization(event: Event) -> None:
    """A new tier is taken to the organization's open tickets by a job, from the instant of the change (T3)."""
    if concerns_terms(event):
        plan_for_organization(event)
