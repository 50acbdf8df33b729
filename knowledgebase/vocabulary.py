"""The words of an article's life."""

from __future__ import annotations

from django.db import models


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
