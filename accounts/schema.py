"""How the API description names the portal's own ways to authenticate."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class PersonalAccessTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.PersonalAccessTokenAuthentication"
    name = "personalAccessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        words = "A key for a program: made at /me/tokens, shown once, limited in scope and time."
        return {"type": "http", "scheme": "bearer", "bearerFormat": "spt_...", "description": words}


class CookieScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.CookieAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        words = "The session of the portal's own pages; changes need X-CSRFToken as well."
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": words}
