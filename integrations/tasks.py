from celery import shared_task

from integrations import dispatching, services
from integrations.slack.tasks import queue_digests  # noqa: F401 - found here by the worker


@shared_task
def deliver_due() -> int:
    return dispatching.deliver_due()


@shared_task
def process_due() -> int:
    return services.process_due()
