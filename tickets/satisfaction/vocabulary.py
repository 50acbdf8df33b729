"""The words of surveys: the five faces, and why nobody was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True)
class Face:
    """How a rating is shown. word: what it means; glyph and tone: of the design language; emoji: for mails, which
    can load no glyphs."""

    rating: int
    word: str
    glyph: str
    tone: str
    emoji: str


FACES: Mapping[int, Face] = {
    face.rating: face
    for face in (
        Face(1, "Very bad", "angry", "red", "\N{ANGRY FACE}"),
        Face(2, "Bad", "frown", "amber", "\N{DISAPPOINTED FACE}"),
        Face(3, "Fair", "meh", "stone", "\N{NEUTRAL FACE}"),
        Face(4, "Good", "smile", "teal", "\N{SMILING FACE WITH SMILING EYES}"),
        Face(5, "Very good", "laugh", "green", "\N{SMILING FACE WITH OPEN MOUTH}"),
    )
}


class WhyNot(models.TextChoices):
    """Why nobody was asked for a rating."""

    OFF = "OFF", "Surveys were switched off"
    UNSOLVED = "UNSOLVED", "The ticket was no longer solved"
    MERGED = "MERGED", "The ticket was merged into another one"
    AUTOMATIC = "AUTOMATIC", "A program opened the ticket"
    BLOCKED = "BLOCKED", "Messages from the requester are not accepted"
    INACTIVE = "INACTIVE", "The requester is no longer active"
    UNWANTED = "UNWANTED", "The requester gets no mails about the status"
    UNREACHABLE = "UNREACHABLE", "Nothing is mailed to the requester's address"
