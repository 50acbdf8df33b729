"""The Integrations page, its JSON, its metrics, the command that checks one, and the inbox in the console."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from common.errors import DeliveryError
from integrations import inbound, registry, services
from integrations.inbound import Held, Outcome, Source
from integrations.models import Circuit, InboundEvent
from integrations.redaction import redacted
from integrations.registry import Kind, Sent, Verdict

PAGE = reverse("admin:integrations_overview")
INBOX = reverse("admin:integrations_inboundevent_changelist")
SECRET = "xoxb-1234567890-abcdefghijkl"


@pytest.fixture
def pigeon(monkeypatch, db):
    """An integration that is on; its loft answers what the test says."""
    monkeypatch.setattr(registry, "_kinds", {})
    state = {"is_on": True, "verdict": Verdict(True, "The loft answers."), "failure": None}

    def send(delivery):
        if state["failure"]:
            raise state["failure"]
        return Sent("ok")

    def check(is_live):
        if isinstance(state["verdict"], Exception):
            raise state["verdict"]
        return state["verdict"]

    why = lambda: "LOFT_URL is set." if state["is_on"] else "LOFT_URL is not set."  # noqa: E731
    registry.register(Kind("pigeon", "Pigeons", send, is_on=lambda: state["is_on"], why=why, check=check))
    return state


def fail(times=5):
    for n in range(times):
        services.queue_delivery(kind="pigeon", template="note", destination=str(n))
    services.deliver_due()


def test_the_page_tells_how_it_is(client, agnes, pigeon):
    client.force_login(agnes)
    assert "On, not used yet" in client.get(PAGE).content.decode()
    fail(1)
    assert "Works" in client.get(PAGE).content.decode()
    pigeon["failure"] = DeliveryError(f"The loft refused {SECRET}.")
    fail()
    page = client.get(PAGE).content.decode()
    assert "Failing" in page
    assert "The loft refused [hidden]." in page
    assert SECRET not in page
    assert "Test" not in page.partition("<main")[2]
    pigeon["is_on"] = False
    assert "LOFT_URL is not set." in client.get(PAGE).content.decode()


def test_a_supervisor_tests_it_and_lets_it_try_again(client, sofia, pigeon):
    pigeon["failure"] = DeliveryError("The loft is shut.")
    fail()
    client.force_login(sofia)
    page = client.post(PAGE, {"integration": "pigeon", "test": "1"}, follow=True).content.decode()
    assert "The loft answers." in page
    pigeon["failure"] = None
    client.post(PAGE, {"integration": "pigeon", "resume": "1"})
    assert Circuit.objects.get().paused_until is None
    assert services.deliver_due() == 5
    assert client.post(PAGE, {"integration": "owl", "test": "1"}).status_code == 404


def test_who_may_look_and_act(client, agnes, rita, pigeon):
    client.force_login(agnes)
    assert client.post(PAGE, {"integration": "pigeon", "test": "1"}).status_code == 403
    client.force_login(rita)
    assert client.get(PAGE).status_code in (302, 403)


def test_the_same_as_json(client, agnes, pigeon):
    pigeon["failure"] = DeliveryError("The loft is shut.")
    fail()
    client.force_login(agnes)
    [one] = client.get("/api/v1/integrations").json()["integrations"]
    assert (one["name"], one["is_on"], one["waiting"], one["last_error"]) == ("pigeon", True, 5, "The loft is shut.")
    assert one["circuits"][0]["state"] == "open"


def test_the_same_as_metrics(client, pigeon):
    services.queue_delivery(kind="pigeon", template="note", destination="there")
    words = client.get("/metrics").content.decode()
    assert 'integration_queue_depth{integration="pigeon"} 1.0' in words
    assert 'integration_on{integration="pigeon"} 1.0' in words


@pytest.mark.parametrize(
    ("name", "verdict", "is_on", "fails", "words"),
    [
        ("pigeon", Verdict(True, "The loft answers."), True, False, "good  The loft answers."),
        ("pigeon", Verdict(False, f"Key {SECRET} is wrong."), True, True, "BAD   Key [hidden] is wrong."),
        ("pigeon", DeliveryError("The loft is silent."), True, True, "BAD   The loft is silent."),
        ("pigeon", None, False, True, "off   LOFT_URL is not set."),
        ("all", None, False, False, "off   LOFT_URL is not set."),
        ("owl", None, True, True, "off   There is no integration of this name."),
    ],
)
def test_the_command_gives_a_verdict_and_a_status(pigeon, name, verdict, is_on, fails, words):
    pigeon.update(verdict=verdict, is_on=is_on)
    out = StringIO()
    if fails:
        with pytest.raises(CommandError):
            call_command("check_integration", name, "--live", stdout=out)
    else:
        call_command("check_integration", name, "--live", stdout=out)
    assert words in out.getvalue()
    assert SECRET not in out.getvalue()


@pytest.mark.parametrize(
    "words",
    ["Bearer abcdefgh12345678", "https://user:passw0rd@host/", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SECRET],
)
def test_what_looks_like_a_credential_is_hidden(words):
    assert "[hidden]" in redacted(words)


def test_the_portals_own_credentials_are_hidden(settings):
    settings.SENDGRID_API_KEY = "not-of-a-known-shape"
    assert redacted("key not-of-a-known-shape failed") == "key [hidden] failed"


@pytest.fixture
def held(monkeypatch, db):
    monkeypatch.setattr(inbound, "_sources", {})
    answers = [Held("Nobody knows the sender.")]

    def process(row):
        if answers:
            raise answers.pop()
        return Outcome("Taken.")

    inbound.register(Source("letters", "Letters", process))
    row = services.receive("letters", external_id="a-1", body=b"Dear <b>all</b>")
    services.process_due()
    return row


def test_a_message_that_waits_is_seen_and_decided_on(client, agnes, held):
    client.force_login(agnes)
    listed = client.get(INBOX, {"state__exact": "HELD", "way": "letters"}).content.decode()
    assert "Nobody knows the sender." in listed
    page = client.get(reverse("admin:integrations_inboundevent_change", args=[held.pk])).content.decode()
    assert "Dear &lt;b&gt;all&lt;/b&gt;" in page
    again = reverse("admin:integrations_inboundevent_replay", args=[held.pk])
    client.get(again)
    assert InboundEvent.objects.get().state == "HELD"
    client.post(again, {"_form_submitted": "True"})
    services.process_due()
    assert InboundEvent.objects.get().outcome == "Taken."
    client.post(INBOX, {"action": "discard_selected", "index": 0, "_selected_action": [held.pk]})
    assert InboundEvent.objects.get().state == "DISCARDED"
