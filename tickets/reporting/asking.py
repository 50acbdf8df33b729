"""Which period a report is asked for, in an address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.periods import DATES, Period, PeriodForm

DEFAULT = "30d"
PERIODS = (
    ("7d", "7 days"),
    ("30d", "30 days"),
    ("90d", "90 days"),
    ("this_month", "This month"),
    ("last_month", "Last month"),
)


class AskedForm(PeriodForm):
    """`period`, or `from` and `to`, which need no word that they are meant."""

    periods = PERIODS

    def __init__(self, query: Mapping[str, Any]) -> None:
        said = {name: query[name] for name in ("period", "from", "to") if query.get(name)}
        usual = DATES if {"from", "to"} & said.keys() else DEFAULT
        super().__init__({"period": usual, **said})

    @property
    def span(self) -> Period:
        """Return what a valid form asks for."""
        period: Period = self.cleaned_data["span"]
        return period


def usual_period() -> Period:
    form = AskedForm({})
    form.is_valid()
    return form.span
