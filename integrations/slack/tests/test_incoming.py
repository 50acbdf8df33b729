"""Slack's three doors: who gets in, and what is made of what they bring."""

from __future__ import annotations

import datetime as dt
import json
from urllib.parse import urlencode

import pytest
import time_machine
from slack_sdk.signature import SignatureVerifier

from common.time import now
from integrations.models import InboundEvent
from integrations.services import process_due
from integrations.slack.models import SlackIntake, SlackThread
from integrations.slack.services import note_taken, remember_user, take_in
from integrations.slack.tests.conftest import CRITICAL, SECRET
from tests.vendors.server import Reply
from tests.vendors.slack import SPECS, refusal
from tickets import services as tickets
from tickets.models import Message, Ticket
from tickets.vocabulary import Channel, Priority, Status

HEAD = "1790000000.000100"
ROUTES = ("events", "commands", "interactions")
SIGNED_AT = dt.datetime.fromtimestamp(1531420618, dt.UTC)
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
SAMPLES_FILE = SPECS / "slack" / "samples-inbound-payloads.json"
SAMPLES = json.loads(SAMPLES_FILE.read_text(encoding="utf-8")) if SPECS.is_dir() else {}


def headers(body: bytes, *, secret: str = SECRET, at: dt.datetime | None = None) -> dict[str, str]:
    timestamp = str(int((at or now()).timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}


@pytest.fixture
def send(client, slack):
    """Send something to one of the doors as Slack does, signed, and work it off."""

    def send(route, body, *, signed=None, is_worked_off=True, **more):
        content_type, written = (JSON, json.dumps) if route == "events" else (FORM, urlencode)
        raw = body if isinstance(body, bytes) else written(body).encode()
        signed = headers(raw) if signed is None else signed
        answer = client.post(f"/webhooks/slack/{route}", raw, content_type=content_type, headers={**signed, **more})
        if is_worked_off:
            process_due()
        return answer

    return send


@pytest.fixture
def thread(people, ticket):
    people.add_channel("C0EXT", "ext")
    return SlackThread.objects.create(
        ticket=ticket, channel_id=CRITICAL, destination="purpose:critical", ts=HEAD, opener="x.0", head={}
    )


def event(number=1, **message):
    told = {"type": "message", "channel": CRITICAL, "user": "U0AGNES", "text": "Looking.", "thread_ts": HEAD}
    told |= {"ts": f"1790000001.00000{number}", "event_ts": "1790000001.1", **message}
    return {"type": "event_callback", "event_id": f"Ev{number}", "event_time": 1, "team_id": "T0PORTAL", "event": told}


def command(text, **more):
    known = {"command": "/ticket", "user_id": "U0AGNES", "channel_id": CRITICAL, "team_id": "T0PORTAL"}
    return {**known, "text": text, "trigger_id": f"t.{text}", "response_url": "", **more}


def press(slack, action_id, ticket, *, by="U0AGNES", trigger="t1"):
    payload = {
        "type": "block_actions",
        "trigger_id": trigger,
        "user": {"id": by, "team_id": "T0PORTAL"},
        "response_url": f"{slack.url}/response/1",
        "container": {"type": "message", "message_ts": HEAD, "channel_id": CRITICAL},
        "channel": {"id": CRITICAL},
        "actions": [{"type": "button", "action_id": action_id, "value": str(ticket.pk)}],
    }
    return {"payload": json.dumps(payload)}


def submit(callback, remembered, *, by="U0AGNES", view="V1", **values):
    def element(value):
        kind = "selected_option" if isinstance(value, tuple) else "value"
        return {"value": {"type": "x", kind: {"value": value[0]} if isinstance(value, tuple) else value}}

    state = {"values": {name: element(value) for name, value in values.items()}}
    told = {"id": view, "callback_id": callback, "private_metadata": json.dumps(remembered), "state": state}
    return {"payload": json.dumps({"type": "view_submission", "user": {"id": by}, "view": told})}


def outcome():
    return InboundEvent.objects.order_by("-id").first()


# --- the doors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": ""},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Signature": "v0=\xff"},
    ],
)
def test_what_is_not_signed_is_refused_and_not_stored(send, route, wrong):
    body = b'{"type": "event_callback", "event_id": "Ev1", "event": {}}'
    signed = {**headers(body), **wrong} if wrong else {}
    assert send(route, body, signed=signed).status_code == 401
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize("route", ROUTES)
def test_a_stale_or_foreign_signature_is_refused(send, route, settings):
    body = b'{"type": "url_verification", "challenge": "x"}'
    stale = headers(body, at=now() - dt.timedelta(minutes=6))
    assert send(route, body, signed=stale).status_code == 401
    assert send(route, body, signed=headers(body, secret="another")).status_code == 401
    assert send(route, b"\xff\xfe", signed=headers(b"x")).status_code == 401
    settings.SLACK_SIGNING_SECRETS = []
    assert send(route, body).status_code == 401


