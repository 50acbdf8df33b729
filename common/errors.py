"""What can be refused. Each face (API, page, console) turns these into its own words in one place.

Codes are stable and listed in docs/api.md.
"""

from __future__ import annotations

from typing import Any


class PortalError(Exception):
    """A refusal that a person or a program can act on.

    code: stable snake_case name.   message: what happened and what to do next.
    data: further members of the API's problem body.
    """

    code = "error"
    http_status = 500

    def __init__(self, message: str, *, code: str = "", data: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.data = data or {}


class Invalid(PortalError):
    """The input parses and does not validate. `field` names the member at fault, where there is one."""

    code = "invalid"
    http_status = 422

    def __init__(self, message: str, *, field: str = "", code: str = "", data: dict[str, Any] | None = None) -> None:
        super().__init__(message, code=code, data=data)
        self.field = field


class NotAllowed(PortalError):
    code = "not_allowed"
    http_status = 403


class NotFound(PortalError):
    code = "not_found"
    http_status = 404


class Conflict(PortalError):
    """The state of the thing forbids the verb."""

    code = "conflict"
    http_status = 409


class InvalidTransition(Conflict):
    code = "invalid_transition"


class Stale(PortalError):
    """Somebody else changed the row since the caller read it."""

    code = "stale"
    http_status = 412


class TooMany(PortalError):
    """retry_after: whole seconds until it is worth trying again."""

    code = "too_many_requests"
    http_status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(PortalError):
    code = "unavailable"
    http_status = 503


class DeliveryError(Exception):
    """A transport could not deliver.

    permanent: trying again cannot help.   retry_after: seconds that the other side asks everybody to wait.
    is_unknown: the other side may have taken it, for its answer never came.
    is_lone: it says nothing of how the other side is, and is no reason to spare it.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: int | None = None,
        is_unknown: bool = False,
        is_lone: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.is_unknown = is_unknown
        self.is_lone = is_lone
