"""Who is asking: a personal access token, a JWT or the session of one of our pages.

Refused credentials are 401 and are logged as `auth_failed`, by the one handler of problems; so are the
refusals of JWTs, which simplejwt checks with the one algorithm that is configured.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request

from accounts.models import PersonalAccessToken, User
from accounts.services import token_digest
from common.ratelimit import client_ip
from common.time import now

if TYPE_CHECKING:  # rest_framework.views is half loaded when it loads the classes named in settings
    from rest_framework.views import APIView

TOKEN_PREFIX = "spt_"  # noqa: S105 (how a token begins, not one)
REFUSED = "The token is unknown, expired or revoked."
LAST_USE_IS_WRITTEN_EVERY = dt.timedelta(minutes=1)
# A view's `scope`: any credential will do / never a personal access token, which may not make or revoke others.
ANY_SCOPE = "*"
NO_TOKEN = "-"  # noqa: S105


class PersonalAccessTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer spt_...`. It comes first, and refuses a header that no other would understand."""

    def authenticate(self, request: Request) -> tuple[User, PersonalAccessToken] | None:
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        scheme, _, token = header.strip().partition(" ")
        # Taking a broken header for "no credentials" would answer its sender as somebody unknown.
        if scheme.lower() != "bearer" or not token.strip() or " " in token.strip():
            raise AuthenticationFailed("Send Authorization: Bearer, one space, and the token.")
        # simplejwt compares the scheme's case, which RFC 9110 says not to.
        request.META["HTTP_AUTHORIZATION"] = f"Bearer {token.strip()}"
        if not token.strip().startswith(TOKEN_PREFIX):
            return None
        return self._identify(request, token.strip())

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'

    def _identify(self, request: Request, token: str) -> tuple[User, PersonalAccessToken]:
        rows = PersonalAccessToken.objects.select_related("user")
        row = rows.filter(digest=token_digest(token)).first()
        at = now()
        if row is None or not row.is_valid_at(at) or not row.user.is_active:
            raise AuthenticationFailed(REFUSED)
        if row.last_used_at is None or row.last_used_at <= at - LAST_USE_IS_WRITTEN_EVERY:
            note_use(row, at=at, address=client_ip(request))
        return row.user, row


def note_use(token: PersonalAccessToken, *, at: dt.datetime, address: str) -> None:
    """Keep when and from where `token` was last used; of simultaneous uses one is written."""
    is_due = Q(last_used_at=None) | Q(last_used_at__lte=at - LAST_USE_IS_WRITTEN_EVERY)
    PersonalAccessToken.objects.filter(is_due, pk=token.pk).update(last_used_at=at, last_used_ip=address)


class CookieAuthentication(SessionAuthentication):
    """The session of our own pages, whose requests carry the CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            words = "Send the CSRF token of the page, or use an Authorization header."
            raise PermissionDenied(words, code="csrf_failed") from error


class HasScope(BasePermission):
    """A personal access token needs the view's scope: `tickets:read` to read, `tickets:write` for the rest.

    JWTs and sessions are the person's own and have every scope. A view without a scope takes no token.
    """

    message = "The token lacks the scope for this."
    code = "insufficient_scope"

    def has_permission(self, request: Request, view: APIView) -> bool:
        token: Any = request.auth
        if not isinstance(token, PersonalAccessToken):
            return True
        scope = getattr(view, "scope", None) or NO_TOKEN
        if scope == ANY_SCOPE:
            return True
        wanted = f"{scope}:{'read' if request.method in SAFE_METHODS else 'write'}"
        return wanted in token.scopes


# What a view's `permission_classes` are one of; the scope is always asked for as well.
SIGNED_IN = [IsAuthenticated, HasScope]
ANYBODY = [AllowAny, HasScope]