@pytest.mark.parametrize("route", ROUTES)
def test_the_published_vectors_at_the_doors(send, route, settings):
    vectors = json.loads((SPECS / "test-vectors.json").read_text(encoding="utf-8"))
    for vector in (one for one in vectors if one["vendor"] == "slack"):
        settings.SLACK_SIGNING_SECRETS = [vector["secret"]]
        with time_machine.travel(SIGNED_AT, tick=False):
            status = send(route, vector["body"].encode(), signed=vector["headers"], is_worked_off=False).status_code
        assert status == (200 if vector["valid"] else 401)


def test_old_and_new_secret_hold_together(send, settings):
    settings.SLACK_SIGNING_SECRETS = ["the-new-secret", SECRET]
    body = b'{"type": "url_verification", "challenge": "c"}'
    for secret in settings.SLACK_SIGNING_SECRETS:
        assert send("events", body, signed=headers(body, secret=secret)).json() == {"challenge": "c"}


def test_get_and_huge_bodies(client, send):
    assert client.get("/webhooks/slack/events").status_code == 405
    assert send("commands", b"x" * 200_001).status_code == 413


def test_a_replayed_request_does_nothing_twice(send, thread):
    assert send("events", event()).status_code == 200
    again = send("events", event(), **{"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"})
    assert again.status_code == 200
    assert InboundEvent.objects.count() == 1
    assert Message.objects.filter(channel=Channel.SLACK).count() == 1


def test_a_retry_that_comes_first_is_taken(send, thread):
    send("events", event(), **{"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"})
    assert outcome().headers == {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    assert outcome().state == "PROCESSED"


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_answered_and_settled(send, people, name):
    sample = SAMPLES[name]
    if name == "SlashCommandPayload":
        answer = send("commands", {key: str(value) for key, value in sample.items()})
    elif "event" in sample:
        answer = send("events", {**sample, "type": "event_callback", "event_id": "Ev1"})
    else:
        answer = send("interactions", {"payload": json.dumps(sample)})
    assert answer.status_code == 200
    assert not InboundEvent.objects.filter(state="RECEIVED").exists()


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("events", b"[]"),
        ("events", b"{"),
        ("events", b'{"type": "event_callback"}'),
        ("events", b'{"type": "event_callback", "event_id": "E", "event": 5}'),
        ("interactions", b"payload=%7B"),
        ("interactions", b"x=1"),
        ("interactions", b"payload=%7B%22type%22%3A%22block_actions%22%7D"),
        ("commands", b"text=show+1"),
    ],
)
def test_what_nobody_can_read_waits_for_somebody(send, route, body):
    assert send(route, body).status_code == 200
    assert outcome().state == "FAILED"


# --- replies in a thread ----------------------------------------------------------------------------------------------


def test_a_reply_becomes_an_internal_note(send, thread, agnes, slack):
    send("events", event(text="Looking at &lt;it&gt; with <@U0RITA>"))
    note = Message.objects.get(channel=Channel.SLACK)
    assert (note.body, note.is_internal, note.author) == ("Looking at <it> with @U0RITA", True, agnes)
    assert outcome().ticket == thread.ticket


def test_a_marked_reply_goes_to_the_customer(send, thread, slack):
    send("events", event(text="!public We are on it.\nSoon."))
    reply = Message.objects.get(channel=Channel.SLACK)
    assert (reply.body, reply.is_internal) == ("We are on it.\nSoon.", False)
    assert "on its way to the customer" in slack.whispers[0]["text"]


@pytest.mark.parametrize("text", ["!publicly", "not !public this", "!publicx y"])
def test_only_the_mark_itself_makes_it_public(send, thread, text):
    send("events", event(text=text))
    assert Message.objects.get(channel=Channel.SLACK).is_internal


