"""Asking an integration whether it is well, on somebody's behalf: the console's Test button and the command."""

from __future__ import annotations

from dataclasses import dataclass

from common.errors import DeliveryError
from integrations import registry
from integrations.redaction import redacted

# What the deployment guide calls an integration by, where the portal has a wider word for it.
ALSO_CALLED = {"sendgrid": "email", "webhooks": "webhook"}


@dataclass(frozen=True)
class Finding:
    """What a check found. is_off: nobody has set it up."""

    name: str
    is_good: bool
    is_off: bool
    words: str


def check(name: str, *, is_live: bool) -> Finding:
    """Look whether the integration `name` is set up, and with `is_live` whether the other side answers."""
    kind = registry.kind(ALSO_CALLED.get(name, name))
    if kind is None:
        return Finding(name, False, True, "There is no integration of this name.")
    if not kind.is_on():
        return Finding(name, False, True, kind.why() or "It is not set up.")
    if kind.check is None:
        return Finding(name, True, False, kind.why() or "It is set up.")
    try:
        verdict = kind.check(is_live)
    except DeliveryError as error:
        return Finding(name, False, False, redacted(str(error)))
    return Finding(name, verdict.is_good, False, redacted(verdict.words))
