"""Vectors as they are kept: beside each row its own, and of which text it was made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from time import monotonic
from typing import Any

from django.db import models

from common.embedding.model import CHARACTERS_MOST, NAME, TOGETHER, embed
from common.time import now


class StoredVector(models.Model):
    """The vector of one row's text. A room makes its own table of these, with `subject` as the primary key.

    digest: of the text it was or is to be made of; the same text is never read twice.
    vector: numbers of half precision one after the other; None until the task has made it.
    """

    digest = models.CharField(max_length=64)
    vector = models.BinaryField(null=True, editable=False)
    changed_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


def digest_of(text: str) -> str:
    """Return what tells this text, as this model reads it, from every other."""
    return hashlib.sha256(f"{NAME}\n{text[:CHARACTERS_MOST]}".encode()).hexdigest()


def want_vectors(table: type[StoredVector], texts: Mapping[int, str]) -> None:
    """Ask for vectors of rows whose texts have changed or are new.   texts: key of the subject -> text."""
    digests = {key: digest_of(text) for key, text in texts.items()}
    known = dict(table._default_manager.filter(pk__in=digests).values_list("pk", "digest"))
    changed = [key for key, digest in digests.items() if known.get(key) != digest]
    table._default_manager.bulk_create(
        [table(subject_id=key, digest=digests[key], vector=None, changed_at=now()) for key in changed],  # type: ignore[misc]
        update_conflicts=True,
        unique_fields=["subject_id"],  # type: ignore[misc]
        update_fields=["digest", "vector", "changed_at"],
    )


def make_missing(table: type[StoredVector], text_of: Any, *, seconds: float) -> int:
    """Make vectors that are wanted, newest first, until none is left or the time is over; return how many were made.

    text_of: keys of subjects -> {key: text}, without those that are gone.
    """
    until, made = monotonic() + seconds, 0
    waiting = table._default_manager.filter(vector=None)
    while monotonic() < until:
        keys = list(waiting.order_by("-changed_at", "-pk").values_list("pk", flat=True)[:TOGETHER])
        if not keys:
            break
        texts: dict[int, str] = text_of(keys)
        for key, vector in zip(texts, embed(list(texts.values())), strict=True):
            # Kept only where the text is still the one that was read.
            made += waiting.filter(pk=key, digest=digest_of(texts[key])).update(
                vector=vector.astype("float16").tobytes(), changed_at=now()
            )
        want_vectors(table, texts)
        table._default_manager.filter(pk__in=set(keys) - set(texts)).delete()
    return made
