"""The one clock. Instants are aware UTC; a zone exists only in a calendar and at the edge of a template."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    return timezone.now()
