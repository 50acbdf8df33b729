"""The words of a promise: what is measured, where a clock stands, what an escalation step does."""

from __future__ import annotations

from django.db import models


class Metric(models.TextChoices):
    FIRST_RESPONSE = "FIRST_RESPONSE", "First response"
    NEXT_RESPONSE = "NEXT_RESPONSE", "Next response"
    PERIODIC_UPDATE = "PERIODIC_UPDATE", "Regular update"
    RESOLUTION = "RESOLUTION", "Resolution"


class ClockState(models.TextChoices):
    """INACTIVE: nothing is promised at present. ERROR: its calendar has no working time to count."""

    RUNNING = "RUNNING", "Running"
    PAUSED = "PAUSED", "Paused"
    INACTIVE = "INACTIVE", "Nothing promised"
    STOPPED = "STOPPED", "Stopped"
    CANCELLED = "CANCELLED", "Cancelled"
    ERROR = "ERROR", "No working time"


class PauseReason(models.TextChoices):
    WAITING = "WAITING", "Waiting for the customer"
    HELD = "HELD", "On hold"
    MAINTENANCE = "MAINTENANCE", "Maintenance"


class StoppedBy(models.TextChoices):
    REPLY = "REPLY", "A public reply"
    RESOLUTION = "RESOLUTION", "Solved or closed"


class Action(models.TextChoices):
    """What an escalation step does. Those that write to somebody go through the outbox."""

    NOTIFY_ASSIGNEE = "NOTIFY_ASSIGNEE", "Notify the assignee"
    NOTIFY_TEAM = "NOTIFY_TEAM", "Notify the team"
    NOTIFY_MANAGER = "NOTIFY_MANAGER", "Notify the manager"
    ESCALATE_TO_DIRECTOR = "ESCALATE_TO_DIRECTOR", "Escalate to the director"
    ESCALATE_TO_VP_ENGINEERING = "ESCALATE_TO_VP_ENGINEERING", "Escalate to the VP of engineering"
    POST_TO_SLACK = "POST_TO_SLACK", "Post to Slack"
    PAGE_ON_CALL = "PAGE_ON_CALL", "Page whoever is on call"
    RAISE_PRIORITY = "RAISE_PRIORITY", "Raise the priority by one"
    REASSIGN = "REASSIGN", "Hand to a team or person"


class StepState(models.TextChoices):
    """What became of a step that was due. SUPPRESSED: told once for all, in a storm or after an outage."""

    DUE = "DUE", "Due"
    DONE = "DONE", "Done"
    NOT_DELIVERED = "NOT_DELIVERED", "Not delivered"
    SUPPRESSED = "SUPPRESSED", "Not sent by itself"


COUNTING_STATES = (ClockState.RUNNING, ClockState.PAUSED, ClockState.ERROR)  # those that a calendar concerns
OPEN_STATES = (ClockState.RUNNING, ClockState.PAUSED, ClockState.INACTIVE, ClockState.ERROR)
PAUSABLE = (Metric.RESOLUTION, Metric.PERIODIC_UPDATE)  # whoever is unanswered is not the one we wait for (M6)
TICKET_ACTIONS = (Action.RAISE_PRIORITY, Action.REASSIGN)
DEFAULT_THRESHOLDS = (80, 100, 120)
