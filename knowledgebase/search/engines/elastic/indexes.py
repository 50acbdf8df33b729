"""A new index beside the old one, which takes its place in one step: there is no empty moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from secrets import token_hex

from django.conf import settings

from common.time import now
from knowledgebase.search.engines.base import Document
from knowledgebase.search.engines.elastic.documents import alias, another_alias, index_body
from knowledgebase.search.engines.elastic.engine import ASK_SECONDS, ElasticEngine, answering, client


def has_index() -> bool:
    """Tell whether exactly one index answers to the name. Two builds at once may leave two, or somebody none.

    Raises: EngineDown.
    """
    with answering():
        return len(_behind_alias()) == 1


def ask_server() -> None:
    """Return where the search server, if there is one, answers from an index.   Raises: EngineDown."""
    if settings.ELASTICSEARCH_URL:
        with answering():
            client().options(request_timeout=ASK_SECONDS).count(index=alias())


@contextmanager
def aside() -> Iterator[None]:
    """Let everything on the search server, where there is one, happen in an index of its own, gone afterwards."""
    if not settings.ELASTICSEARCH_URL:
        yield
        return
    with another_alias(f"{alias()}-aside-{token_hex(4)}"):
        try:
            yield
        finally:
            with answering():
                for name in _behind_alias():
                    client().indices.delete(index=name)


def rebuild(batches: Iterable[Sequence[Document]]) -> int:
    """Build an index of the documents, let it take the place of the present one, and return how many it holds.

    Where that fails half-way, the new index is deleted and the present one stays.   Raises: EngineDown.
    """
    index, searcher = f"{alias()}-{now():%Y%m%d-%H%M%S-%f}", ElasticEngine()
    with answering():
        client().indices.create(index=index, **index_body())
    try:
        for documents in batches:
            searcher.put_into(index, documents)
        with answering():
            client().indices.refresh(index=index)
            count = int(client().count(index=index)["count"])
            _take_place(index)
    except BaseException:
        with answering():
            client().options(ignore_status=404).indices.delete(index=index)
        raise
    return count


def _behind_alias() -> list[str]:
    indices = client().indices
    return list(indices.get_alias(name=alias())) if indices.exists_alias(name=alias()) else []


def _take_place(index: str) -> None:
    indices, old = client().indices, _behind_alias()
    if not old and indices.exists(index=alias()):
        old = [alias()]  # somebody made an index under this very name
    steps = [{"remove_index": {"index": name}} for name in old]
    indices.update_aliases(actions=[*steps, {"add": {"index": index, "alias": alias()}}])
