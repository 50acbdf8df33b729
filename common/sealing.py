"""Sealing what must not be readable in a copy of the database, with keys made of the portal's secret key."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def box(purpose: str) -> MultiFernet:
    """Return what seals and opens for one purpose, keyed by the secret key; older ones open what they sealed.

    Opening raises cryptography.fernet.InvalidToken for what was sealed with a key that is no longer known.
    """
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = [hashlib.sha256(f"{purpose}:{secret!s}".encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
