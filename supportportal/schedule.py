"""What happens by itself, and how often, and what comes after everything else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    "deliver-what-is-due": {"task": "integrations.tasks.deliver_due", "schedule": 5.0, "options": {"expires": 5}},
    "work-off-what-came-in": {"task": "integrations.tasks.process_due", "schedule": 5.0, "options": {"expires": 5}},
    "queue-slack-digests": {"task": "integrations.slack.tasks.queue_digests", "schedule": timedelta(minutes=10)},
    "assign-new-tickets": {"task": "tickets.tasks.assign_wanted", "schedule": 30.0, "options": {"expires": 30}},
    "work-off-bulk-jobs": {"task": "tickets.tasks.run_jobs", "schedule": 30.0, "options": {"expires": 30}},
    "ask-due-surveys": {
        "task": "tickets.tasks.ask_due_surveys",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "send-weekly-report": {"task": "tickets.tasks.send_weekly_report", "schedule": timedelta(minutes=10)},
    "wake-snoozed": {"task": "tickets.tasks.wake_snoozed", "schedule": 30.0, "options": {"expires": 30}},
    "send-held-replies": {"task": "tickets.tasks.send_held_replies", "schedule": 5.0, "options": {"expires": 5}},
    "run-rules-on-time": {"task": "tickets.tasks.run_rules", "schedule": timedelta(minutes=5)},
    "show-rules-what-happened": {"task": "tickets.tasks.work_off_events", "schedule": 30.0, "options": {"expires": 30}},
    "watch-deadlines": {"task": "sla.tasks.run_monitor", "schedule": 30.0, "options": {"expires": 30}},
    "take-escalation-steps": {"task": "sla.tasks.take_steps", "schedule": 30.0, "options": {"expires": 30}},
    "recalculate-deadlines": {"task": "sla.tasks.recalculate", "schedule": timedelta(minutes=1)},
    "run-back-tests": {"task": "sla.tasks.run_back_tests", "schedule": timedelta(minutes=1)},
    "read-holiday-feeds": {"task": "sla.tasks.read_holiday_feeds", "schedule": timedelta(days=1)},
    "close-the-month": {"task": "sla.tasks.close_month", "schedule": timedelta(hours=6)},
    "keep-article-dates": {"task": "knowledgebase.tasks.keep_dates", "schedule": timedelta(minutes=1)},
    "index-articles": {"task": "knowledgebase.tasks.index_marked", "schedule": 5.0, "options": {"expires": 5}},
    "read-what-articles-mean": {
        "task": "knowledgebase.tasks.make_vectors",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "read-what-tickets-mean": {"task": "tickets.tasks.make_vectors", "schedule": 30.0, "options": {"expires": 30}},
    "count-search-words": {"task": "knowledgebase.tasks.reindex", "schedule": timedelta(days=1)},
    "count-article-views": {"task": "knowledgebase.tasks.flush_views", "schedule": timedelta(minutes=1)},
    "count-searches": {"task": "knowledgebase.tasks.flush_searches", "schedule": timedelta(minutes=1)},
    "fetch-mail": {"task": "integrations.tasks.fetch_mail", "schedule": 60.0, "options": {"expires": 60}},
    "reconcile-mail": {"task": "integrations.tasks.reconcile_mail", "schedule": timedelta(days=1)},
    "purge-expired": {"task": "common.tasks.purge_expired", "schedule": timedelta(hours=1)},
}

# The last to be taken from the queue, where the broker knows of priorities. 0 is the first.
LAST = {"priority": 9}
ROUTES = {"knowledgebase.tasks.make_vectors": LAST, "tickets.tasks.make_vectors": LAST}
