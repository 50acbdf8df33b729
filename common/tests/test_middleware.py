"""What every request passes."""

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from common import context, middleware
from common.middleware import BodyLimitMiddleware, DatabaseOutageMiddleware, RequestIdMiddleware


def ok(request):
    return HttpResponse("ok")


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space", "line\nbreak", "<script>"])
def test_a_request_id_that_is_not_clean_is_replaced(given):
    request = RequestFactory().get("/", HTTP_X_REQUEST_ID=given)
    response = RequestIdMiddleware(ok)(request)
    assert middleware.CLEAN_REQUEST_ID.fullmatch(response["X-Request-ID"])
    assert response["X-Request-ID"] != given


def test_a_clean_request_id_is_kept_and_reaches_the_journal():
    seen = []

    def view(request):
        seen.append(context.current())
        return HttpResponse()

    response = RequestIdMiddleware(view)(
        RequestFactory().get("/", HTTP_X_REQUEST_ID="trace-12345678", REMOTE_ADDR="192.0.2.1")
    )
    assert response["X-Request-ID"] == "trace-12345678"
    assert seen == [context.Origin("trace-12345678", "192.0.2.1")]
    assert context.current() == context.Origin()


@pytest.mark.parametrize(
    ("content_type", "length", "status"),
    [
        ("application/json", "100", 200),
        ("application/json", "2500001", 413),
        ("application/x-www-form-urlencoded", "9000000", 413),
        ("multipart/form-data; boundary=x", "9000000", 200),
        ("multipart/form-data; boundary=x", "55000001", 413),
        ("application/json", "many", 413),
        ("application/json", "-5", 413),
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/v1/tickets"])
def test_a_body_over_the_limit_is_refused_unread(path, content_type, length, status):
    request = RequestFactory().generic("POST", path)
    request.META |= {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": length, "HTTP_X_REQUEST_ID": "trace-12345678"}
    response = BodyLimitMiddleware(ok)(request)
    assert response.status_code == status
    if status == 413 and path.startswith("/api/"):
        assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "kind"), [("/", "text/html; charset=utf-8"), ("/api/v1/x", "application/problem+json")]
)
def test_a_lost_database_is_a_plain_503(path, kind):
    request = RequestFactory().get(path)
    request.META["HTTP_X_REQUEST_ID"] = "trace-12345678"
    outage = DatabaseOutageMiddleware(ok)
    response = outage.process_exception(request, OperationalError("server closed\nsecret detail"))
    assert (response.status_code, response["Content-Type"], response["Retry-After"]) == (503, kind, "30")
    assert b"secret" not in response.content
    assert outage.process_exception(request, ValueError()) is None
    assert outage(request).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/t/s3cret", "/t/s3cret/reply", "/api/v1/attachments/s3cret", "/help/search?q=s3cret", "/?token=s3cret"]
)
def test_what_opens_something_stands_in_no_log(client, caplog, path):
    caplog.set_level("INFO")
    client.get(path)
    assert caplog.records
    assert "s3cret" not in caplog.text


@pytest.mark.django_db
def test_answer_log_and_journal_name_a_request_alike(client, caplog):
    caplog.set_level("INFO", "django_structlog")
    response = client.get("/api/health/live", HTTP_X_REQUEST_ID="trace-12345678")
    assert response["X-Request-ID"] == "trace-12345678"
    logged = [record.msg for record in caplog.records if record.name.startswith("django_structlog")]
    assert {entry["request_id"] for entry in logged} == {"trace-12345678"}
