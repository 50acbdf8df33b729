"""Slots: how a page shows what a room to its right knows, without importing that room.

The owner of a page declares a slot. The other room signs in at start with a function that is asked once
for a whole page of rows and answers for each row it has something to say about, by primary key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)
Provider = Callable[[Sequence[Row]], dict[Any, Any]]


class Slot(Generic[Row]):
    """A named place on a page. shape: what one provider's answer for one row looks like."""

    def __init__(self, name: str, shape: str) -> None:
        self.name = name
        self.shape = shape
        self._providers: list[Provider[Row]] = []

    def sign_in(self, provider: Provider[Row]) -> None:
        if provider not in self._providers:
            self._providers.append(provider)

    def ask(self, rows: Sequence[Row]) -> dict[Any, list[Any]]:
        """Return for each row's primary key what the providers said, in the order in which they signed in."""
        answers: dict[Any, list[Any]] = {row.pk: [] for row in rows}
        for provider in self._providers if rows else []:
            for pk, answer in provider(rows).items():
                answers[pk].append(answer)
        return answers


Reader = TypeVar("Reader")


class PageSlot(Generic[Reader]):
    """A named place on a page that shows no rows. Its providers are asked with who reads it, once a page."""

    def __init__(self, name: str, shape: str) -> None:
        self.name = name
        self.shape = shape
        self._providers: list[Callable[[Reader], Any]] = []

    def sign_in(self, provider: Callable[[Reader], Any]) -> None:
        if provider not in self._providers:
            self._providers.append(provider)

    def ask(self, reader: Reader) -> list[Any]:
        """Return what the providers said, in the order in which they signed in, without those that said nothing."""
        answers = (provider(reader) for provider in self._providers)
        return [answer for answer in answers if answer]
