"""How long what is remembered of Slack is kept."""

from __future__ import annotations

import datetime as dt

from common import retention
from integrations.slack.models import SlackDigest, SlackIntake, SlackUser

USERS_KEPT = dt.timedelta(days=30)
INTAKES_KEPT = dt.timedelta(days=90)  # an older message that is edited is history
DIGESTS_KEPT = dt.timedelta(days=400)


def purge(at: dt.datetime) -> int:
    return (
        retention.delete_in_batches(SlackUser.objects.filter(checked_at__lt=at - USERS_KEPT))
        + retention.delete_in_batches(SlackIntake.objects.filter(created_at__lt=at - INTAKES_KEPT))
        + retention.delete_in_batches(SlackDigest.objects.filter(day__lt=(at - DIGESTS_KEPT).date()))
    )


retention.register("what is known of Slack", purge)
