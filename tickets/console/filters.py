"""The queue's filters. Each is a plain choice of the address, so that a filtered queue is a link to keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Tier
from tickets.console import shared
from tickets.vocabulary import OPEN_STATUSES, Channel, Priority, Status

Pairs = list[tuple[str, str]]


class QueueFilter(admin.SimpleListFilter):
    """A filter with one value. column: what it compares; empty: the words of no choice."""

    column = ""
    empty = "Any"
    control = "select"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Pairs:
        return []

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(**{self.column: self.value()}) if self.value() else queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield what the queue's template needs to draw the filter and its chip, once."""
        options = [(str(value), label) for value, label in self.lookup_choices]
        chosen = self.value() or ""
        yield {
            "name": self.parameter_name,
            "options": [("", self.empty), *options],
            "value": chosen,
            "words": dict(options).get(chosen, chosen),
            "control": self.control,
            "without": changelist.get_query_string(remove=[self.parameter_name]),
        }


class StatusFilter(QueueFilter):
    title, parameter_name, empty = "Status", "status", "Open, in any way"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Pairs:
        return [("all", "All, closed ones too"), *Status.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "all":
            return queryset
        return queryset.filter(status=self.value()) if self.value() else queryset.filter(status__in=OPEN_STATUSES)


class PriorityFilter(QueueFilter):
    title, parameter_name, column = "Priority", "priority", "priority"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Pairs:
        return list(Priority.choices)


class AssigneeFilter(QueueFilter):
    title, parameter_name, empty = "Assignee", "assignee", "Anybody"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Pairs:
        agents = [(str(pk), name) for pk, name in shared.choices(request).agents]
        return [("me", "Me"), ("nobody", "Nobody"), *agents]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return by_id(queryset, "assignee", self.value(), me=request.user.pk)


class TeamFilter(QueueFilter):
    title, parameter_name = "Team", "team"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Pairs:
        return [("none", "None"), *((str(pk), name) for pk, name in shared.choices(request).teams)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return by_id(queryset, "team", self.value())


class AreaFilter(QueueFilter):
    title, parameter_name = "Product area", "area"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Pairs:
        return [("none", "Not known"), *((str(pk), name) for pk, name in shared.choices(request).areas)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return by_id(queryset, "product_area", self.value())


class TierFilter(QueueFilter):
    title, parameter_name, column = "Tier", "tier", "organization__tier"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Pairs:
        return list(Tier.choices)


class ChannelFilter(QueueFilter):
    title, parameter_name, column = "Channel", "channel", "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Pairs:
        return [(value, label.capitalize() if label.islower() else label) for value, label in Channel.choices]


class TagFilter(QueueFilter):
    """One tag, typed: there are too many to list."""

    title, parameter_name, control = "Tag", "tag", "text"

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        name = (self.value() or "").strip().lower()
        return queryset.filter(tags__name=name) if name else queryset


class RequesterFilter(QueueFilter):
    """Set by links only, as from a ticket's requester."""

    title, parameter_name, control = "Requester", "requester", "hidden"

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return by_id(queryset, "requester", self.value())


class OrganizationFilter(RequesterFilter):
    title, parameter_name = "Organization", "organization"

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return by_id(queryset, "organization", self.value())


class SinceFilter(QueueFilter):
    title, parameter_name, control = "Created from", "since", "date"

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        day = day_of(self.value())
        return queryset.filter(created_at__gte=start_of(day)) if day else queryset


class UntilFilter(QueueFilter):
    title, parameter_name, control = "Created until", "until", "date"

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        day = day_of(self.value())
        return queryset.filter(created_at__lt=start_of(day + dt.timedelta(days=1))) if day else queryset


FILTERS = (
    *(StatusFilter, AssigneeFilter, PriorityFilter, TeamFilter, AreaFilter, TierFilter, ChannelFilter, TagFilter),
    *(SinceFilter, UntilFilter, RequesterFilter, OrganizationFilter),
)


def by_id(queryset: Any, column: str, value: str | None, me: int | None = None) -> Any:
    """Filter by a row's number; "me" is the reader, "nobody" and "none" are no row. What is no number finds nothing."""
    if not value:
        return queryset
    if value in ("nobody", "none"):
        return queryset.filter(**{column: None})
    if value == "me" and me:
        return queryset.filter(**{column: me})
    return (
        queryset.filter(**{column: int(value)})
        if value.isascii() and value.isdecimal() and len(value) < 19
        else queryset.none()
    )


def day_of(value: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value or "")
    except ValueError:
        return None


def start_of(day: dt.date) -> dt.datetime:
    """Return the instant at which `day` begins where the reader is."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
