"""Every write to promises: the clocks of tickets, the monitor, escalations, policies and calendars, and the jobs."""

from sla.services.backtests import run_back_tests, start_back_test
from sla.services.clocks import catch_up, follow
from sla.services.escalation import note_outcome, take_steps
from sla.services.feeds import add_feed, read_feeds, remove_feed
from sla.services.maintenance import begin_maintenance, end_maintenance
from sla.services.monitor import advance_due, overdue_seconds, run_monitor
from sla.services.months import close_month
from sla.services.recalculation import (
    apply_policies,
    plan_for_calendar,
    plan_for_organization,
    plan_for_policy,
    plan_for_zones,
    work_off,
)
from sla.services.rulebook import (
    change_policy,
    create_calendar,
    create_policy,
    discard_draft,
    draft_calendar,
    draft_policy,
    move_policy,
    publish_calendar,
    publish_policy,
)
from sla.services.storms import end_storm, read_weather
from sla.services.zones import check_zones

__all__ = [
    "add_feed",
    "advance_due",
    "apply_policies",
    "begin_maintenance",
    "catch_up",
    "change_policy",
    "check_zones",
    "close_month",
    "create_calendar",
    "create_policy",
    "discard_draft",
    "draft_calendar",
    "draft_policy",
    "end_maintenance",
    "end_storm",
    "follow",
    "move_policy",
    "note_outcome",
    "overdue_seconds",
    "plan_for_calendar",
    "plan_for_organization",
    "plan_for_policy",
    "plan_for_zones",
    "publish_calendar",
    "publish_policy",
    "read_feeds",
    "read_weather",
    "remove_feed",
    "run_back_tests",
    "run_monitor",
    "start_back_test",
    "take_steps",
    "work_off",
]
