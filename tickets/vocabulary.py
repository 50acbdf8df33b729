"""The words of a ticket's life: states, priorities, channels, and how each is shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class Status(models.TextChoices):
    NEW = "NEW", "New"
    OPEN = "OPEN", "Open"
    PENDING = "PENDING", "Pending"
    ON_HOLD = "ON_HOLD", "On hold"
    SOLVED = "SOLVED", "Solved"
    CLOSED = "CLOSED", "Closed"
    CANCELLED = "CANCELLED", "Cancelled"


class Priority(models.TextChoices):
    P1_CRITICAL = "P1_CRITICAL", "Critical"
    P2_HIGH = "P2_HIGH", "High"
    P3_NORMAL = "P3_NORMAL", "Normal"
    P4_LOW = "P4_LOW", "Low"


class PrioritySource(models.TextChoices):
    """Who set the priority."""

    SUBMITTED = "SUBMITTED", "Given by the requester"
    TRIAGE = "TRIAGE", "Set by a triage rule"
    DEFAULT = "DEFAULT", "Nobody said anything"
    AGENT = "AGENT", "Set by an agent"


class Environment(models.TextChoices):
    PRODUCTION = "PRODUCTION", "Production"
    STAGING = "STAGING", "Staging"
    DEVELOPMENT = "DEVELOPMENT", "Development"
    OTHER = "OTHER", "Other"


class Channel(models.TextChoices):
    """The way in."""

    WEB = "WEB", "web form"
    EMAIL = "EMAIL", "email"
    SLACK = "SLACK", "Slack"
    API = "API", "API"
    CONSOLE = "CONSOLE", "console"
    IMPORT = "IMPORT", "import"


class MessageKind(models.TextChoices):
    CUSTOMER_MESSAGE = "CUSTOMER_MESSAGE", "Customer message"
    PUBLIC_REPLY = "PUBLIC_REPLY", "Public reply"
    INTERNAL_NOTE = "INTERNAL_NOTE", "Internal note"


class LinkKind(models.TextChoices):
    """What the first ticket is to the second."""

    RELATED = "RELATED", "related to"
    DUPLICATE_OF = "DUPLICATE_OF", "a duplicate of"
    FOLLOW_UP_OF = "FOLLOW_UP_OF", "a follow-up of"
    SPLIT_FROM = "SPLIT_FROM", "split from"
    CHILD_OF = "CHILD_OF", "part of"
    BLOCKED_BY = "BLOCKED_BY", "waiting for"
    CAUSED_BY = "CAUSED_BY", "an incident of"


SPAM = "spam"  # the tag of a ticket that is nobody's question
OPEN_STATUSES = (Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD)
FINAL_STATUSES = (Status.CLOSED, Status.CANCELLED)

# Older and other systems' spellings that input may use (decisions C1 and C3). Case never matters.
STATUS_ALIASES = {"IN_PROGRESS": Status.OPEN, "WAITING_ON_CUSTOMER": Status.PENDING}
PRIORITY_ALIASES = {
    **{"P1": Priority.P1_CRITICAL, "P2": Priority.P2_HIGH, "P3": Priority.P3_NORMAL, "P4": Priority.P4_LOW},
    **{"URGENT": Priority.P1_CRITICAL, "HIGH": Priority.P2_HIGH, "NORMAL": Priority.P3_NORMAL, "LOW": Priority.P4_LOW},
}


@dataclass(frozen=True)
class Look:
    """How a state is shown: tone and glyph of the design language, and the customer's words."""

    tone: str
    glyph: str
    customer_words: str


STATUS_META: dict[str, Look] = {
    Status.NEW: Look("blue", "circle-dashed", "Received"),
    Status.OPEN: Look("teal", "circle-dot", "We are working on it"),
    Status.PENDING: Look("violet", "hourglass", "Waiting for your answer"),
    Status.ON_HOLD: Look("stone", "circle-pause", "Waiting for a third party"),
    Status.SOLVED: Look("green", "circle-check", "Solved"),
    Status.CLOSED: Look("grey", "archive", "Closed"),
    Status.CANCELLED: Look("grey", "ban", "Cancelled"),
}
PRIORITY_META: dict[str, Look] = {
    Priority.P1_CRITICAL: Look("red", "chevrons-up", "Critical"),
    Priority.P2_HIGH: Look("amber", "chevron-up", "High"),
    Priority.P3_NORMAL: Look("grey", "equal", "Normal"),
    Priority.P4_LOW: Look("grey", "chevron-down", "Low"),
}
