from celery import shared_task

from sla.services import escalation, monitor, months, recalculation


@shared_task
def run_monitor() -> int:
    return monitor.run_monitor().event_count


@shared_task
def take_steps() -> int:
    return escalation.take_steps()


@shared_task
def recalculate() -> int:
    return recalculation.work_off()


@shared_task
def close_month() -> int:
    return months.close_month()
