"""A Slack of our own on loopback: channels, threads, people and forms in memory, strict about what it is asked.

Each call's arguments are held against Slack's published description of the Web API, each block and form against the
limits of Block Kit. What does not hold is answered as Slack would, and kept in `faults` for the test to see.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator

from tests.vendors.server import Reply, Request, Vendor

SPECS = Path(__file__).resolve().parents[2].parent / "shared" / "vendor-specs"
TOKEN = "xoxb-test-0123456789"
TEAM = "T0PORTAL"
# What Slack takes and its description of 2021 does not know yet.
NEWER = {
    "chat.postMessage": {"metadata"},
    "conversations.history": {"include_all_metadata"},
    "conversations.replies": {"include_all_metadata"},
}
READ_ONLY = ("conversations.", "users.")  # they take a query or a form, no JSON


def refusal(error: str, **more: Any) -> Reply:
    return Reply(body=_no(error, **more))


def busy(seconds: int = 1) -> Reply:
    return Reply(429, _no("ratelimited"), {"Retry-After": str(seconds)})


@dataclass
class Message:
    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    thread: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    edits: int = 0


class FakeSlack(Vendor):
    """channels: name by id.   people: what users.info says, by id.   calls: (method, arguments), in order."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: dict[str, str] = {}
        self.archived: set[str] = set()
        self.people: dict[str, dict[str, Any]] = {}
        self.messages: list[Message] = []
        self.whispers: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.answers: list[tuple[str, dict[str, Any]]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: list[str] = []
        self.missing_scopes: set[str] = set()
        self._scripts: dict[str, deque[Reply]] = defaultdict(deque)
        self._triggers: set[str] = set()
        self._clock = 0.0

    def script(self, method: str, *replies: Reply) -> None:
        """Let the next calls of `method` be answered so, whatever they ask. "response": answers to one person."""
        self._scripts[method].extend(replies)

    def add_channel(self, channel: str, name: str) -> None:
        self.channels[channel] = name

    def add_person(self, slack_id: str, email: str, **more: Any) -> None:
        profile = {"email": email, "real_name": email.partition("@")[0]}
        known = {"id": slack_id, "team_id": TEAM, "deleted": False, "is_bot": False, "is_email_confirmed": True}
        self.people[slack_id] = {**known, "profile": profile, **more}

    def posts(self, channel: str = "", *, thread: str | None = None) -> list[Message]:
        found = [one for one in self.messages if not channel or one.channel == channel]
        return found if thread is None else [one for one in found if one.thread == thread]

    def called(self, method: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == method]

    # --- what Slack does ----------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Reply:
        is_json = "json" in request.headers.get("content-type", "")
        arguments = dict(request.query)
        if request.body:
            arguments |= request.json if is_json else dict(parse_qsl(request.body.decode()))
        if request.path.startswith("/response/"):
            self.answers.append((request.path, arguments))
            return self._scripts["response"].popleft() if self._scripts["response"] else Reply(body=b"ok")
        method = request.path.removeprefix("/api/")
        self.calls.append((method, arguments))
        script = self._scripts[method].popleft() if self._scripts[method] else None
        if script is not None and not script.is_taken:
            return script
        said = self._said(method, arguments, request.headers.get("authorization", ""), is_json=is_json)
        return script or Reply(body=said)

    def _said(self, method: str, arguments: dict[str, Any], token: str, *, is_json: bool) -> dict[str, Any]:
        if token != f"Bearer {TOKEN}":
            return _no("invalid_auth")
        if method in self.missing_scopes:
            return _no("missing_scope", needed="channels:history")
        if is_json and method.startswith(READ_ONLY):
            return self._fault(method, "takes no JSON", "invalid_arguments")
        if fault := _argument_fault(method, arguments):
            return self._fault(method, fault, "invalid_arguments")
        for name, definition, error in (
            ("blocks", "message_blocks", "invalid_blocks"),
            ("view", "view", "invalid_arguments"),
        ):
            if name in arguments and (fault := _schema_fault(definition, arguments[name])):
                return self._fault(method, fault, error)
        return getattr(self, "_" + method.replace(".", "_"))(arguments)

    def _fault(self, method: str, fault: str, error: str) -> dict[str, Any]:
        self.faults.append(f"{method}: {fault}")
        return _no(error)

    def _auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "team_id": TEAM, "team": "Portal", "user_id": "U0BOT", "bot_id": "B0BOT", "user": "portal"}

    def _found(self, asked: str) -> str | None:
        if asked in self.channels:
            return asked
        return next((key for key, name in self.channels.items() if f"#{name}" == asked or name == asked), None)

    def _chat_postMessage(self, asked: dict[str, Any]) -> dict[str, Any]:
        channel = self._found(asked["channel"])
        if channel is None:
            return _no("channel_not_found")
        if channel in self.archived:
            return _no("is_archived")
        if not asked.get("text") and not asked.get("blocks"):
            return _no("no_text")
        if len(asked.get("text", "")) > 40_000:
            return _no("msg_too_long")
        self._clock = max(self._clock + 0.001, time.time())
        ts = f"{self._clock:.6f}"
        words, blocks = asked.get("text", ""), asked.get("blocks", [])
        made = Message(channel, ts, words, blocks, asked.get("thread_ts", ""), asked.get("metadata", {}))
        self.messages.append(made)
        return {"ok": True, "channel": channel, "ts": ts, "message": {"ts": ts, "text": made.text, "bot_id": "B0BOT"}}

    def _chat_update(self, asked: dict[str, Any]) -> dict[str, Any]:
        for message in self.messages:
            if (message.channel, message.ts) == (asked["channel"], asked["ts"]):
                message.text, message.blocks = asked.get("text", ""), asked.get("blocks", [])
                message.edits += 1
                return {"ok": True, "channel": message.channel, "ts": message.ts, "text": message.text}
        return _no("message_not_found")

    def _chat_postEphemeral(self, asked: dict[str, Any]) -> dict[str, Any]:
        if self._found(asked["channel"]) is None:
            return _no("channel_not_found")
        self.whispers.append(asked)
        return {"ok": True, "message_ts": f"{self._clock:.6f}"}

    def _views_open(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["trigger_id"] in self._triggers:
            return _no("exchanged_trigger_id")
        self._triggers.add(asked["trigger_id"])
        self.views.append(asked["view"])
        return {"ok": True, "view": {"id": f"V{len(self.views)}", **asked["view"]}}

    def _users_info(self, asked: dict[str, Any]) -> dict[str, Any]:
        person = self.people.get(asked["user"])
        return {"ok": True, "user": person} if person else _no("user_not_found")

    def _conversations_info(self, asked: dict[str, Any]) -> dict[str, Any]:
        name = self.channels.get(asked["channel"])
        if name is None:
            return _no("channel_not_found")
        told = {
            "id": asked["channel"],
            "name": name,
            "is_archived": asked["channel"] in self.archived,
            "is_member": True,
        }
        return {"ok": True, "channel": told}

    def _conversations_list(self, asked: dict[str, Any]) -> dict[str, Any]:
        rows = [{"id": key, "name": name} for key, name in self.channels.items() if key not in self.archived]
        start = int(asked.get("cursor") or 0)
        following = str(start + 2) if start + 2 < len(rows) else ""  # pages of two, so that a reader has to turn them
        return {"ok": True, "channels": rows[start : start + 2], "response_metadata": {"next_cursor": following}}

    def _conversations_history(self, asked: dict[str, Any]) -> dict[str, Any]:
        return self._listed(asked, [one for one in self.messages if not one.thread])

    def _conversations_replies(self, asked: dict[str, Any]) -> dict[str, Any]:
        thread = [one for one in self.messages if asked["ts"] in (one.thread, one.ts)]
        return self._listed(asked, thread) if thread else _no("thread_not_found")

    def _listed(self, asked: dict[str, Any], rows: list[Message]) -> dict[str, Any]:
        if asked["channel"] not in self.channels:
            return _no("channel_not_found")
        found = [
            {"type": "message", "ts": one.ts, "text": one.text, "bot_id": "B0BOT", "metadata": one.metadata}
            for one in rows
            if one.channel == asked["channel"]
            and str(asked.get("include_all_metadata")) == "1"
            and float(one.ts) >= float(asked.get("oldest") or 0)
        ]
        return {"ok": True, "messages": found[::-1], "has_more": False}


def _no(error: str, **more: Any) -> dict[str, Any]:
    return {"ok": False, "error": error, **more}


@cache
def _description() -> dict[str, Any]:
    return json.loads((SPECS / "slack" / "web-api.swagger2.json").read_text(encoding="utf-8"))["paths"]


@cache
def validator(definition: str) -> Draft202012Validator:
    """Return what holds blocks ("message_blocks") or a form ("view") against the limits of Block Kit."""
    schema = json.loads((SPECS / "slack" / "block-kit.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator({**schema, "$ref": f"#/$defs/{definition}"})


def _schema_fault(definition: str, value: Any) -> str:
    faults = [f"{error.json_path}: {error.message[:200]}" for error in validator(definition).iter_errors(value)]
    return faults[0] if faults else ""


def _argument_fault(method: str, arguments: dict[str, Any]) -> str:
    described = _description().get(f"/{method}")
    if described is None:
        return "no such method"
    parameters = {one["name"]: one for operation in described.values() for one in operation["parameters"]}
    if unknown := set(arguments) - set(parameters) - NEWER.get(method, set()):
        return f"unknown {sorted(unknown)}"
    needed = {name for name, one in parameters.items() if one.get("required") and name != "token"}
    missing = {name for name in needed if not arguments.get(name)}
    return f"missing {sorted(missing)}" if missing else ""
