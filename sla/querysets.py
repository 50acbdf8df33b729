from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.db.models import Q

from sla.vocabulary import OPEN_STATES, ClockState

if TYPE_CHECKING:
    from sla.models import Clock, Version  # noqa: F401 - named in base classes


class ClockQuerySet(models.QuerySet["Clock"]):
    def open(self) -> ClockQuerySet:
        return self.filter(state__in=OPEN_STATES)

    def due_for_action(self, at: dt.datetime) -> ClockQuerySet:
        """Return those of which a level has been reached by `at`, the longest waiting first."""
        return self.filter(next_action_at__lte=at).order_by("next_action_at")

    def late_at(self, at: dt.datetime) -> ClockQuerySet:
        """Return the open ones whose promise is broken, also where no monitor has seen it yet."""
        return self.open().filter(Q(breached_at__isnull=False) | Q(state=ClockState.RUNNING, due_at__lt=at))


AnyVersion = TypeVar("AnyVersion", bound="Version")


class VersionQuerySet(models.QuerySet[AnyVersion]):
    def published(self) -> Self:
        return self.filter(number__isnull=False)

    def in_force(self, at: dt.datetime) -> AnyVersion | None:
        """Return, of the versions of one policy or calendar, the one that holds at `at`."""
        return self.published().filter(effective_from__lte=at).order_by("-effective_from", "-number").first()
