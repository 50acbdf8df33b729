"""Signing in, oneself, tokens, people and organizations over HTTP."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from structlog.testing import capture_logs

from accounts import services
from accounts.models import Organization, PersonalAccessToken, ProductArea, User
from common.actors import SYSTEM
from common.models import IdempotentAnswer
from common.tests.api import client_of, code_of, problem_of

V1 = "/api/v1"
PASSWORD = "correct horse battery"


def results(response):
    assert response.status_code == 200, response.content
    return response.json()["results"]


def fields(response):
    return [error["field"] for error in problem_of(response)["errors"]]


def sign_in(email, password=PASSWORD, **extra):
    return client_of().post(f"{V1}/auth/token", {"email": email, "password": password}, **extra)


def renew(refresh):
    return client_of().post(f"{V1}/auth/token/refresh", {"refresh": refresh})


def with_token(token):
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


# --- signing in ---


@pytest.mark.parametrize("email", ["rita@aarlund.example", " Rita@Aarlund.Example "])
def test_a_password_is_exchanged_for_a_pair(rita, email):
    response = sign_in(email)

    assert (response.status_code, set(response.json()), response["Cache-Control"]) == (
        200,
        {"access", "refresh"},
        "no-store",
    )
    assert with_token(response.json()["access"]).get(f"{V1}/me").json()["email"] == rita.email


def test_an_old_authorization_header_does_not_keep_anybody_from_signing_in(rita):
    assert sign_in(rita.email, HTTP_AUTHORIZATION="Bearer expired").status_code == 200


@pytest.mark.parametrize(
    ("email", "password"),
    [("rita@aarlund.example", "wrong"), ("nobody@aarlund.example", PASSWORD), ("not an address", PASSWORD)],
)
def test_wrong_credentials_all_answer_alike_and_are_noted(rita, email, password):
    with capture_logs() as logs:
        response = sign_in(email, password)

    assert (response.status_code, code_of(response)) == (401, "authentication_failed")
    assert problem_of(response)["detail"] == "Email and password do not belong together."
    assert response["WWW-Authenticate"] == "Bearer"
    assert "auth_failed" in [log["event"] for log in logs]
    assert password not in str(logs)


def test_guests_and_the_inactive_cannot_sign_in(rita, db):
    guest = services.find_or_create_person(email="guest@outside.example")
    assert sign_in(guest.email, "").status_code == 422
    assert sign_in(guest.email, "!").status_code == 401
    User.objects.filter(pk=rita.pk).update(is_active=False)

    assert sign_in(rita.email).status_code == 401


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({}, ["email", "password"]),
        ({"email": 5, "password": []}, ["email", "password"]),
        ({"email": "a@b.org", "password": "x" * 1025}, ["password"]),
        ({"email": "a@b.org", "password": "x", "remember": True}, ["remember"]),
    ],
)
def test_what_is_no_sign_in_is_told_by_field(db, body, names):
    response = client_of().post(f"{V1}/auth/token", body)

    assert (response.status_code, sorted(fields(response))) == (422, names)


def test_guessing_a_password_is_stopped_and_success_is_not_counted(rita, time_machine):
    time_machine.move_to("2026-02-08T12:00:10Z", tick=False)
    for _ in range(20):
        assert sign_in(rita.email).status_code == 200
    assert [sign_in(rita.email, "wrong").status_code for _ in range(10)] == [401] * 10

    response = sign_in(rita.email)
    assert (response.status_code, code_of(response), response["Retry-After"]) == (429, "too_many_requests", "290")
    assert sign_in(rita.email, REMOTE_ADDR="192.0.2.9").status_code == 200


def test_guessing_from_many_addresses_is_stopped_too(rita, time_machine):
    time_machine.move_to("2026-02-08T12:00:10Z", tick=False)
    for number in range(50):
        sign_in(rita.email, "wrong", REMOTE_ADDR=f"192.0.2.{number}")

    assert sign_in(rita.email, REMOTE_ADDR="198.51.100.1").status_code == 429


def test_a_refresh_token_is_used_up_by_the_next_pair(rita):
    first = sign_in(rita.email).json()
    second = renew(first["refresh"])

    assert second.status_code == 200
    assert second.json()["refresh"] != first["refresh"]
    assert with_token(second.json()["access"]).get(f"{V1}/me").status_code == 200
    assert second["Cache-Control"] == "no-store"


def test_a_refresh_token_that_comes_back_ends_its_family_and_no_other(rita):
    stolen = sign_in(rita.email).json()["refresh"]
    honest = renew(stolen).json()["refresh"]
    elsewhere = sign_in(rita.email).json()["refresh"]

    with capture_logs() as logs:
        assert renew(stolen).status_code == 401
    assert "refresh_token_reused" in [log["event"] for log in logs]
    assert renew(honest).status_code == 401
    assert renew(elsewhere).status_code == 200


def test_signing_out_ends_the_family_and_tells_nothing(rita):
    first = sign_in(rita.email).json()["refresh"]
    second = renew(first).json()["refresh"]

    for refresh in (second, second, first, "nonsense"):
        response = client_of().post(f"{V1}/auth/token/revoke", {"refresh": refresh})
        assert (response.status_code, response.content) == (204, b"")
    assert renew(second).status_code == 401


@pytest.mark.parametrize("kind", ["nonsense", "a.b.c", "access", "expired", "unknown"])
def test_other_tokens_renew_nothing(rita, kind, time_machine):
    pair = sign_in(rita.email).json()
    token = {"access": pair["access"]}.get(kind, pair["refresh"] if kind in {"expired", "unknown"} else kind)
    if kind == "expired":
        time_machine.move_to("2999-01-01")
    if kind == "unknown":
        OutstandingToken.objects.all().delete()

    response = renew(token)

    assert (response.status_code, code_of(response)) == (401, "authentication_failed")


@pytest.mark.parametrize("change", ["password", "inactive", "deleted"])
def test_a_refresh_token_ends_with_what_it_stands_for(rita, change):
    refresh = sign_in(rita.email).json()["refresh"]
    if change == "password":
        rita.set_password("another horse battery")
        rita.save()
    elif change == "inactive":
        User.objects.filter(pk=rita.pk).update(is_active=False)
    else:
        rita.groups.clear()
        OutstandingToken.objects.update(user=None)

    assert renew(refresh).status_code == 401


def test_refresh_tokens_are_not_kept_in_words_that_sign_in(rita):
    refresh = sign_in(rita.email).json()["refresh"]
    renew(refresh)

    assert refresh not in str(list(OutstandingToken.objects.values()))
    assert BlacklistedToken.objects.count() == 1


# --- oneself ---


def test_what_one_reads_of_oneself(rita, agnes):
    mine, hers = (client_of(user).get(f"{V1}/me").json() for user in (rita, agnes))

    assert (mine["role"], mine["organization"]["name"], mine["teams"]) == ("customer", "City of Aarlund", [])
    assert (hers["role"], hers["organization"], [team["name"] for team in hers["teams"]]) == ("agent", None, ["Alpha"])
    assert client_of().get(f"{V1}/me").status_code == 401


def test_somebody_without_a_role_has_none(rita):
    rita.groups.set([Group.objects.create(name="other")])

    assert client_of(rita).get(f"{V1}/me").json()["role"] is None


def test_preferences_are_ones_own_to_change(rita):
    asked = {"name": "Rita L", "time_zone": "Europe/Oslo", "is_mailed_replies": False, "availability": "away"}

    body = client_of(rita).patch(f"{V1}/me", asked).json()

    assert {name: body[name] for name in asked} == {**asked, "availability": "AWAY"}


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"time_zone": "Moon/Crater"}, ["time_zone"]),
        ({"is_mailed_replies": "no"}, ["is_mailed_replies"]),
        ({"name": ""}, ["name"]),
        ({"email": "other@aarlund.example"}, ["email"]),
        ({"role": "administrator", "is_staff": True}, ["is_staff", "role"]),
        ({"is_organization_admin": True}, ["is_organization_admin"]),
    ],
)
def test_nobody_changes_more_of_themselves(rita, body, names):
    response = client_of(rita).patch(f"{V1}/me", body)

    assert (response.status_code, sorted(fields(response))) == (422, names)


# --- personal access tokens ---


def make_token(user, **asked):
    return client_of(user).post(f"{V1}/me/tokens", {"name": "export", "scopes": ["tickets:read"], **asked})


def test_a_token_is_told_once(rita):
    response = make_token(rita)
    body = response.json()

    assert (response.status_code, response["Cache-Control"]) == (201, "no-store")
    assert body["token"].startswith(body["prefix"])
    assert with_token(body["token"]).get(f"{V1}/tickets").status_code == 200
    listed = results(client_of(rita).get(f"{V1}/me/tokens"))
    assert [row["id"] for row in listed] == [body["id"]]
    assert "token" not in listed[0]
    assert listed[0]["last_used_ip"] == "127.0.0.1"
    assert body["token"] not in str(list(PersonalAccessToken.objects.values()))


def test_a_token_asked_for_twice_with_one_key_is_one_and_is_sealed(rita):
    answers = [
        client_of(rita).post(f"{V1}/me/tokens", {"name": "x", "scopes": ["kb:read"]}, HTTP_IDEMPOTENCY_KEY="t")
        for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert PersonalAccessToken.objects.count() == 1
    assert answers[0].json()["token"] not in str(IdempotentAnswer.objects.get().body)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"name": ""}, ["name"]),
        ({"scopes": []}, ["scopes"]),
        ({"scopes": ["everything"]}, ["scopes.0"]),
        ({"scopes": "tickets:read"}, ["scopes"]),
        ({"expires_in_days": 0}, ["expires_in_days"]),
        ({"expires_in_days": 367}, ["expires_in_days"]),
        ({"expires_in_days": "30"}, ["expires_in_days"]),
        ({"expires_in_days": True}, ["expires_in_days"]),
        ({"owner": 1}, ["owner"]),
    ],
)
def test_tokens_that_do_not_validate(rita, asked, names):
    response = make_token(rita, **asked)

    assert (response.status_code, fields(response)) == (422, names)


def test_a_token_is_revoked_by_its_owner_only(rita, otto):
    body = make_token(rita).json()
    place = f"{V1}/me/tokens/{body['id']}"

    assert client_of(otto).delete(place).status_code == 404
    assert [client_of(rita).delete(place).status_code for _ in range(2)] == [204, 204]
    assert with_token(body["token"]).get(f"{V1}/tickets").status_code == 401
    assert results(client_of(otto).get(f"{V1}/me/tokens")) == []


@pytest.mark.parametrize(("method", "place"), [("get", ""), ("post", ""), ("delete", "/1")])
def test_a_token_neither_makes_nor_reads_nor_revokes_tokens(rita, method, place):
    token = make_token(rita, scopes=["me:read", "me:write"]).json()["token"]

    response = getattr(with_token(token), method)(f"{V1}/me/tokens{place}")

    assert (response.status_code, code_of(response)) == (403, "insufficient_scope")


# --- people and organizations ---


def test_who_sees_whom(rita, otto, agnes, ada, mallory):
    def seen(user):
        return {row["email"] for row in results(client_of(user).get(f"{V1}/users"))}

    everybody = {user.email for user in (rita, otto, agnes, ada, mallory)}
    assert seen(rita) == {rita.email}
    assert seen(otto) == {rita.email, otto.email}
    assert seen(mallory) == {mallory.email}
    assert seen(agnes) == everybody
    assert client_of(rita).get(f"{V1}/users/{agnes.pk}").status_code == 404
    assert client_of(otto).get(f"{V1}/users/{rita.pk}").json()["name"] == rita.name
    assert client_of(agnes).get(f"{V1}/users/{10**25}").status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("role=agent", ["Agnes Moreau"]),
        ("role=agent&role=administrator", ["Ada Okafor", "Agnes Moreau"]),
        ("q=lindq", ["Rita Lindqvist"]),
        ("q=outside.example", ["Mallory"]),
        ("organization=none&role=customer", ["Mallory"]),
        ("ordering=-name&limit=1", ["Rita Lindqvist"]),
        ("created_after=2999-01-01", []),
    ],
)
def test_people_are_narrowed_and_ordered(rita, agnes, ada, mallory, query, names):
    assert [row["name"] for row in results(client_of(agnes).get(f"{V1}/users?{query}"))] == names


def test_a_role_nobody_knows_is_a_wrong_parameter(agnes):
    response = client_of(agnes).get(f"{V1}/users?role=king")

    assert (response.status_code, fields(response)) == (400, ["role"])


def test_who_sees_which_organization(rita, agnes, mallory, aarlund):
    other = Organization.objects.create(name="Other")

    assert [row["name"] for row in results(client_of(agnes).get(f"{V1}/organizations"))] == ["City of Aarlund", "Other"]
    mine = results(client_of(rita).get(f"{V1}/organizations"))
    assert [(row["name"], row["domains"]) for row in mine] == [("City of Aarlund", ["aarlund.example"])]
    assert results(client_of(mallory).get(f"{V1}/organizations")) == []
    assert client_of(rita).get(f"{V1}/organizations/{other.pk}").status_code == 404
    assert client_of(rita).get(f"{V1}/organizations/{aarlund.pk}").json()["tier"] == "ENTERPRISE"


@pytest.mark.parametrize(
    ("query", "count"), [("tier=enterprise", 1), ("tier=COMMUNITY", 0), ("q=aarl", 1), ("updated_since=2999-01-01", 0)]
)
def test_organizations_are_narrowed(agnes, aarlund, query, count):
    assert len(results(client_of(agnes).get(f"{V1}/organizations?{query}"))) == count


def test_lists_of_people_cost_the_same_queries_whatever_their_length(
    rita, agnes, aarlund, django_assert_max_num_queries
):
    for number in range(20):
        services.create_user(email=f"p{number}@aarlund.example", name=f"P {number}", by=SYSTEM)
        services.create_organization(name=f"O {number}", domains=[f"o{number}.example"], by=SYSTEM)
    for place in ("users", "organizations"):
        with django_assert_max_num_queries(10):
            assert len(results(client_of(agnes).get(f"{V1}/{place}?limit=100"))) > 20


def test_product_areas_are_everybodys_to_read(db):
    rows = results(client_of().get(f"{V1}/product-areas?limit=100"))

    assert "DATA_CATALOG" in [row["key"] for row in rows]
    assert "CATALOG" in next(row["aliases"] for row in rows if row["key"] == "DATA_CATALOG")
    ProductArea.objects.filter(key="OTHER").update(is_active=False)
    assert "OTHER" not in [row["key"] for row in results(client_of().get(f"{V1}/product-areas?limit=100"))]
