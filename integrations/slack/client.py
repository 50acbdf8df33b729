"""The one door to Slack's Web API. Every failure leaves here as a DeliveryError whose words an operator understands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from django.conf import settings
from slack_sdk.errors import SlackApiError, SlackClientError

from common.errors import DeliveryError
from integrations.slack.blocks import Block, Message
from integrations.slack.transporting import NotReached, PortalWebClient

TIMEOUT_SECONDS = 5
BUSY_SECONDS = 30  # for a 429 that does not say how long
PAGES_MOST = 20
METADATA = "support_portal_delivery"
CLOCK_SKEW = dt.timedelta(minutes=2)

# What a second try may double: all else can be repeated without harm.
NOT_REPEATABLE = frozenset({"chat.postMessage", "chat.postEphemeral"})
# Slack itself says of these that part of the work may be done.
UNKNOWN = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})

# Trying again cannot help: the message or its channel is at fault.
PERMANENT = {
    "channel_not_found": "Slack knows no such channel, or the app is not in it. Check its id, and invite the app.",
    "not_in_channel": "The app is not in the channel. Invite it there: /invite @ and the app's name.",
    "is_archived": "The channel is archived. Choose another one for this purpose.",
    "msg_too_long": "The message is too long for Slack.",
    "no_text": "The message is empty.",
    "invalid_blocks": "Slack refuses the form of the message.",
    "invalid_arguments": "Slack refuses the form of the call.",
    "too_many_attachments": "The message has too many attachments.",
    "restricted_action": "The workspace does not let apps post in this channel.",
    "restricted_action_read_only_channel": "The channel is read-only.",
    "restricted_action_thread_only_channel": "Only replies in threads may be posted in the channel.",
    "message_not_found": "The message is not there any more.",
    "thread_not_found": "The thread is not there any more.",
    "cant_update_message": "The message is not the app's own.",
    "edit_window_closed": "The workspace no longer lets the message be edited.",
    "user_not_in_channel": "The person is not in the channel.",
    "user_not_found": "Slack knows no such person.",
    "users_not_found": "Slack knows no person with this address.",
    "expired_trigger_id": "The form was asked for more than three seconds ago.",
    "exchanged_trigger_id": "The form was opened already.",
}
# Somebody will mend the set-up; until then it is tried again.
MENDABLE = {
    "not_authed": "Slack got no token.",
    "invalid_auth": "Slack does not accept the token.",
    "account_inactive": "The account or workspace of the token is deactivated.",
    "token_revoked": "The token was revoked.",
    "token_expired": "The token has expired.",
    "missing_scope": "The app lacks a scope: {needed}. Add it in the app's settings and install the app again.",
    "no_permission": "The token may not do this.",
    "not_allowed_token_type": "The token is not a bot's (xoxb-).",
}


class Refused(DeliveryError):
    """Slack answered no. code: its own word for why."""

    def __init__(self, message: str, *, code: str, **how: Any) -> None:
        super().__init__(message, **how)
        self.code = code


@dataclass(frozen=True)
class Posted:
    """Where a message is. channel: its id, whatever name it was posted by.   is_joined: it stands for several."""

    channel: str
    ts: str
    is_joined: bool = False


class Slack:
    """Slack's Web API with the portal's token. seconds_most: of one call, the settings' where it is not given."""

    def __init__(self, *, seconds_most: int = 0) -> None:
        seconds = seconds_most or settings.SLACK_SECONDS_MOST
        self._client = PortalWebClient(
            token=settings.SLACK_BOT_TOKEN,
            base_url=settings.SLACK_API_URL,
            timeout=min(TIMEOUT_SECONDS, seconds),
            proxy=settings.SLACK_PROXY_URL,
            seconds_most=seconds,
        )

    def __repr__(self) -> str:
        return "<Slack>"

    def who(self) -> dict[str, Any]:
        """Return whose token it is: team_id, user_id, bot_id and the like."""
        return self._call("auth.test")

    def post(self, channel: str, message: Message, *, attempts: list[str], thread: str = "") -> Posted:
        """Post a message. attempts: the ids by which it can be found again.   thread: of the message it replies to."""
        answer = self._call(
            "chat.postMessage",
            channel=channel,
            text=message.text,
            blocks=message.blocks,
            metadata={"event_type": METADATA, "event_payload": {"attempts": attempts}},
            unfurl_links=False,
            unfurl_media=False,
            **({"thread_ts": thread} if thread else {}),
        )
        return Posted(_text(answer, "channel"), _text(answer, "ts"))

    def update(self, channel: str, ts: str, message: Message) -> None:
        self._call("chat.update", channel=channel, ts=ts, text=message.text, blocks=message.blocks)

    def whisper(self, channel: str, person: str, text: str, *, thread: str = "") -> None:
        """Say something to one person alone, who is in the channel."""
        where = {"thread_ts": thread} if thread else {}
        self._call("chat.postEphemeral", channel=channel, user=person, text=text, **where)

    def open_form(self, trigger: str, view: Block) -> None:
        self._call("views.open", trigger_id=trigger, view=view)

    def person(self, slack_id: str) -> dict[str, Any]:
        found = self._read("users.info", user=slack_id).get("user")
        return found if isinstance(found, dict) else {}

    def channel(self, channel: str) -> dict[str, Any]:
        found = self._read("conversations.info", channel=channel).get("channel")
        return found if isinstance(found, dict) else {}

    def channel_named(self, name: str) -> str:
        """Return the id of the public channel `name`. Raises: Refused where there is none."""
        wanted = name.removeprefix("#").lower()
        listed = self._pages("conversations.list", "channels", types="public_channel", exclude_archived=True, limit=500)
        for one in listed:
            if one.get("name") == wanted:
                return str(one["id"])
        words = f"There is no public channel #{wanted}. A private one is chosen by its id."
        raise Refused(words, code="channel_not_found", permanent=True)

    def find(self, channel: str, attempt: str, *, since: dt.datetime, thread: str = "") -> Posted | None:
        """Return the message that carries `attempt`, posted after `since`, in the channel itself or in a thread."""
        oldest = f"{(since - CLOCK_SKEW).timestamp():.6f}"
        asked: dict[str, Any] = {"channel": channel, "oldest": oldest, "limit": 200, "include_all_metadata": True}
        method, where = ("conversations.replies", {"ts": thread}) if thread else ("conversations.history", {})
        for message in self._pages(method, "messages", **asked, **where):
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") != METADATA:
                continue
            attempts = (metadata.get("event_payload") or {}).get("attempts") or []
            if attempt in attempts:
                return Posted(channel, str(message["ts"]), is_joined=len(attempts) > 1)
        return None

    def _pages(self, method: str, member: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        cursor = ""
        for _ in range(PAGES_MOST):
            answer = self._read(method, **arguments, **({"cursor": cursor} if cursor else {}))
            yield from answer.get(member) or []
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
        raise DeliveryError(f"Slack's {method} did not come to an end after {PAGES_MOST} pages.")

    def _read(self, method: str, **arguments: Any) -> dict[str, Any]:
        params = {name: int(value) if isinstance(value, bool) else value for name, value in arguments.items()}
        return self._answer(method, http_verb="GET", params=params)

    def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        return self._answer(method, json=arguments)

    def _answer(self, method: str, **how: Any) -> dict[str, Any]:
        """Return what Slack answered, which is `ok`. Raises: DeliveryError."""
        may_double = method in NOT_REPEATABLE
        try:
            answer = self._client.api_call(method, **how)
        except SlackApiError as error:
            raise _refused(method, error, may_double) from None  # the library's error carries the token in its request
        except NotReached as error:
            raise DeliveryError(f"Slack cannot be reached: {error}.") from None
        # The library stumbles over JSON that is no object.
        except (OSError, HTTPException, SlackClientError, ValueError, AttributeError) as error:
            words = f"Slack did not answer {method} as it should: {type(error).__name__}."
            raise DeliveryError(words, is_unknown=may_double) from None
        data = answer.data
        if not isinstance(data, dict):
            raise DeliveryError(f"Slack's answer to {method} is no object.", is_unknown=may_double)
        return data


def _refused(method: str, error: SlackApiError, may_double: bool) -> DeliveryError:
    response = error.response
    status, data = response.status_code, response.data if isinstance(response.data, dict) else {}
    code = str(data.get("error") or "")
    if status == 429 or code in ("ratelimited", "rate_limited"):
        seconds = _seconds(response.headers)
        return Refused(f"Slack is busy and asks to wait {seconds} s.", code="ratelimited", retry_after=seconds)
    if status != 200:
        return DeliveryError(f"Slack answered {method} with {status}.", is_unknown=may_double and status >= 500)
    if code in PERMANENT:
        return Refused(f"{PERMANENT[code]} ({code})", code=code, permanent=True)
    if code in MENDABLE:
        needed = str(data.get("needed") or "see docs/slack.md")[:100]
        return Refused(f"{MENDABLE[code].format(needed=needed)} ({code})", code=code)
    if not code.replace("_", "").isalnum():  # the library puts a body that is no JSON here
        return DeliveryError(f"Slack's answer to {method} cannot be read.", is_unknown=may_double)
    words = f"Slack refuses {method}: {code[:60]}."
    return Refused(words, code=code, is_unknown=may_double and code in UNKNOWN)


def _seconds(headers: dict[str, str]) -> int:
    given = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    value = given[0] if isinstance(given, list) and given else given
    return max(1, min(int(value), 3600)) if str(value).isdecimal() else BUSY_SECONDS


def _text(answer: dict[str, Any], member: str) -> str:
    value = answer.get(member)
    if not isinstance(value, str) or not value:
        raise DeliveryError("Slack's answer does not say where the message is.", is_unknown=True)
    return value
