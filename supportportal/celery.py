"""Celery: tasks are JSON, acknowledged after the work, limited in time, and harmless to repeat."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportportal.settings")

app = Celery("supportportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Celery sets up logging of its own unless somebody listens here; Django's is the one we want."""


@worker_init.connect
@beat_init.connect
def refuse_unready(**_: Any) -> None:
    from supportportal import checks

    checks.refuse_unready()
