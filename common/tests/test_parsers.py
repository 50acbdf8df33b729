import io
import json

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from rest_framework.exceptions import ParseError, UnsupportedMediaType, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from common.parsers import MultiPartParser, StrictJSONParser, loads
from common.tests.api import call, code_of


class Echo(APIView):
    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    parser_classes = [StrictJSONParser, MultiPartParser]

    def post(self, request):
        return Response({"names": sorted(request.data)})


def parse(body, **context):
    return StrictJSONParser().parse(io.BytesIO(body), "application/json", context)


def test_an_object_in_utf8_is_read():
    assert parse('{"a": ["é", 1, 1.5, true, null, {"b": "😀"}]}'.encode()) == {
        "a": ["é", 1, 1.5, True, None, {"b": "😀"}]
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 1} {"b": 2}',
        b'{"a": 1, "a": 2}',
        b'{"b": {"a": 1, "a": 2}}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'{"a": ["x", {"b": "\\ud800"}]}',
        b'{"a": "\\udc00 tail"}',
        b'{"a": "raw \x00 nul"}',
        b'{"a": "line\nbreak"}',
        b'{"a": "\xff"}',
        '\ufeff{"a": 1}'.encode(),
        '{"a": 1}'.encode("utf-16"),
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_what_is_no_strict_json_is_refused(body):
    with pytest.raises(ParseError):
        parse(body)


@pytest.mark.parametrize("body", [b"[]", b"1", b'"text"', b"null", b"true", b"[{}]"])
def test_json_that_is_no_object_does_not_validate(body):
    with pytest.raises(ValidationError) as refused:
        parse(body)

    assert refused.value.get_codes() == ["not_an_object"]


def test_whole_surrogate_pairs_are_text():
    assert parse(b'{"a": "\\ud83d\\ude00"}') == {"a": "😀"}


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "bz2_codec"])
def test_another_charset_is_another_media_type(charset):
    with pytest.raises(UnsupportedMediaType):
        parse(b"{}", encoding=charset)


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", "utf_8", None])
def test_utf8_may_be_named(charset):
    assert parse(b"{}", encoding=charset) == {}


def test_a_body_over_the_limit_is_refused_before_it_is_parsed(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    assert parse(json.dumps({"a": "x" * 80}).encode())
    with pytest.raises(RequestDataTooBig):
        parse(json.dumps({"a": "x" * 100}).encode())


def test_depth_up_to_the_limit_is_read():
    assert loads(b"[" * 30 + b"]" * 30)


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b'{"a": 1, "a": 2}', "application/json", 400, "malformed"),
        (b"[]", "application/json", 422, "invalid"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"<a/>", "application/xml", 415, "unsupported_media_type"),
        (b"{}", "application/json; charset=latin-1", 415, "unsupported_media_type"),
        (b"{}", "text/plain", 415, "unsupported_media_type"),
        (b"{}", "", 415, "unsupported_media_type"),
        (b"{}", "x" * 300, 415, "unsupported_media_type"),
        (b"nonsense", "multipart/form-data", 400, "malformed"),
    ],
)
def test_answers_to_unreadable_bodies(body, content_type, status, code):
    response = call(Echo, "POST", body=body, content_type=content_type)

    assert (response.status_code, code_of(response)) == (status, code)


def test_a_form_with_a_file_is_read():
    form = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("a.txt", b"x"), "note": "hello"})

    response = call(Echo, "POST", body=form, content_type=MULTIPART_CONTENT)

    assert json.loads(response.content) == {"names": ["file", "note"]}


@pytest.mark.parametrize("form", [{"note": "a\x00b"}, {"no\x00te": "a"}])
def test_nul_in_a_form_is_refused(form):
    response = call(Echo, "POST", body=encode_multipart(BOUNDARY, form), content_type=MULTIPART_CONTENT)

    assert (response.status_code, code_of(response)) == (400, "malformed")
