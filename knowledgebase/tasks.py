from celery import shared_task

from common import queue
from knowledgebase import services
from knowledgebase.search import meaning, upkeep


@shared_task
def index_marked() -> int:
    return upkeep.index_marked()


@shared_task
def make_vectors() -> int:
    """Let articles be found by what they mean: a few seconds' work at a time, and again while there is more."""
    with queue.alone("article-vectors", seconds=60) as is_alone:
        made = meaning.make_vectors() if is_alone else 0
    if is_alone and meaning.has_wishes():
        make_vectors.delay()
    return made


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
