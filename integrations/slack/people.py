"""Who somebody in Slack is here: the person with the same, verified address. What they may do the portal decides."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from accounts.models import User
from common.time import now
from integrations.slack import services
from integrations.slack.client import Refused, Slack
from integrations.slack.models import SlackUser
from tickets.access import may_work

KNOWN_FOR = dt.timedelta(hours=1)
UNKNOWN_FOR = dt.timedelta(minutes=2)  # whoever has just been given an account need not wait long
TEAM_SECONDS = 24 * 3600

NOBODY = "No account of the portal has your Slack address. Ask an administrator of the portal for one."
OUTSIDER = "You belong to another Slack workspace, so the portal cannot tell who you are."
UNVERIFIED = "Slack has not verified your address. Confirm it in Slack, then try again."
MACHINE = "The portal takes nothing from bots and deactivated accounts."
NOT_AN_AGENT = "Only the support team can do this."


@dataclass(frozen=True)
class Match:
    """person: who it is; else `reason` tells them why they are nobody here."""

    person: User | None
    reason: str = ""

    @property
    def agent(self) -> User | None:
        return self.person if self.person is not None and may_work(self.person) else None

    @property
    def refusal(self) -> str:
        """Return why they may not work tickets, in words for them; "" where they may."""
        if self.agent is not None:
            return ""
        return NOT_AN_AGENT if self.person is not None else self.reason


def match(slack_id: str, slack: Slack | None = None) -> Match:
    """Return who `slack_id` is. Asks Slack where it has not been asked for a while. Raises: DeliveryError."""
    known = remembered(slack_id)
    return known if known is not None else _asked(slack_id, slack or Slack())


def remembered(slack_id: str) -> Match | None:
    """Return who `slack_id` is as far as it is known without asking Slack."""
    row = SlackUser.objects.select_related("person").filter(slack_id=slack_id).first()
    if row is None or row.checked_at < now() - (KNOWN_FOR if row.person else UNKNOWN_FOR):
        return None
    return _match(row.person, row.reason)


def names_of(slack_ids: list[str]) -> dict[str, str]:
    """Return the names of those who are known here."""
    rows = SlackUser.objects.filter(slack_id__in=slack_ids, person__isnull=False).select_related("person")
    return {row.slack_id: row.person.name for row in rows if row.person}


def _match(person: User | None, reason: str) -> Match:
    """Return the match; somebody whose account was closed since is nobody."""
    return Match(person, "") if person is not None and person.is_active else Match(None, reason or NOBODY)


def _asked(slack_id: str, slack: Slack) -> Match:
    try:
        told = slack.person(slack_id)
    except Refused as refusal:
        if refusal.code not in ("user_not_found", "user_not_visible"):
            raise
        told = {}
    reason = _reason(told, slack)
    email = str((told.get("profile") or {}).get("email") or "")
    person = User.objects.with_email(email).filter(is_active=True).first() if email and not reason else None
    row = services.remember_user(slack_id, person=person, reason=reason or ("" if person else NOBODY))
    return _match(row.person, row.reason)


def _reason(told: dict[str, Any], slack: Slack) -> str:
    """Return why an address that Slack gives proves nothing: another workspace's owners write what they like there."""
    if not told:
        return OUTSIDER
    if told.get("is_bot") or told.get("deleted"):
        return MACHINE
    if told.get("is_stranger") or not _is_ours(told, slack):
        return OUTSIDER
    if told.get("is_email_confirmed") is False:
        return UNVERIFIED
    return ""


def _is_ours(told: dict[str, Any], slack: Slack) -> bool:
    ours = cache.get("slack-team")
    if ours is None:
        who = slack.who()
        ours = [str(who.get("team_id") or ""), str(who.get("enterprise_id") or "")]
        cache.set("slack-team", ours, TEAM_SECONDS)
    team, enterprise = ours
    if enterprise and str((told.get("enterprise_user") or {}).get("enterprise_id") or "") == enterprise:
        return True
    return bool(team) and told.get("team_id") == team
