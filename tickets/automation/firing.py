"""Which events may fire a rule, by name: a rule need not know the room that records them."""

from __future__ import annotations

from common import journal

EVENTS: dict[str, str] = {
    "ticket.opened": "A ticket is opened",
    "message.customer_message_posted": "The customer writes",
    "message.public_reply_posted": "An agent answers",
    "message.internal_note_added": "An internal note is added",
    "ticket.status_changed": "The status changes",
    "ticket.solved": "A ticket is solved",
    "ticket.reopened": "A ticket is opened again",
    "ticket.closed": "A ticket is closed",
    "ticket.cancelled": "A ticket is cancelled",
    "ticket.assigned": "A ticket is assigned",
    "ticket.team_changed": "A ticket goes to another team",
    "ticket.priority_changed": "The priority changes",
    "ticket.fields_changed": "Tags or details change",
    "ticket.merged": "A ticket is merged into another",
    "ticket.follower_added": "A person is added",
    "attachment.added": "A file is attached",
    "sla.warning_reached": "A deadline comes near",
    "sla.breached": "A deadline passes",
    "sla.escalation_reached": "A deadline is long gone",
}
# Recorded by this room's services, whose end the rules wait for. Any other is worked off by a task.
OWN_PREFIXES = ("ticket.", "message.", "attachment.")


def offered() -> dict[str, str]:
    """Return the kinds that some room records, and their words."""
    known = journal.kinds()
    return {name: words for name, words in EVENTS.items() if name in known}


def is_own(kind: str) -> bool:
    return kind.startswith(OWN_PREFIXES)
