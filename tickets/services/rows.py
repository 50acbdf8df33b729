"""Writing rows of settings: what differs is set, and told as the journal has it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Model


def set_changed(row: Model, fields: Mapping[str, Any], *, allowed: Collection[str]) -> dict[str, dict[str, Any]]:
    """Write to the locked `row` what of `fields` differs, and return it. Shape: {name: {"from", "to"}}.

    allowed: what may be named; another name is a mistake of the caller's.
    """
    if unknown := set(fields) - set(allowed):
        raise ValueError(f"not changeable: {sorted(unknown)}")
    old = {name: getattr(row, name) for name in fields}
    changed = [name for name, value in fields.items() if value != old[name]]
    for name in changed:
        setattr(row, name, fields[name])
    if changed:
        row.save(update_fields=changed)
    return {name: {"from": _plain(old[name]), "to": _plain(fields[name])} for name in changed}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Model) else value
