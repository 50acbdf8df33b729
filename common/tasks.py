from __future__ import annotations

import structlog
from celery import shared_task

from common.retention import purgers
from common.time import now

log = structlog.get_logger(__name__)


@shared_task
def purge_expired() -> dict[str, int]:
    """Delete what has expired, room by room, and return how many rows of each kind.

    One room's failure does not keep the others from being purged; it is raised at the end.
    """
    at, deleted, failures = now(), {}, []
    for name, purge in purgers().items():
        try:
            deleted[name] = purge(at)
        except Exception as error:
            log.exception("purge_failed", kind=name)
            failures.append(error)
    log.info("purged", **{name.replace(" ", "_"): count for name, count in deleted.items()})
    if failures:
        raise failures[0]
    return deleted
