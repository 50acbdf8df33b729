"""A new index beside the old one, which takes its place in one step: there is no empty moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from common.time import now
from knowledgebase.search.engines.base import Document
from knowledgebase.search.engines.elastic.documents import alias, index_body
from knowledgebase.search.engines.elastic.engine import ElasticEngine, _down, client


def rebuild(batches: Iterable[Sequence[Document]]) -> int:
    """Build an index of the documents, let it take the place of the present one, and return how many it holds.

    Where that fails half-way, the new index is deleted and the present one stays.
    """
    index, searcher = f"{alias()}-{now():%Y%m%d-%H%M%S-%f}", ElasticEngine()
    with _down():
        client().indices.create(index=index, body=index_body())
    try:
        for documents in batches:
            searcher.put_into(index, documents)
        with _down():
            client().indices.refresh(index=index)
            count = int(client().count(index=index)["count"])
            _take_place(index)
    except BaseException:
        client().options(ignore_status=404).indices.delete(index=index)
        raise
    return count


def _take_place(index: str) -> None:
    indices = client().indices
    is_alias = bool(indices.exists_alias(name=alias()))
    old = list(indices.get_alias(name=alias())) if is_alias else []
    steps: list[dict[str, dict[str, str]]] = [{"add": {"index": index, "alias": alias()}}]
    if not is_alias and indices.exists(index=alias()):
        steps.append({"remove_index": {"index": alias()}})  # an index that somebody made under this very name
    steps += [{"remove_index": {"index": name}} for name in old]
    indices.update_aliases(actions=steps)
