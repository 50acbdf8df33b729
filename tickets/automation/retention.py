"""What rules did is remembered for a while: the timeline says it for ever."""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from common import retention
from tickets.automation.models import AutomationRule, RuleRun
from tickets.vocabulary import FINAL_STATUSES

LIFE = dt.timedelta(days=90)


def purge(at: dt.datetime) -> int:
    """Delete what is older, but for what keeps a rule on time from acting twice on an unchanged open ticket."""
    needed = RuleRun.objects.filter(rule__kind=AutomationRule.Kind.SCHEDULED, version=F("ticket__version"))
    needed = needed.exclude(ticket__status__in=FINAL_STATUSES)
    old = RuleRun.objects.filter(at__lt=at - LIFE).exclude(pk__in=needed.values("pk"))
    return retention.delete_in_batches(old)


retention.register("runs of rules", purge)
