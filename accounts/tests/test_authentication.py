import base64
import datetime as dt
import json

import jwt
import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory
from rest_framework.authentication import SessionAuthentication
from rest_framework.response import Response
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken
from structlog.testing import capture_logs

from accounts.authentication import (
    ANY_SCOPE,
    CookieAuthentication,
    HasScope,
    PersonalAccessTokenAuthentication,
    note_use,
)
from accounts.models import PersonalAccessToken
from accounts.services import create_access_token, revoke_access_token
from common.tests.api import call, code_of
from common.time import now
from common.views import PortalView

SCOPES = ["tickets:read", "tickets:write", "kb:read"]


class Who(PortalView):
    authentication_classes = [PersonalAccessTokenAuthentication, JWTAuthentication, CookieAuthentication]
    permission_classes = [HasScope]
    throttle_classes = []
    scope = "tickets"

    def get(self, request):
        return Response({"email": getattr(request.user, "email", None)})

    post = get


@pytest.fixture
def token(rita):
    return create_access_token(rita, name="script", scopes=SCOPES, days=30, by=rita)[1]


def ask(header, method="GET", view=Who, **extra):
    return call(view, method, HTTP_AUTHORIZATION=header, **extra)


def email_of(response):
    assert response.status_code == 200, response.content
    return json.loads(response.content)["email"]


def is_refused(response):
    return (response.status_code, code_of(response)) == (401, "authentication_failed") and response[
        "WWW-Authenticate"
    ].startswith("Bearer")


def test_a_token_is_its_person(rita, token):
    assert email_of(ask(f"Bearer {token}")) == rita.email


@pytest.mark.parametrize("form", ["bearer {}", "BEARER {}", "  Bearer {}  ", "Bearer   {}"])
def test_the_scheme_may_be_written_in_any_case(rita, token, form):
    assert email_of(ask(form.format(token))) == rita.email
    assert email_of(ask(form.format(AccessToken.for_user(rita)))) == rita.email


def test_without_credentials_nobody_is_asking(db):
    assert email_of(call(Who)) is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic cml0YTpwYXNz",
        "Token spt_abc",
        "Bearer spt_",
        "Bearer spt_unknown",
        "Bearer spt_one two",
        "Bearer a b",
        "Bearer abc",
        "Bearer a.b.c",
        "Bearer é",
        "spt_abc",
        "Bearer " + "x" * 10_000,
    ],
)
def test_a_header_nobody_understands_is_refused_not_taken_for_none(db, header):
    assert is_refused(ask(header))


def test_a_token_shows_its_last_use_once_a_minute(token, time_machine, django_assert_num_queries):
    start = now()
    time_machine.move_to(start, tick=False)
    ask(f"Bearer {token}", REMOTE_ADDR="192.0.2.1")
    row = PersonalAccessToken.objects.get()
    assert (row.last_used_at, row.last_used_ip) == (start, "192.0.2.1")

    time_machine.move_to(start + dt.timedelta(seconds=59), tick=False)
    with django_assert_num_queries(1):
        ask(f"Bearer {token}", REMOTE_ADDR="192.0.2.2")
    row.refresh_from_db()
    assert row.last_used_at == start

    time_machine.move_to(start + dt.timedelta(seconds=60), tick=False)
    ask(f"Bearer {token}", REMOTE_ADDR="192.0.2.2")
    row.refresh_from_db()
    assert (row.last_used_at, row.last_used_ip) == (start + dt.timedelta(seconds=60), "192.0.2.2")


def test_of_simultaneous_uses_one_is_written(token):
    row, at = PersonalAccessToken.objects.get(), now()

    note_use(row, at=at, address="192.0.2.1")
    note_use(row, at=at, address="192.0.2.2")

    row.refresh_from_db()
    assert row.last_used_ip == "192.0.2.1"


def test_an_expired_token_is_refused(token, time_machine):
    time_machine.move_to(now() + dt.timedelta(days=30, seconds=1), tick=False)

    assert is_refused(ask(f"Bearer {token}"))


def test_a_revoked_token_is_refused(rita, token):
    revoke_access_token(PersonalAccessToken.objects.get(), by=rita)

    assert is_refused(ask(f"Bearer {token}"))


def test_an_inactive_person_is_refused_with_every_credential(rita, token):
    access = AccessToken.for_user(rita)
    rita.is_active = False
    rita.save()

    assert is_refused(ask(f"Bearer {token}"))
    assert is_refused(ask(f"Bearer {access}"))


def test_refusals_all_read_alike(rita, token):
    unknown = ask("Bearer spt_unknown").content
    revoke_access_token(PersonalAccessToken.objects.get(), by=rita)

    assert ask(f"Bearer {token}").content == unknown


