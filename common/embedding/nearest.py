"""All vectors of one table in this process's memory, and which of them lie nearest to a question's.

Each row takes 1.5 KB. What other processes have made is read again every few seconds.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from common.embedding.model import DIMENSIONS
from common.embedding.rows import StoredVector
from common.time import now

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRESH_SECONDS = 5.0
# A transaction writes down when a vector was made and commits later: so long may that take.
COMMITTED_WITHIN = dt.timedelta(seconds=60)


class Kept(NamedTuple):
    """The vectors as they were read. Never changed: what a reader holds stays as it was."""

    keys: NDArray[np.int64]
    matrix: NDArray[np.float32]
    places: dict[int, int]


@dataclass(frozen=True)
class Likeness:
    """How alike each subject is to one vector, -1 to 1."""

    kept: Kept | None
    values: NDArray[np.float32] | None

    def of(self, keys: Iterable[int]) -> dict[int, float]:
        """Return those of `keys` that have a vector, with how alike they are."""
        if self.kept is None or self.values is None:
            return {}
        places = self.kept.places
        return {key: float(self.values[places[key]]) for key in keys if key in places}

    def best(self, *, least: float, most: int) -> dict[int, float]:
        """Return up to `most` that are at least so alike, the most alike first."""
        import numpy as np

        if self.kept is None or self.values is None:
            return {}
        near = np.flatnonzero(self.values >= least)
        near = near[np.argsort(-self.values[near], kind="stable")][:most]
        return dict(zip(self.kept.keys[near].tolist(), self.values[near].tolist(), strict=True))


class Nearest:
    """The vectors of one table.   most: how many are kept at most, the newest subjects'."""

    def __init__(self, table: type[StoredVector], *, most: int) -> None:
        self._table, self._most = table, most
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Begin anew, as after a database has been replaced."""
        self._kept: Kept | None = None
        self._read_at = -FRESH_SECONDS
        self._seen_until: dt.datetime | None = None

    def likeness(self, vector: NDArray[np.float32]) -> Likeness:
        """Return how alike all of them are to `vector`."""
        kept = self._refreshed()
        return Likeness(kept, None if kept is None else kept.matrix @ vector)

    def vector_of(self, key: int) -> NDArray[np.float32] | None:
        kept = self._refreshed()
        place = None if kept is None else kept.places.get(key)
        return None if kept is None or place is None else kept.matrix[place]

    def _refreshed(self) -> Kept | None:
        if monotonic() - self._read_at >= FRESH_SECONDS:
            with self._lock:
                if monotonic() - self._read_at >= FRESH_SECONDS:
                    self._read()
        return self._kept

    def _read(self) -> None:
        started, rows = now(), self._table._default_manager.order_by("-pk")
        if self._seen_until is not None:
            rows = rows.filter(changed_at__gte=self._seen_until - COMMITTED_WITHIN)
        self._kept = self._with(list(rows.values_list("pk", "vector")[: self._most]))
        self._seen_until, self._read_at = started, monotonic()

    def _with(self, rows: list[tuple[int, Any]]) -> Kept | None:
        """Return what is kept, with these vectors in the place of older ones."""
        import numpy as np

        places = self._kept.places if self._kept else {}
        made = {key: np.frombuffer(vector, dtype=np.float16) for key, vector in rows if vector is not None}
        gone = {key for key, vector in rows if vector is None and key in places}
        if not made and not gone:
            return self._kept
        keys = sorted((places.keys() | made.keys()) - gone, reverse=True)[: self._most]
        matrix = np.empty((len(keys), DIMENSIONS), dtype=np.float32)
        for place, key in enumerate(keys):
            matrix[place] = made[key] if key in made else self._kept.matrix[places[key]]  # type: ignore[union-attr]
        return Kept(np.array(keys, dtype=np.int64), matrix, {key: place for place, key in enumerate(keys)})
