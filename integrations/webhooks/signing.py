"""Secrets and signatures of the webhooks we send, after the Standard Webhooks specification."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from collections.abc import Iterable

from cryptography.fernet import InvalidToken
from standardwebhooks.webhooks import Webhook

from common.errors import DeliveryError
from common.sealing import box

SECRET_BYTES = 32


def make_secret() -> str:
    """Return a new secret, as its receiver is told it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def sealed(secret: str) -> str:
    """Return what of a secret is kept."""
    return box(__name__).encrypt(secret.encode()).decode()


def opened(kept: str) -> str:
    """Return the secret that was sealed. Raises: DeliveryError where the key it was sealed with is gone."""
    try:
        return box(__name__).decrypt(kept.encode()).decode()
    except InvalidToken as error:
        words = "Its secret cannot be read since the portal's SECRET_KEY changed. Give the webhook a new secret."
        raise DeliveryError(words) from error


def signed_headers(body: str, *, webhook_id: str, at: dt.datetime, keys: Iterable[str]) -> dict[str, str]:
    """Return the headers of one try: one signature for each of the secrets, the present one first."""
    signatures = [Webhook(key).sign(webhook_id, at, body) for key in keys]
    return {
        "Content-Type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
