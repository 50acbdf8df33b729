"""The one clock. Instants are aware UTC; a zone exists only in a calendar and at the edge of a template."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.utils import timezone


def now() -> dt.datetime:
    return timezone.now()


def database_now() -> dt.datetime:
    """Return the database's time where it has a clock of its own, so that workers on several machines agree."""
    if connection.vendor != "postgresql":
        return now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
