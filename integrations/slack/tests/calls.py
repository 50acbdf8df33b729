"""What Slack sends, as it sends it."""

from __future__ import annotations

import datetime as dt
import json

from slack_sdk.signature import SignatureVerifier

from common.time import now
from integrations.models import InboundEvent

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
CRITICAL, SLA, GENERAL, ALERTS, METRICS = "C0CRITICAL", "C0SLABREACH", "C0GENERAL", "C0ALERTS", "C0METRICS"
HEAD = "1790000000.000100"  # of the thread of the ticket at hand


def headers(body: bytes, *, secret: str = SECRET, at: dt.datetime | None = None) -> dict[str, str]:
    timestamp = str(int((at or now()).timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}


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


def said(slack) -> str:
    """Return what people were answered, all together."""
    return "".join(json.dumps(body) for _, body in slack.answers)
