import datetime as dt
import json
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.client import encode_multipart
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from common.errors import Conflict
from common.idempotency import KEPT, STALE_AFTER, digest_of, idempotent
from common.models import IdempotentAnswer, RateWindow
from common.parsers import MultiPartParser, StrictJSONParser
from common.tests.api import call, code_of
from common.time import now
from common.views import PortalView

PATH = "/api/v1/things"


class Things(PortalView):
    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    parser_classes = [StrictJSONParser, MultiPartParser]
    made: list = []
    answer = staticmethod(lambda request: Response({"number": len(Things.made)}, status=201, headers={"ETag": '"1"'}))

    @idempotent
    def post(self, request):
        Things.made.append(request.data)
        RateWindow.objects.create(key=f"work {len(Things.made)}", expires_at=now())
        return Things.answer(request)


class Person:
    is_authenticated = True

    def __init__(self, pk):
        self.pk = pk


@pytest.fixture(autouse=True)
def _nothing_made(monkeypatch):
    monkeypatch.setattr(Things, "made", [])


def post(body=None, key="k1", user=None, path=PATH, **extra):
    if key is not None:
        extra["HTTP_IDEMPOTENCY_KEY"] = key
    return call(Things, "POST", path, user=user, body={} if body is None else body, **extra)


def answering(monkeypatch, function):
    monkeypatch.setattr(Things, "answer", staticmethod(function))


def test_without_a_key_every_post_makes_one(db):
    post(key=None)
    post(key=None)

    assert len(Things.made) == 2
    assert not IdempotentAnswer.objects.exists()


def test_the_same_key_and_body_get_the_first_answer_again(db):
    first, again = post({"a": 1}), post({"a": 1})

    assert (first.status_code, json.loads(first.content)) == (201, {"number": 1})
    assert (again.status_code, json.loads(again.content)) == (201, {"number": 1})
    assert not first.has_header("Idempotent-Replayed")
    assert again["Idempotent-Replayed"] == "true"
    assert again["ETag"] == '"1"'
    assert len(Things.made) == 1


@pytest.mark.parametrize("key", ["k1", '"k1"', "  k1  ", ' "k1"'])
def test_bare_and_quoted_are_one_key(db, key):
    post(key="k1")

    assert post(key=key)["Idempotent-Replayed"] == "true"


def test_quoted_keys_may_hold_escapes_and_blanks(db):
    assert post(key=r'"a \"b\" \\ c"').status_code == 201
    assert IdempotentAnswer.objects.get().key == r'a "b" \ c'


@pytest.mark.parametrize(
    "key",
    ["", " ", '"', '""', '"k', 'k"', "two words", "a,b", "a;b", "é", '"é"', "x" * 256, '"' + "x" * 256 + '"', "\\"],
)
def test_a_malformed_key_is_refused(db, key):
    response = post(key=key)

    assert (response.status_code, code_of(response)) == (400, "malformed")
    assert not Things.made


def test_the_longest_key_is_accepted(db):
    assert post(key="x" * 255).status_code == 201


def test_the_same_key_with_another_body_is_refused(db):
    post({"a": 1})

    response = post({"a": 2})

    assert (response.status_code, code_of(response)) == (422, "idempotency_key_reused")
    assert len(Things.made) == 1


def test_order_of_names_and_white_space_are_the_same_body(db):
    post(b'{"a": 1, "b": [1, 2]}')

    assert post(b'{"b":[1,2],"a":1}')["Idempotent-Replayed"] == "true"


def test_a_key_belongs_to_its_caller_and_path(db):
    post(user=Person(1))
    post(user=Person(2))
    post(user=Person(1), path=f"{PATH}/2")
    post(REMOTE_ADDR="192.0.2.1")
    post(REMOTE_ADDR="192.0.2.2")

    assert len(Things.made) == 5
    assert post(user=Person(1))["Idempotent-Replayed"] == "true"


def test_a_guest_behind_the_same_address_gets_no_answer_without_the_same_body(db):
    post({"customer_email": "rita@aarlund.example"})

    response = post({"customer_email": "mallory@outside.example"})

    assert response.status_code == 422
    assert b"number" not in response.content


def test_long_paths_are_told_apart(db):
    post(path=f"{PATH}/{'x' * 300}")
    post(path=f"{PATH}/{'x' * 299}y")

    assert len(Things.made) == 2


def test_while_the_first_runs_the_second_is_told_to_wait(db, monkeypatch):
    inner = []
    answering(monkeypatch, lambda request: inner.append(post()) or Response(None, status=204))

    post()

    assert (inner[0].status_code, code_of(inner[0])) == (409, "idempotency_key_in_use")
    assert inner[0]["Retry-After"] == "1"
    assert post().status_code == 204


