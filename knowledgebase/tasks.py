from celery import shared_task
from django.core.cache import cache

from knowledgebase import services
from knowledgebase.search import meaning, upkeep


@shared_task
def index_marked() -> int:
    return upkeep.index_marked()


@shared_task
def make_vectors() -> int:
    """Let articles be found by what they mean: a few seconds' work at a time, and again while there is more."""
    if not cache.add("making-article-vectors", 1, timeout=60):
        return 0  # somebody is at it
    try:
        made = meaning.make_vectors()
    finally:
        cache.delete("making-article-vectors")
    if meaning.has_wishes():
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
def keep_dates() -> int:
    return services.keep_dates()
