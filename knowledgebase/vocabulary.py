"""The words of an article's life."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language_info


class State(models.TextChoices):
    """SCHEDULED: approved, and published by itself when its time comes."""

    DRAFT = "DRAFT", "Draft"
    IN_REVIEW = "IN_REVIEW", "In review"
    SCHEDULED = "SCHEDULED", "Scheduled"
    PUBLISHED = "PUBLISHED", "Published"
    ARCHIVED = "ARCHIVED", "Archived"


class Audience(models.TextChoices):
    """Who may read a published article."""

    PUBLIC = "PUBLIC", "Everybody"
    SIGNED_IN = "SIGNED_IN", "Whoever is signed in"
    TIERS = "TIERS", "Organizations of certain tiers"
    STAFF = "STAFF", "The support team"


def language_name(code: str) -> str:
    """Return the language's name in itself; the code of one that nobody knows."""
    try:
        name = str(get_language_info(code.lower())["name_local"])
    except KeyError:
        return code
    return name[:1].upper() + name[1:]
