"""How Slack learns of events, and how the portal learns of Slack's."""

from __future__ import annotations

from common import journal
from integrations import inbound, registry
from integrations.rules import Rate
from integrations.slack import checking, incoming, keeping, notices, transport  # noqa: F401 - keeping registers itself
from integrations.slack.channels import circuit_of
from sla.events import STORM_BEGAN
from tickets import events

KIND = registry.Kind(
    name="slack",
    label="Slack",
    send=transport.send,
    is_on=checking.is_on,
    why=checking.why,
    check=checking.check,
    circuit=circuit_of,
    rate=Rate(1, 1.0),  # what Slack takes in one channel
)


def register() -> None:
    registry.register(KIND)
    inbound.register(inbound.Source("slack", "Slack", incoming.process))
    journal.subscribe([events.OPENED], notices.opened)
    journal.subscribe([events.PRIORITY_CHANGED], notices.priority_changed)
    journal.subscribe([events.SOLVED], notices.solved)
    journal.subscribe([events.REOPENED], notices.reopened)
    journal.subscribe(notices.HEADS, notices.changed)
    journal.subscribe(notices.WRITTEN, notices.written)
    journal.subscribe(notices.SLA_LEVELS, notices.level_reached)
    journal.subscribe([STORM_BEGAN], notices.storm_began)
