from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """Return what every page names: the portal's name and version, and whether one can answer its mails."""
    return {
        "portal_name": settings.PORTAL_NAME,
        "portal_version": settings.PORTAL_VERSION,
        "reads_mail": settings.PORTAL_READS_MAIL,
    }