@pytest.mark.parametrize(
    "message",
    [
        {"bot_id": "B0BOT"},
        {"app_id": "A0"},
        {"subtype": "bot_message", "bot_id": "B1"},
        {"subtype": "channel_join"},
        {"subtype": "message_deleted"},
        {"thread_ts": ""},
        {"thread_ts": "1.1"},
        {"channel": "C0OTHER"},
        {"text": ""},
        {"text": "!public"},
        {"type": "reaction_added"},
    ],
)
def test_what_asks_for_nothing_is_ignored(send, thread, message):
    send("events", event(**message))
    assert outcome().state == "IGNORED"
    assert not Message.objects.filter(channel=Channel.SLACK).exists()


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("U0RITA", "Only the support team"),
        ("U0MALLORY", "another Slack workspace"),
        ("U0NOBODY", "another Slack workspace"),
        ("U0BOTTY", "bots"),
        ("U0UNSURE", "not verified"),
        ("U0NEW", "No account"),
    ],
)
def test_who_may_not_is_told_so_and_nothing_changes(send, thread, slack, agnes, who, words):
    slack.add_person("U0BOTTY", agnes.email, is_bot=True)
    slack.add_person("U0UNSURE", agnes.email, is_email_confirmed=False)
    slack.add_person("U0NEW", "new@support.example")
    send("events", event(user=who, text="!public hello"))
    assert words in slack.whispers[0]["text"]
    assert (slack.whispers[0]["user"], slack.whispers[0]["thread_ts"]) == (who, HEAD)
    assert not Message.objects.filter(channel=Channel.SLACK).exists()


def test_somebody_who_left_may_not(send, thread, slack, agnes):
    send("events", event(1))
    agnes.is_active = False
    agnes.save(update_fields=["is_active"])
    send("events", event(2))
    assert Message.objects.filter(channel=Channel.SLACK).count() == 1
    assert slack.called("users.info") == [{"user": "U0AGNES"}]


def test_files_stay_in_slack(send, thread):
    files = [{"name": "log.txt", "permalink": "https://portal.slack.com/files/1"}]
    send("events", event(subtype="file_share", files=files))
    assert Message.objects.get(channel=Channel.SLACK).body.endswith("log.txt https://portal.slack.com/files/1")


def test_an_edit_adds_a_note(send, thread):
    send("events", event(1, text="!public Wrong."))
    edited = {
        "subtype": "message_changed",
        "message": {"ts": "1790000001.000001", "text": "!public Right.", "edited": {"ts": "9.1"}},
        "previous_message": {"text": "!public Wrong."},
        "ts": "1790000009.1",
    }
    send("events", event(2, **edited))
    send("events", event(3, **edited))
    first, second = Message.objects.filter(channel=Channel.SLACK).order_by("id")
    assert (first.is_internal, second.is_internal) == (False, True)
    told, says = second.body.split("\n\n")
    assert told == "The answer to the customer, which went out as it was, was edited in Slack. It now says:"
    assert says == "Right."


def test_a_refusal_of_the_portal_is_told(send, thread, slack, ada):
    tickets.close_ticket(thread.ticket, by=ada)
    send("events", event(text="!public too late"))
    assert "nobody would see an answer" in slack.whispers[0]["text"]


def test_while_slack_cannot_say_who_it_is_the_reply_waits(send, thread, slack):
    slack.script("users.info", Reply(500, b""))
    send("events", event())
    assert outcome().state == "RECEIVED"
    with time_machine.travel(now() + dt.timedelta(minutes=5)):
        process_due()
    assert outcome().state == "PROCESSED"


def test_worked_off_once(ticket, slack, agnes):
    intake = take_in("message:C:1")
    note_taken(intake, ticket=ticket)
    assert take_in("message:C:1") is None
    assert SlackIntake.objects.get().ticket == ticket
    assert remember_user("U1", person=agnes, reason="").person == agnes


# --- buttons ----------------------------------------------------------------------------------------------------------


def said(slack) -> str:
    return "".join(json.dumps(body) for _, body in slack.answers)


def test_assign_to_me(send, people, ticket, agnes):
    send("interactions", press(people, "assign_ticket", ticket))
    assert Ticket.objects.get().assignee == agnes
    assert "is assigned to you" in said(people)
    assert people.answers[0][1]["response_type"] == "ephemeral"


