"""The forms of one side, and the share of them that no ticket came of. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tickets.deflection.proportions import wilson


@dataclass(frozen=True)
class Side:
    """The forms of one side. All but `begun` count those for which an article fitted.

    returned: left without sending, and a ticket came within a week.
    """

    begun: int = 0
    fitting: int = 0
    opened: int = 0
    solved: int = 0
    sent: int = 0
    returned: int = 0

    @property
    def left(self) -> int:
        return self.fitting - self.sent

    @property
    def spared(self) -> int:
        """Return how many forms no ticket came of, not within a week either."""
        return self.left - self.returned

    @property
    def share(self) -> float | None:
        """Return which share of the forms no ticket came of, 0 to 1; None where there are none."""
        return self.spared / self.fitting if self.fitting else None

    @property
    def limits(self) -> tuple[float, float]:
        return wilson(self.spared, self.fitting)
