from celery import shared_task

from knowledgebase import services
from knowledgebase.search import upkeep


@shared_task
def index_marked() -> int:
    return upkeep.index_marked()


@shared_task
def reindex() -> int:
    """Once a day: index anew and count the words again, so that nothing that went astray stays so."""
    return upkeep.reindex()[1]


@shared_task
def flush_views() -> int:
    return services.flush_views()


@shared_task
def flush_searches() -> int:
    return services.flush_searches()


@shared_task
def keep_dates() -> int:
    return services.keep_dates()
