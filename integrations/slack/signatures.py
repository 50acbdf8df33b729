"""Whether a request really is Slack's. Whatever is wrong with it, the answer is no, never an error."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from slack_sdk.signature import Clock, SignatureVerifier

from common.time import now

SIGNATURE, TIMESTAMP = "X-Slack-Signature", "X-Slack-Request-Timestamp"


class PortalClock(Clock):
    """The portal's one clock, for the library's check of a request's age."""

    def now(self) -> float:
        return now().timestamp()


def is_genuine(body: bytes, headers: Mapping[str, str]) -> bool:
    """Tell whether one of the signing secrets signed `body` within five minutes of now.

    There are two secrets while one is being changed. With none, nothing is taken.
    """
    given = {SIGNATURE: headers.get(SIGNATURE, ""), TIMESTAMP: headers.get(TIMESTAMP, "")}
    if not all(given.values()):
        return False
    return any(_is_signed(secret, body, given) for secret in settings.SLACK_SIGNING_SECRETS)


def _is_signed(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        return SignatureVerifier(secret, clock=PortalClock()).is_valid_request(body, headers)
    except (ValueError, TypeError, OverflowError):
        # The library stumbles over a time that is no number, a signature that is not ASCII, a body that is not UTF-8.
        return False
