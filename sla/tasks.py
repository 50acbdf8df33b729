from celery import shared_task

from sla.services import backtests, escalation, feeds, monitor, months, recalculation, zones


@shared_task
def run_monitor() -> int:
    zones.check_zones()
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


@shared_task
def run_back_tests() -> int:
    return backtests.run_back_tests()


@shared_task
def read_holiday_feeds() -> int:
    return feeds.read_feeds()