@pytest.mark.parametrize("error", [ValidationError("No."), Conflict("No."), KeyError("fault"), SystemExit(1)])
def test_a_first_request_that_fails_releases_the_key_and_leaves_no_work(db, monkeypatch, error):
    def fail(request):
        raise error

    answering(monkeypatch, fail)
    if isinstance(error, SystemExit):
        with pytest.raises(SystemExit):
            post()
    else:
        assert post().status_code >= 400
    assert not IdempotentAnswer.objects.exists()
    assert not RateWindow.objects.exists()

    answering(monkeypatch, lambda request: Response({}, status=201))
    assert not post().has_header("Idempotent-Replayed")


def test_an_answer_of_5xx_releases_the_key_and_leaves_no_work(db, monkeypatch):
    answering(monkeypatch, lambda request: Response({}, status=503))

    assert post().status_code == 503
    assert not IdempotentAnswer.objects.exists()
    assert not RateWindow.objects.exists()


def test_an_answer_of_4xx_is_kept(db, monkeypatch):
    answering(monkeypatch, lambda request: Response({"no": 1}, status=409))
    post()

    assert (post().status_code, len(Things.made)) == (409, 1)


def test_a_first_request_that_died_blocks_the_key_for_a_minute_only(db, time_machine):
    died = now()
    IdempotentAnswer.objects.create(
        caller="ip:127.0.0.1", route=f"POST {PATH}", key="k1", body_digest="of another body", created_at=died
    )
    time_machine.move_to(died + STALE_AFTER - dt.timedelta(seconds=1), tick=False)
    assert post().status_code == 422

    time_machine.move_to(died + STALE_AFTER + dt.timedelta(seconds=1), tick=False)
    assert (post().status_code, len(Things.made)) == (201, 1)
    assert post()["Idempotent-Replayed"] == "true"


def test_a_key_is_forgotten_after_a_day(db, time_machine):
    post({"a": 1})
    time_machine.move_to(now() + KEPT + dt.timedelta(seconds=1), tick=False)

    assert post({"a": 2}).status_code == 201
    assert len(Things.made) == 2


def test_work_that_was_taken_over_meanwhile_is_undone(db, monkeypatch):
    def slow(request):
        IdempotentAnswer.objects.update(created_at=now() + dt.timedelta(seconds=61))
        return Response({}, status=201)

    answering(monkeypatch, slow)

    assert post().status_code == 409
    assert not RateWindow.objects.exists()


def test_a_form_is_the_same_whatever_its_boundary(db):
    def send(boundary, content):
        form = encode_multipart(boundary, {"file": SimpleUploadedFile("a.txt", content), "note": "x"})
        return post(form, content_type=f"multipart/form-data; boundary={boundary}")

    send("one", b"content")

    assert send("two", b"content")["Idempotent-Replayed"] == "true"
    assert send("two", b"other").status_code == 422
    assert Things.made[0]["file"].read() == b"content"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_simultaneous_posts_make_one(monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, and in memory refuses the second at once")
    both_started, may_end = threading.Barrier(2, timeout=10), threading.Event()
    answers = []

    def slow(request):
        both_started.wait()
        may_end.wait(10)
        return Response({}, status=201)

    def send():
        answers.append(post())
        connection.close()

    answering(monkeypatch, slow)
    first = threading.Thread(target=send)
    first.start()
    both_started.wait()
    send()
    may_end.set()
    first.join()

    assert len(Things.made) == 1
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert post()["Idempotent-Replayed"] == "true"


def test_the_digest_does_not_depend_on_anything_but_the_body():
    class Asked:
        data = {"b": dt.date(2026, 2, 8), "a": "é"}

    class Again:
        data = {"a": "é", "b": dt.date(2026, 2, 8)}

    assert digest_of(Asked()) == digest_of(Again())


@pytest.mark.django_db(transaction=True)
def test_the_claim_is_outside_the_works_transaction(monkeypatch):
    depth = []
    answering(monkeypatch, lambda request: depth.append(connection.in_atomic_block) or Response({}, status=201))

    post()

    assert depth == [True]
    assert not transaction.get_connection().in_atomic_block


def test_answers_are_sealed_at_rest_and_opened_by_older_keys(db, settings):
    post({"a": 1})
    assert "number" not in str(IdempotentAnswer.objects.get().body)

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 8
    assert json.loads(post({"a": 1}).content) == {"number": 1}

    settings.SECRET_KEY_FALLBACKS = []
    assert (post({"a": 1}).status_code, len(Things.made)) == (409, 1)
