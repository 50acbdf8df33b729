from celery import shared_task

from integrations import services


@shared_task
def deliver_due() -> int:
    return services.deliver_due()
