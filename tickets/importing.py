"""Tickets from files: reading rows, judging them, and writing those that are new."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from accounts.models import ProductArea
from accounts.services import find_or_create_person
from common import context
from common.actors import SYSTEM
from common.errors import Invalid, PortalError
from tickets import services
from tickets.models import Ticket
from tickets.vocabulary import PRIORITY_ALIASES, Channel, Priority

BACKFILL = context.Origin(request_id="import_tickets", is_backfill=True)
COLUMNS = frozenset(
    {"external_id", "subject", "description", "customer_name", "customer_email", "priority", "product_area"}
    | {"environment", "product_version", "tags", "created_at"}
)
REQUIRED = ("subject", "description", "customer_email")


@dataclass(frozen=True)
class Outcome:
    """What became of one row. line: its number in the file. reason: why it was rejected."""

    line: int
    state: str  # imported, known or rejected
    reason: str = ""


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | Exception]]:
    """Yield line number and row of a .csv or JSON Lines file; a line that cannot be read comes as its error."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        if path.suffix.lower() == ".csv":
            reader = csv.DictReader(file)
            for row in reader:
                yield reader.line_num, {key: value for key, value in row.items() if key and value}
            return
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    yield number, json.loads(line)
                except ValueError as error:
                    yield number, error


def import_row(line: int, row: dict[str, Any] | Exception, *, is_trial: bool = False) -> Outcome:
    """Write one row as a ticket, unless it was imported before. is_trial: judge it and write nothing."""
    try:
        checked = _checked(row)
        external_id = checked.pop("external_id")
        if Ticket.objects.filter(external_id=external_id).exists():
            return Outcome(line, "known")
        with context.origin(BACKFILL), transaction.atomic():
            _write(external_id, checked)
            transaction.set_rollback(is_trial)
    except PortalError as refusal:
        return Outcome(line, "rejected", refusal.message)
    return Outcome(line, "imported")


def _write(external_id: str, row: dict[str, Any]) -> None:
    requester = find_or_create_person(email=row["customer_email"], name=row.get("customer_name", ""), by=SYSTEM)
    services.open_ticket(
        subject=row["subject"],
        description=row["description"],
        requester=requester,
        by=SYSTEM,
        channel=Channel.IMPORT,
        priority=row.get("priority"),
        product_area=_area(row.get("product_area")),
        environment=row.get("environment", "").upper(),
        product_version=row.get("product_version", ""),
        tags=row.get("tags", ()),
        external_id=external_id,
        at=row.get("created_at"),
    )


def _checked(row: dict[str, Any] | Exception) -> dict[str, Any]:
    if isinstance(row, Exception):
        raise Invalid(f"The line is not JSON: {row}")
    if not isinstance(row, dict):
        raise Invalid("The line is not a JSON object.")
    if unknown := sorted(set(row) - COLUMNS):
        raise Invalid(f"Unknown column {unknown[0]}.")
    if missing := [name for name in REQUIRED if not row.get(name)]:
        raise Invalid(f"{missing[0]} is missing.")
    tags = row.get("tags", [])
    texts = {name: value for name, value in row.items() if name != "tags"}
    if wrong := [name for name, value in texts.items() if not isinstance(value, str)]:
        raise Invalid(f"{wrong[0]} must be text.")
    checked: dict[str, Any] = dict(texts)
    checked["tags"] = tags.split(",") if isinstance(tags, str) else [str(tag) for tag in tags]
    checked["external_id"] = (row.get("external_id") or _digest(row))[:100]
    if "priority" in row:
        checked["priority"] = _priority(row["priority"])
    if "created_at" in row:
        checked["created_at"] = _instant(row["created_at"])
    return checked


def _digest(row: dict[str, Any]) -> str:
    """Return a name for a row that has none, so that it too is imported only once."""
    return "row-" + hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:32]


def _priority(value: str) -> str:
    value = value.upper()
    if value not in Priority.values and value not in PRIORITY_ALIASES:
        raise Invalid(f"There is no priority {value}.")
    return PRIORITY_ALIASES.get(value, value)


def _area(value: str | None) -> ProductArea | None:
    if not value:
        return None
    area = ProductArea.objects.named(value)
    if area is None:
        raise Invalid(f"There is no product area {value}.")
    return area


def _instant(value: str) -> dt.datetime:
    try:
        instant = parse_datetime(value)
    except ValueError as error:
        raise Invalid(f"created_at: {error}") from error
    if instant is None or instant.tzinfo is None:
        raise Invalid("created_at must be a time with its zone, like 2026-02-08T03:00:00Z.")
    return instant
