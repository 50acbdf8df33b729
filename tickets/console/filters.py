"""The queue's filters as people choose them. What each means: tickets/finding.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import Organization, Tier, User
from tickets.console.shared import Choices
from tickets.vocabulary import Channel, Priority, Status

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Filter:
    """control: "select" for one value, "several" for many, "text", "date", or "hidden" for what only links set."""

    name: str
    label: str
    options: Callable[[Choices], Pairs] = lambda choices: []
    control: str = "select"
    empty: str = "Any"


def _pairs(rows: list[tuple[int, str]]) -> Pairs:
    return [(str(pk), name) for pk, name in rows]


def _capitalized(label: str) -> str:
    return label.capitalize() if label.islower() else label


FILTERS = (
    Filter("status", "Status", lambda choices: [("all", "All, closed ones too"), *Status.choices], "several", "Open"),
    Filter("form", "Request form", lambda choices: [("none", "None"), *_pairs(choices.forms)]),
    Filter("label", "Status label", lambda choices: [(str(one.pk), one.name) for one in choices.labels]),
    Filter("priority", "Priority", lambda choices: list(Priority.choices), "several"),
    Filter(
        *("assignee", "Assignee", lambda choices: [("me", "Me"), ("nobody", "Nobody"), *_pairs(choices.agents)]),
        empty="Anybody",
    ),
    Filter("team", "Team", lambda choices: [("mine", "My teams"), ("none", "None"), *_pairs(choices.teams)]),
    Filter(
        *("due", "Time left"),
        lambda choices: [
            *(("overdue", "Overdue"), ("soon", "Overdue or within 4 hours"), ("today", "By the end of today")),
            ("none", "Nothing promised, or paused"),
        ],
    ),
    Filter("area", "Product area", lambda choices: [("none", "Not known"), *_pairs(choices.areas)]),
    Filter("tier", "Tier", lambda choices: list(Tier.choices)),
    Filter("channel", "Channel", lambda choices: [(value, _capitalized(label)) for value, label in Channel.choices]),
    Filter("tag", "Tag", control="text"),
    Filter("followed", "Followed", lambda choices: [("me", "By me")]),
    Filter("snoozed", "Put aside", lambda choices: [("yes", "Only those"), ("any", "Those too")], empty="Not those"),
    Filter("since", "Created from", control="date"),
    Filter("until", "Created until", control="date"),
    Filter("quiet", "Days without activity", control="text"),
    Filter("solved", "Solved in the last days", control="text"),
    Filter("requester", "Requester", control="hidden"),
    Filter("organization", "Organization", control="hidden"),
)
BY_NAME = {one.name: one for one in FILTERS}


def words_for(one: Filter, values: list[str], choices: Choices) -> str:
    """Return what a chip says of the chosen values: "New, Open"."""
    known = dict(one.options(choices))
    if one.name in ("requester", "organization") and values and values[-1].isdecimal():
        model = User if one.name == "requester" else Organization
        return str(model._default_manager.filter(pk=values[-1]).first() or values[-1])
    return ", ".join(known.get(value, value) for value in values)
