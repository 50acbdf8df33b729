import datetime as dt
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from redis.exceptions import RedisError
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.response import Response

from common import ratelimit
from common.models import RateWindow
from common.ratelimit import (
    DefaultRate,
    OverLimit,
    caller_of,
    client_ip,
    headers_for,
    hit,
    is_free,
    limit,
    require_left,
)
from common.tests.api import call, code_of
from common.time import now
from common.views import PortalView

NOON = dt.datetime(2026, 2, 8, 12, 0, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _rates(settings, time_machine):
    settings.PORTAL_RATES = {"default": (3, 60), "guest": (1, 3600)}
    settings.PORTAL_RATE_FREE_ADDRESSES = []
    settings.REDIS_URL = ""
    time_machine.move_to(NOON + dt.timedelta(seconds=10), tick=False)


class Open(PortalView):
    authentication_classes = []
    permission_classes = []
    throttle_classes = [DefaultRate]

    def get(self, request):
        return Response({})

    def post(self, request):
        limit(request, "guest", "rita@aarlund.example")
        return Response({}, status=201)


class Guarded(Open):
    class Refusing:
        def authenticate(self, request):
            raise AuthenticationFailed("No.")

        def authenticate_header(self, request):
            return "Bearer"

    authentication_classes = [Refusing]


def test_what_is_left_goes_down_to_nothing(db):
    assert [hit("default", "user:1").remaining for _ in range(3)] == [2, 1, 0]
    with pytest.raises(OverLimit) as refused:
        hit("default", "user:1")

    assert refused.value.retry_after == 50
    assert refused.value.window.limit == 3
    assert "50 seconds" in refused.value.message


def test_callers_and_rates_are_counted_apart(db):
    hit("guest", "user:1")

    assert hit("guest", "user:2").remaining == 0
    assert hit("default", "user:1").remaining == 2
    with pytest.raises(OverLimit):
        hit("guest", "USER:1")


def test_the_count_starts_again_with_the_window(db, time_machine):
    for _ in range(3):
        hit("default", "user:1")
    time_machine.move_to(NOON + dt.timedelta(seconds=60), tick=False)

    window = hit("default", "user:1")

    assert (window.remaining, window.reset_seconds) == (2, 60)


def test_one_use_costs_one_query(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        hit("default", "user:1")


def test_rows_expire_and_name_nobody(db):
    hit("default", "rita@aarlund.example")

    row = RateWindow.objects.get()
    assert row.expires_at == now() + dt.timedelta(seconds=60)
    assert "rita" not in row.key


def test_an_ipv6_caller_is_its_network(db):
    hit("guest", "2001:db8:0:1::1")

    with pytest.raises(OverLimit):
        hit("guest", "2001:db8:0:1:ffff::2")
    assert hit("guest", "2001:db8:0:2::1").remaining == 0
    assert hit("guest", "192.0.2.1").remaining == 0
    assert hit("guest", "192.0.2.2").remaining == 0


def test_free_addresses_are_not_counted(db, settings):
    settings.PORTAL_RATE_FREE_ADDRESSES = ["192.0.2.0/24", "2001:db8::1"]

    assert [hit("guest", "192.0.2.9").remaining for _ in range(3)] == [1, 1, 1]
    assert is_free("2001:db8::1")
    assert not is_free("2001:db8::2")
    assert not is_free("192.0.3.1")
    assert not is_free("user:1")
    assert not RateWindow.objects.exists()


def test_a_free_address_is_free_whoever_asks(db, settings):
    settings.PORTAL_RATE_FREE_ADDRESSES = ["127.0.0.1"]

    answers = [call(Open, "POST", body={}) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {201}
    assert not answers[0].has_header("RateLimit")


def in_redis(settings, monkeypatch, **commands):
    """Count in a Redis that answers as told."""
    settings.REDIS_URL = "redis://somewhere"
    monkeypatch.setattr(ratelimit, "cache", SimpleNamespace(**commands))


def test_counting_in_redis(settings, monkeypatch):
    counts = {}

    def incr(key):
        counts[key] += 1
        return counts[key]

    in_redis(settings, monkeypatch, add=lambda key, value, timeout: counts.setdefault(key, value), incr=incr)

    assert [hit("default", "user:1").remaining for _ in range(3)] == [2, 1, 0]


def test_a_counter_that_expires_between_two_commands_is_begun_again(settings, monkeypatch):
    answers = iter([ValueError("gone"), 1])

    def incr(key):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    in_redis(settings, monkeypatch, add=lambda *args, **kwargs: True, incr=incr)
    assert hit("default", "user:1").remaining == 2

    answers = iter([ValueError("gone"), ValueError("gone")])
    assert hit("default", "user:1").remaining == 2


def test_without_redis_the_database_counts(db, settings, monkeypatch):
    def fail(*args, **kwargs):
        raise RedisError("away")

    in_redis(settings, monkeypatch, add=fail)

    assert hit("default", "user:1").remaining == 2
    assert RateWindow.objects.get().count == 1


def test_every_answer_of_a_limited_route_tells_what_is_left(db):
    answers = [call(Open, path="/api/v1/things?x=1" if number == 1 else "/api/v1/things") for number in range(4)]

    assert [answer.status_code for answer in answers] == [200, 400, 200, 429]
    assert [answer["RateLimit"] for answer in answers] == [
        '"default";r=2;t=50',
        '"default";r=1;t=50',
        '"default";r=0;t=50',
        '"default";r=0;t=50',
    ]
    assert {answer["RateLimit-Policy"] for answer in answers} == {'"default";q=3;w=60'}
    assert code_of(answers[3]) == "too_many_requests"
    assert answers[3]["Retry-After"] == "50"


def test_the_tightest_window_is_the_one_shown(db):
    first, second = call(Open, "POST", body={}), call(Open, "POST", body={})

    assert first["RateLimit"] == '"guest";r=0;t=3590'
    assert (second.status_code, second["Retry-After"]) == (429, "3590")
    assert second["RateLimit-Policy"] == '"guest";q=1;w=3600'


def test_guessing_at_credentials_is_counted(db):
    answers = [call(Guarded) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[0]["RateLimit"] == '"default";r=2;t=50'


def test_an_unacceptable_accept_header_is_counted_once(db):
    answer = call(Open, HTTP_ACCEPT="text/html")

    assert (answer.status_code, code_of(answer)) == (406, "not_acceptable")
    assert answer["RateLimit"] == '"default";r=2;t=50'


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/*", "text/html, */*;q=0.1", ""])
def test_json_is_acceptable(db, accept):
    assert call(Open, HTTP_ACCEPT=accept).status_code == (406 if accept == "" else 200)


@pytest.mark.parametrize("accept", ["x", "/", ",,,", "application/json;q=x", "a/b" * 4000])
def test_a_strange_accept_header_is_no_fault(db, accept):
    assert call(Open, HTTP_ACCEPT=accept).status_code in {200, 406}


def test_nothing_is_told_where_nothing_was_counted():
    assert headers_for(RequestFactory().get("/")) == {}
    assert DefaultRate().wait() is None


def test_a_token_is_counted_apart_from_its_user(rita):
    request = RequestFactory().get("/")
    request.user, request.auth = rita, None
    assert caller_of(request) == f"user:{rita.pk}"

    request.auth = rita  # any stored row will do
    assert caller_of(request) == f"token:{rita.pk}"

    request.user, request.auth = AnonymousUser(), {"jti": "of a JWT"}
    assert caller_of(request) == "127.0.0.1"


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "expected"),
    [
        (0, "192.0.2.1", "", "192.0.2.1"),
        (0, "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (1, "10.0.0.1", "198.51.100.7", "198.51.100.7"),
        (1, "10.0.0.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (2, "10.0.0.1", "6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (2, "10.0.0.1", "198.51.100.7", "198.51.100.7"),
        (1, "10.0.0.1", "", "10.0.0.1"),
        (1, "10.0.0.1", " , ,", "10.0.0.1"),
        (1, "10.0.0.1", "not an address", "10.0.0.1"),
        (1, "10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        (1, "10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "10.0.0.1", "2001:DB8::1", "2001:db8::1"),
        (1, "10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        (0, "", "", ratelimit.UNKNOWN_ADDRESS),
        (0, "unix:", "", ratelimit.UNKNOWN_ADDRESS),
    ],
)
def test_only_trusted_proxies_are_believed(settings, proxies, remote, forwarded, expected):
    settings.PORTAL_TRUSTED_PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}

    assert client_ip(RequestFactory().get("/", REMOTE_ADDR=remote, **headers)) == expected


def test_a_rate_of_failures_is_looked_at_without_being_used(db, settings, monkeypatch):
    for _ in range(3):
        require_left("guest", "user:1")
    hit("guest", "user:1")
    with pytest.raises(OverLimit):
        require_left("guest", "user:1")

    settings.PORTAL_RATE_FREE_ADDRESSES = ["192.0.2.1"]
    require_left("guest", "192.0.2.1")

    in_redis(settings, monkeypatch, get=lambda key, default: 1)
    with pytest.raises(OverLimit):
        require_left("guest", "user:2")

    def fail(*args, **kwargs):
        raise RedisError("away")

    in_redis(settings, monkeypatch, get=fail)
    require_left("guest", "user:2")
