from celery import shared_task

from integrations import dispatching, services
from integrations.email.incoming.polling import fetch_quietly, reconcile_quietly
from integrations.slack.tasks import queue_digests  # noqa: F401 - found here by the worker


@shared_task
def deliver_due() -> int:
    return dispatching.deliver_due()


@shared_task
def fetch_mail() -> int:
    return fetch_quietly()


@shared_task
def reconcile_mail() -> int:
    """Return how many gaps there are; each is named with its folder."""
    return reconcile_quietly()


@shared_task
def process_due() -> int:
    return services.process_due()
