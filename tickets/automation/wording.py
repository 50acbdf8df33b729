"""Texts with variables: {{ requester.first_name }} becomes a name. There is nothing else in them, and no code."""

from __future__ import annotations

import re
from collections.abc import Mapping

from common.errors import Invalid

TEXT_MOST = 10_000
# Every variable, and how an example of it reads.
VARIABLES = {
    "ticket.reference": "ODG-1042",
    "ticket.subject": "Lineage graph is empty",
    "ticket.status": "Open",
    "ticket.priority": "Normal",
    "ticket.url": "https://support.example/tickets/ODG-1042",
    "requester.name": "Rita Lindqvist",
    "requester.first_name": "Rita",
    "organization.name": "City of Aarlund",
    "agent.name": "Agnes Moreau",
    "agent.first_name": "Agnes",
    "team.name": "Alpha",
    "portal.name": "OpenDataGov Support",
    "auto_close.days": "7",
}
_BRACES = re.compile(r"\{\{(.*?)\}\}|\{\{|\{%|%\}", re.DOTALL)
# What others wrote is no Markdown here: a name or a subject makes no link and no emphasis.
_MARKUP = re.compile(r"([\\`*_\[\]<>])")


def checked(text: object, *, field: str, is_needed: bool = True) -> str:
    """Return `text` trimmed. Raises: Invalid for an unknown variable, and for an empty or too long text."""
    if not isinstance(text, str) or (is_needed and not text.strip()):
        raise Invalid("Write the text.", field=field, code="required")
    if len(text) > TEXT_MOST:
        raise Invalid(f"Use at most {TEXT_MOST} characters.", field=field, code="length")
    for found in _BRACES.finditer(text):
        name = (found[1] or "").strip()
        if name not in VARIABLES:
            words = f"There is no variable {name}." if name else f"{found[0][:40]} stands for nothing here."
            raise Invalid(f"{words} Use one of: {', '.join(VARIABLES)}.", field=field, code="unknown_variable")
    return text.strip()


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a checked text with the values in it. The address of the ticket is ours and stays as it is."""

    def value(found: re.Match[str]) -> str:
        name = (found[1] or "").strip()
        return values[name] if name == "ticket.url" else _MARKUP.sub(r"\\\1", values[name])

    return _BRACES.sub(value, text)
