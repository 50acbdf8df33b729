"""Refusing to serve when something a production start needs is missing: one line each, naming the variable."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core import checks


def refuse_unready() -> None:
    """End the process unless it may serve."""
    if settings.PORTAL_MISSING:
        sys.exit("\n".join(f"{name}: must be set" for name in settings.PORTAL_MISSING))


@checks.register(checks.Tags.security, deploy=True)
def check_nothing_is_missing(**_: Any) -> list[checks.CheckMessage]:
    return [
        checks.Error(f"{name}: must be set", hint="See .env.example.", id="portal.E001")
        for name in settings.PORTAL_MISSING
    ]
