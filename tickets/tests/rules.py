"""What the tests of rules share."""

from __future__ import annotations

from common.actors import SYSTEM
from tickets import services
from tickets.models import AutomationRule


def leaf(field: str, op: str, value: object = None) -> dict[str, object]:
    return {"field": field, "op": op, "value": value}


def act(action: str, value: object) -> dict[str, object]:
    return {"action": action, "value": value}


def trigger(name: str, events: list[str], actions: list[object], *conditions: object, **more: object) -> AutomationRule:
    return services.create_rule(
        name=name,
        kind="TRIGGER",
        event_kinds=events,
        conditions={"all": list(conditions)},
        actions=actions,
        by=SYSTEM,
        **more,
    )


def on_time(name: str, actions: list[object], *conditions: object, **more: object) -> AutomationRule:
    return services.create_rule(
        name=name, kind="SCHEDULED", conditions={"all": list(conditions)}, actions=actions, by=SYSTEM, **more
    )
