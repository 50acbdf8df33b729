from celery import shared_task

from integrations.slack import services


@shared_task
def queue_digests() -> int:
    return services.queue_digests()
