from celery import shared_task

from tickets import services


@shared_task
def close_solved_tickets() -> int:
    return services.close_solved_tickets()