def test_a_refusal_is_a_security_event_without_the_token(db):
    with capture_logs() as logs:
        ask("Bearer spt_secret")

    assert [log["event"] for log in logs] == ["auth_failed"]
    assert "secret" not in str(logs)


@pytest.mark.parametrize(
    ("scope", "method", "status"),
    [
        ("tickets", "GET", 200),
        ("tickets", "POST", 200),
        ("kb", "GET", 200),
        ("kb", "POST", 403),
        ("people", "GET", 403),
        (ANY_SCOPE, "POST", 200),
        ("-", "GET", 403),
        (None, "GET", 403),
    ],
)
def test_a_token_needs_the_views_scope(token, scope, method, status):
    view = type("View", (Who,), {"scope": scope})

    response = ask(f"Bearer {token}", method, view)

    assert response.status_code == status
    if status == 403:
        assert code_of(response) == "insufficient_scope"


@pytest.mark.parametrize("scope", ["people", "-", None])
def test_a_jwt_has_every_scope(rita, scope):
    assert email_of(ask(f"Bearer {AccessToken.for_user(rita)}", view=type("View", (Who,), {"scope": scope})))


def forged(rita, **changes):
    """A JWT of Rita's with some of it changed: claims, `key` or `algorithm`; `drop` leaves a claim out."""
    from django.conf import settings

    claims = dict(AccessToken.for_user(rita).payload)
    key, algorithm = changes.pop("key", settings.JWT_SECRET_KEY), changes.pop("algorithm", "HS256")
    dropped = changes.pop("drop", None)
    claims.update(changes)
    claims.pop(dropped, None)
    return jwt.encode(claims, key, algorithm=algorithm)


def unsigned(rita, header):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part(header)}.{part(dict(AccessToken.for_user(rita).payload))}."


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"key": "x" * 64},
        {"key": "", "algorithm": "none"},
        {"algorithm": "HS384"},
        {"algorithm": "HS512"},
        {"token_type": "refresh"},
        {"token_type": "other"},
        {"drop": "exp"},
        {"drop": "jti"},
        {"drop": "sub"},
        {"drop": "token_type"},
        {"drop": "hash_password"},
        {"hash_password": "other"},
        {"sub": "999999"},
        {"sub": 5},
        {"exp": "soon"},
        {"iat": "x"},
        {"nbf": 99999999999},
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_forged_or_expired_jwt_is_refused(rita, changes):
    assert is_refused(ask(f"Bearer {forged(rita, **changes)}"))


@pytest.mark.parametrize(
    "header", [{"alg": "none"}, {"alg": "None", "typ": "JWT"}, {"alg": "HS256"}, {"alg": 5}, {}, []]
)
def test_an_unsigned_jwt_is_refused(rita, header):
    assert is_refused(ask(f"Bearer {unsigned(rita, header)}"))


def test_a_refresh_token_opens_nothing(rita):
    assert is_refused(ask(f"Bearer {RefreshToken.for_user(rita)}"))


def test_a_changed_password_ends_a_jwt(rita):
    access = AccessToken.for_user(rita)
    assert email_of(ask(f"Bearer {access}")) == rita.email

    rita.set_password("another horse battery")
    rita.save()

    assert is_refused(ask(f"Bearer {access}"))


def test_a_jwt_lives_for_an_hour_at_most(rita, time_machine):
    access = AccessToken.for_user(rita)
    time_machine.move_to(now() + dt.timedelta(hours=1), tick=False)

    assert is_refused(ask(f"Bearer {access}"))


def by_cookie(rita, method, **extra):
    request = getattr(RequestFactory(enforce_csrf_checks=True), method)(
        "/api/v1/x", content_type="application/json", **extra
    )
    request.session, request.user = SessionStore(), rita
    response = Who.as_view()(request)
    return response.render() if hasattr(response, "render") else response


def test_a_session_reads(rita):
    assert email_of(by_cookie(rita, "get")) == rita.email
    assert email_of(by_cookie(AnonymousUser(), "get")) is None


def test_a_session_writes_with_the_csrf_token_only(rita):
    response = by_cookie(rita, "post")
    assert (response.status_code, code_of(response)) == (403, "csrf_failed")

    token = "a" * 32
    assert email_of(by_cookie(rita, "post", HTTP_COOKIE=f"csrftoken={token}", HTTP_X_CSRFTOKEN=token)) == rita.email


def test_a_token_needs_no_csrf(rita, token):
    assert email_of(ask(f"Bearer {token}", "POST")) == rita.email
    assert issubclass(CookieAuthentication, SessionAuthentication)