def test_solve(send, people, ticket):
    send("interactions", press(people, "solve_ticket", ticket))
    assert Ticket.objects.get().status == Status.SOLVED


def test_escalate_raises_the_priority_and_calls_for_help(send, people, ticket, post):
    for trigger in ("t1", "t2"):
        send("interactions", press(people, "escalate_ticket", ticket, trigger=trigger))
    send("interactions", press(people, "escalate_ticket", ticket, trigger="t2"))
    assert Ticket.objects.get().priority == Priority.P1_CRITICAL
    send("interactions", press(people, "escalate_ticket", ticket, trigger="t3"))
    assert "Critical already" in said(people)
    post()
    assert len(people.posts("C0ALERTS")) == 3


@pytest.mark.parametrize("who", ["U0RITA", "U0MALLORY", "U0NOBODY"])
@pytest.mark.parametrize("action", ["assign_ticket", "escalate_ticket", "solve_ticket"])
def test_buttons_are_the_support_teams(send, people, ticket, who, action):
    send("interactions", press(people, action, ticket, by=who))
    after = Ticket.objects.get()
    assert (after.version, after.status, after.assignee) == (ticket.version, Status.NEW, None)
    assert outcome().state == "IGNORED"
    assert len(people.answers) == 1


def test_a_button_of_a_ticket_that_is_gone(send, people, ticket):
    ticket.pk = 999_999
    send("interactions", press(people, "solve_ticket", ticket))
    assert outcome().state == "FAILED"


def test_a_refused_move_is_told(send, people, ticket, ada):
    tickets.close_ticket(ticket, by=ada)
    send("interactions", press(people, "solve_ticket", ticket))
    assert "Refused" in outcome().outcome
    assert len(people.answers) == 1


def test_an_answer_goes_to_slack_alone(send, people, ticket, settings):
    settings.SLACK_RESPONSE_URL = "https://hooks.slack.com/"
    send("interactions", press(people, "assign_ticket", ticket))
    assert "not Slack's" in outcome().outcome
    assert people.answers == []


def test_the_work_is_done_also_where_the_answer_fails(send, people, ticket, agnes):
    people.script("response", Reply(404, b"expired_url"))
    send("interactions", press(people, "assign_ticket", ticket))
    assert Ticket.objects.get().assignee == agnes
    assert "did not take the answer: 404" in outcome().outcome


def test_view_and_unknown_buttons_do_nothing(send, people, ticket):
    assert send("interactions", press(people, "view_ticket", ticket)).status_code == 200
    assert not InboundEvent.objects.exists()
    send("interactions", press(people, "dance", ticket))
    assert outcome().state == "IGNORED"


# --- forms ------------------------------------------------------------------------------------------------------------


def test_reply_opens_a_form_at_once(send, people, ticket):
    send("interactions", press(people, "reply_ticket", ticket), is_worked_off=False)
    (view,) = people.views
    assert json.loads(view["private_metadata"]) == {"ticket": ticket.pk, "channel": CRITICAL, "thread": HEAD}


def test_reply_is_refused_to_who_is_known_to_have_no_right(send, people, ticket):
    send("interactions", press(people, "solve_ticket", ticket, by="U0RITA"))
    send("interactions", press(people, "reply_ticket", ticket, by="U0RITA", trigger="t2"))
    assert people.views == []
    assert "Only the support team" in said(people)


@pytest.mark.parametrize(("choice", "is_internal"), [("internal", True), ("public", False)])
def test_a_form_answers_the_ticket(send, people, ticket, choice, is_internal):
    remembered = {"ticket": ticket.pk, "channel": CRITICAL, "thread": HEAD}
    form = submit("reply_form", remembered, body="Here you are.", visibility=(choice,))
    assert send("interactions", form).content == b""
    send("interactions", form)
    message = Message.objects.get(channel=Channel.SLACK)
    assert (message.body, message.is_internal) == ("Here you are.", is_internal)
    assert people.whispers[0]["user"] == "U0AGNES"


def test_a_form_of_who_may_not_changes_nothing(send, people, ticket):
    remembered = {"ticket": ticket.pk, "channel": CRITICAL, "thread": HEAD}
    for who in ("U0RITA", "U0MALLORY"):
        send("interactions", submit("reply_form", remembered, by=who, view=who, body="x", visibility=("public",)))
    assert not Message.objects.filter(channel=Channel.SLACK).exists()
    assert len(people.whispers) == 2


