"""Every failure of Slack becomes words, and never a second message."""

import socket
import threading

import pytest

from common.errors import DeliveryError
from common.time import now
from integrations.slack.blocks import alert
from integrations.slack.client import Slack
from tests.vendors.server import Reply
from tests.vendors.slack import TOKEN, busy, refusal

HELLO = alert(title="Hello", message="there")


def failure_of(call) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        call()
    assert TOKEN not in str(caught.value)
    assert TOKEN not in repr(caught.value.__cause__ or "")
    return caught.value


def post(**how):
    return Slack().post("C0TEST", HELLO, attempts=["a.0"], **how)


def test_a_message_is_posted_found_and_changed(slack):
    posted = post()
    assert slack.posts("C0TEST")[0].metadata["event_payload"] == {"attempts": ["a.0"]}
    assert Slack().find("C0TEST", "a.0", since=now()) == posted
    assert Slack().find("C0TEST", "b.0", since=now()) is None
    reply = post(thread=posted.ts)
    Slack().update("C0TEST", posted.ts, alert(title="Changed", message=""))
    assert slack.posts("C0TEST", thread="")[0].edits == 1
    assert slack.posts("C0TEST", thread=posted.ts)[0].ts == reply.ts


def test_a_reply_is_found_in_its_thread_alone(slack):
    head = Slack().post("C0TEST", HELLO, attempts=["head"])
    reply = Slack().post("C0TEST", HELLO, attempts=["reply"], thread=head.ts)
    assert Slack().find("C0TEST", "reply", since=now()) is None
    assert Slack().find("C0TEST", "reply", since=now(), thread=head.ts).ts == reply.ts


@pytest.mark.parametrize(
    ("reply", "words", "permanent", "retry_after", "is_unknown"),
    [
        (busy(17), "17 s", False, 17, False),
        (Reply(429, b"slow down"), "30 s", False, 30, False),
        (Reply(429, b"{}", {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), "30 s", False, 30, False),
        (refusal("ratelimited"), "busy", False, 30, False),
        (refusal("channel_not_found"), "no such channel", True, None, False),
        (refusal("not_in_channel"), "/invite", True, None, False),
        (refusal("is_archived"), "archived", True, None, False),
        (refusal("msg_too_long"), "too long", True, None, False),
        (refusal("invalid_auth"), "does not accept the token", False, None, False),
        (refusal("token_revoked"), "revoked", False, None, False),
        (refusal("missing_scope", needed="chat:write"), "chat:write", False, None, False),
        (refusal("fatal_error"), "fatal_error", False, None, True),
        (refusal("brand_new_error"), "brand_new_error", False, None, False),
        (Reply(500, b"oops"), "500", False, None, True),
        (Reply(503, b"<html>"), "503", False, None, True),
        (Reply(404, b""), "404", False, None, False),
        (Reply(200, b"<html>garbage</html>"), "cannot be read", False, None, True),
        (Reply(200, b"\xff\xfe\x00"), "cannot be read", False, None, True),
        (Reply(200, b"[]"), "cannot be read", False, None, True),
        (Reply(200, b"[1]"), "did not answer", False, None, True),
        (Reply(200, b'{"ok": true}'), "does not say where", False, None, True),
        (Reply(is_reset=True), "did not answer", False, None, True),
        (Reply(200, b'{"ok": true}' * 9, drip_seconds=0.05), "did not answer", False, None, True),
    ],
)
def test_each_failure_says_what_to_do(slack, reply, words, permanent, retry_after, is_unknown):
    slack.script("chat.postMessage", reply)
    failure = failure_of(post)
    assert words in str(failure)
    assert (failure.permanent, failure.retry_after, failure.is_unknown) == (permanent, retry_after, is_unknown)
    assert len(slack.called("chat.postMessage")) == 1


def test_where_nobody_listens_nothing_was_taken(slack, settings):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.SLACK_API_URL = f"http://127.0.0.1:{unused.getsockname()[1]}/api/"
        failure = failure_of(post)
    assert (failure.is_unknown, "cannot be reached" in str(failure)) == (False, True)


def test_silence_ends_in_time(slack, settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.SLACK_API_URL = f"http://127.0.0.1:{silent.getsockname()[1]}/api/"
        failure = failure_of(post)
    assert failure.is_unknown


def test_no_proxy_is_taken_from_the_environment(slack, settings, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert Slack().who()["bot_id"] == "B0BOT"


def test_the_proxy_that_is_set_is_asked(slack, settings):
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        settings.SLACK_API_URL = "https://slack.example/api/"
        settings.SLACK_PROXY_URL = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        asked: list[bytes] = []

        def serve() -> None:
            connection, _ = proxy.accept()
            with connection:
                asked.append(connection.recv(1000))
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        failure = failure_of(post)
        thread.join()
    assert asked[0].startswith(b"CONNECT slack.example:443 ")
    assert not failure.is_unknown


def test_a_channel_is_found_by_its_name_on_a_later_page(slack):
    assert Slack().channel_named("#incidents") == "C0INCIDENT"
    assert failure_of(lambda: Slack().channel_named("#nowhere")).permanent


def test_the_token_shows_nowhere(slack, caplog):
    client = Slack()
    slack.script("chat.postMessage", Reply(500, TOKEN.encode()), Reply(200, TOKEN.encode()))
    for _ in range(2):
        failure_of(post)
    assert TOKEN not in repr(client) + repr(client._client) + caplog.text
