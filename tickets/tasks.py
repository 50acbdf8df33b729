from celery import shared_task

from common import queue
from tickets import performing, services, similar


@shared_task
def run_rules() -> int:
    """Let the rules on time look; the one that closes solved tickets is among them."""
    with queue.alone("rules-on-time", seconds=600) as is_alone:
        return services.run_scheduled_rules() if is_alone else 0


@shared_task
def work_off_events() -> int:
    """Show rules what happened in other rooms, and again while there is more."""
    done = services.work_off_events()
    if done:
        work_off_events.delay()
    return done


@shared_task
def wake_snoozed() -> int:
    return services.wake_due()


@shared_task
def assign_wanted() -> int:
    return services.assign_wanted()


@shared_task
def run_jobs() -> int:
    """Work off jobs on many tickets, and again while there is more."""
    done = services.run_jobs(performing.perform)
    if done:
        run_jobs.delay()
    return done


@shared_task
def send_held_replies() -> int:
    return services.send_held_replies()


@shared_task
def ask_due_surveys() -> int:
    return services.ask_due_surveys()


@shared_task
def send_weekly_report() -> int:
    return services.send_weekly_report()


@shared_task
def make_vectors() -> int:
    """Let tickets be found by what they mean: a few seconds' work at a time, and again while there is more."""
    with queue.alone("ticket-vectors", seconds=60) as is_alone:
        made = similar.make_vectors() if is_alone else 0
    if is_alone and similar.has_wishes():
        make_vectors.delay()
    return made