def test_mistakes_are_shown_in_the_form(send, people):
    answer = send("interactions", submit("ticket_form", {}, subject="x", description=" "))
    assert set(answer.json()["errors"]) == {"subject", "description"}
    assert not InboundEvent.objects.exists()


def test_an_agent_makes_a_ticket_for_somebody(send, people, agnes, rita):
    form = submit(
        "ticket_form",
        {"channel": CRITICAL, "source": "https://portal.slack.com/archives/C1/p1"},
        subject="Lineage is empty",
        description="Since Monday.",
        requester=rita.email,
        priority=("P2_HIGH",),
    )
    send("interactions", form)
    send("interactions", form)
    ticket = Ticket.objects.get()
    assert (ticket.requester, ticket.submitter, ticket.channel, ticket.priority) == (rita, agnes, "SLACK", "P2_HIGH")
    assert "archives/C1/p1" in ticket.messages.get().body
    assert ticket.reference in people.whispers[0]["text"]


def test_a_customer_makes_a_ticket_for_themselves_alone(send, people, rita, agnes):
    send("interactions", submit("ticket_form", {"channel": CRITICAL}, by="U0RITA", subject="Mine", description="x"))
    assert Ticket.objects.get().requester == rita
    form = submit("ticket_form", {}, by="U0RITA", view="V2", subject="Theirs", description="x", requester=agnes.email)
    send("interactions", form)
    assert Ticket.objects.count() == 1


def test_an_unknown_form_waits_for_somebody(send, people):
    send("interactions", submit("odd_form", {}))
    assert outcome().state == "FAILED"


def test_the_shortcut_makes_a_ticket_of_a_message(send, people):
    payload = {
        "type": "message_action",
        "callback_id": "make_ticket",
        "trigger_id": "t9",
        "team": {"domain": "portal"},
        "channel": {"id": CRITICAL},
        "message_ts": "1790000001.000100",
        "message": {"text": "Lineage is &lt;empty&gt;\nsince Monday"},
        "user": {"id": "U0AGNES"},
    }
    send("interactions", {"payload": json.dumps(payload)})
    (view,) = people.views
    initial = [block["element"].get("initial_value") for block in view["blocks"][:2]]
    assert initial == ["Lineage is <empty>", "Lineage is <empty>\nsince Monday"]
    source = json.loads(view["private_metadata"])["source"]
    assert source == f"https://portal.slack.com/archives/{CRITICAL}/p1790000001000100"


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "begins"), [("", "*/ticket create*"), ("help", "*/ticket create*"), ("sing", "There is no")]
)
def test_help(send, people, text, begins):
    told = send("commands", command(text)).json()
    assert told["response_type"] == "ephemeral"
    assert told["blocks"][0]["text"]["text"].startswith(begins)
    assert "!public" in told["blocks"][0]["text"]["text"]


def test_create_opens_a_form(send, people):
    assert send("commands", command("create Lineage is empty")).content == b""
    assert people.views[0]["blocks"][0]["element"]["initial_value"] == "Lineage is empty"


def test_a_form_that_does_not_open_is_told(send, people):
    people.script("views.open", refusal("expired_trigger_id"))
    assert "Try again" in send("commands", command("create x")).json()["text"]


def test_show_and_search_show_what_one_may_see(send, people, ticket, slack):
    url = f"{people.url}/response/2"
    for by, verb in (("U0AGNES", "show"), ("U0RITA", "show"), ("U0RITA", "search"), ("U0MALLORY", "show")):
        text = f"{verb} {ticket.reference if verb == 'show' else 'lineage'}"
        send("commands", command(text, user_id=by, response_url=url, trigger_id=f"{by}{verb}"))
    agents, customers, found, outsiders = (json.dumps(body) for _, body in people.answers)
    assert "Assign to me" in agents
    assert "Assign to me" not in customers + found
    assert ticket.subject in customers
    assert ticket.reference in found
    assert ticket.reference not in outsiders


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("show ODG-9", "no such ticket"),
        ("show", "no such ticket"),
        ("search x", "Say what"),
        ("search zebra", "No ticket"),
    ],
)
def test_what_is_not_found_is_said(send, people, ticket, text, words):
    send("commands", command(text, response_url=f"{people.url}/response/3"))
    assert words in said(people)
