"""JWTs: issued for a password, renewed once each, and revoked as a family.

Every refresh token of one sign-in belongs to one family. A refresh token that comes back after it was used
was copied by somebody, so the whole family ends, the honest holder's part of it included (S3).
simplejwt would keep each token's text; the family's name is kept in its place, so that whoever reads the
database cannot sign in with what is there.
"""

from __future__ import annotations

import hmac
import uuid
from contextlib import suppress
from typing import Any

import structlog
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest
from rest_framework_simplejwt.exceptions import TokenBackendError
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.utils import get_md5_hash_password

from accounts.models import User
from common.errors import PortalError
from common.ratelimit import OverLimit, client_ip, hit, require_left

FAMILY = "family"

security = structlog.get_logger("security")


class BadCredentials(PortalError):
    code = "authentication_failed"
    http_status = 401


def sign_in(request: HttpRequest, *, email: str, password: str) -> dict[str, str]:
    """Return a pair of tokens for a person's password.

    Raises: BadCredentials, OverLimit after too many failures of one address or for one email.
    """
    rates = {"sign-in": f"{client_ip(request)} {email}", "sign-in-email": email}
    for name, caller in rates.items():
        require_left(name, caller)
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        for name, caller in rates.items():
            _note_failure(name, caller)
        raise BadCredentials("Email and password do not belong together.")
    token = RefreshToken.for_user(user)
    return _pair(token, uuid.uuid4().hex)


@transaction.atomic
def _renew(token: str) -> dict[str, str] | None:
    """Use up `token` and return the next pair; None where it was used before."""
    old = _read(token)
    rows = OutstandingToken.objects.select_for_update(of=("self",)).select_related("user")
    row = rows.filter(jti=old["jti"]).first()
    user = row.user if row else None
    if row is None or not isinstance(user, User) or not user.is_active or not _has_password(old, user):
        raise BadCredentials("The refresh token is unknown, expired or revoked.")
    _, is_first = BlacklistedToken.objects.get_or_create(token=row)
    if not is_first:
        return None
    return _pair(RefreshToken.for_user(user), old[FAMILY])


def renew(token: str) -> dict[str, str]:
    """Return a new pair for a refresh token, which is used up by it.

    Raises: BadCredentials; for a token that was used before, after revoking its family.
    """
    pair = _renew(token)
    if pair is None:
        revoke(token)
        security.warning("refresh_token_reused", user=_read(token)["sub"])
        raise BadCredentials("The refresh token was used before. Sign in again.")
    return pair


@transaction.atomic
def revoke(token: str) -> None:
    """End the family of a refresh token. What is no token of ours has nothing to end."""
    try:
        payload = _read(token)
    except BadCredentials:
        return
    for row in OutstandingToken.objects.filter(user=payload["sub"], token=payload[FAMILY], blacklistedtoken=None):
        BlacklistedToken.objects.get_or_create(token=row)


def _read(token: str) -> dict[str, Any]:
    """Return the claims of a refresh token of ours that has not expired, whether it was used or not."""
    backend = RefreshToken().get_token_backend()
    try:
        payload: dict[str, Any] = backend.decode(token, verify=True)  # type: ignore[arg-type]
    except TokenBackendError as error:
        raise BadCredentials("The refresh token is unknown, expired or revoked.") from error
    if payload.get("token_type") != RefreshToken.token_type or not {"jti", "sub", "exp", FAMILY} <= set(payload):
        raise BadCredentials("The refresh token is unknown, expired or revoked.")
    return payload


def _has_password(payload: dict[str, Any], user: User) -> bool:
    """Whether the token was made with the password the person has now."""
    return hmac.compare_digest(str(payload.get("hash_password")), get_md5_hash_password(user.password))


def _pair(token: RefreshToken, family: str) -> dict[str, str]:
    token[FAMILY] = family
    OutstandingToken.objects.filter(jti=token["jti"]).update(token=family)
    return {"access": str(token.access_token), "refresh": str(token)}


def _note_failure(name: str, caller: str) -> None:
    with suppress(OverLimit):  # the next attempt is refused; this one is answered like any other
        hit(name, caller)
