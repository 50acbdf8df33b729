"""A fuse: while a server is away nobody waits for it, and now and then one question finds out whether it is back."""

from __future__ import annotations

from threading import Lock
from time import monotonic

REST_SECONDS = 5.0


class Breaker:
    """One for each process. It is safe to use from several threads.

    rest: for how many seconds nobody asks after a failure.
    """

    def __init__(self, rest: float = REST_SECONDS) -> None:
        self._rest = rest
        self._lock = Lock()
        self._rests_until = 0.0
        self.reason = ""

    def lets_through(self) -> bool:
        """Tell whether to ask. While the server is away, one caller in each rest is let through to try."""
        with self._lock:
            if self.reason and monotonic() < self._rests_until:
                return False
            self._rests_until = monotonic() + self._rest  # whoever comes meanwhile does not wait for the one who tries
            return True

    def failed(self, reason: str) -> bool:
        """Note a failure and return whether it is the first one."""
        with self._lock:
            was_well, self.reason = not self.reason, reason
            self._rests_until = monotonic() + self._rest
            return was_well

    def answered(self) -> bool:
        """Note an answer and return whether it is the first one after a failure."""
        with self._lock:
            was_away, self.reason = bool(self.reason), ""
            return was_away
