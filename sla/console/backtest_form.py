"""The form of a back-test: what is tried, on the tickets of which time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import F, QuerySet

from common.console import CONTROL
from common.periods import PeriodForm
from sla.console.shared import newest_pk
from sla.models import BusinessCalendar, CalendarVersion, PolicyVersion, SlaPolicy

AS_IT_IS = "As it is"
Choices = Sequence[tuple[str, Any]]


class VersionField(forms.ModelChoiceField):
    """One version of many: drafts first, then the published ones, except what is in force."""

    def __init__(self, queryset: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(
            queryset,
            required=False,
            empty_label=AS_IT_IS,
            widget=forms.Select(attrs=CONTROL),
            error_messages={
                "invalid_choice": "This version is gone: its draft was changed or thrown away. Choose again."
            },
            **kwargs,
        )
        self.choices = self._grouped(queryset)

    @staticmethod
    def _grouped(versions: QuerySet[Any]) -> Choices:
        groups: dict[str, list[tuple[int, str]]] = {"Drafts": [], "Other versions": []}
        for version in versions.all():
            groups["Drafts" if version.is_draft else "Other versions"].append((version.pk, str(version)))
        return [("", AS_IT_IS), *((name, rows) for name, rows in groups.items() if rows)]


class BackTestForm(PeriodForm):
    periods = (("1m", "Past month"), ("3m", "Past 3 months"), ("6m", "Past 6 months"), ("12m", "Past 12 months"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].label = "Tickets opened in"
        versions = {"policy": VersionField(policies_to_try()), "calendar": VersionField(calendars_to_try())}
        self.fields = {**versions, **self.fields}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not (cleaned.get("policy") or cleaned.get("calendar")):
            self.add_error("policy", "Choose what to try: a version of a policy, of a calendar, or one of each.")
        return cleaned

    @property
    def has_choices(self) -> bool:
        """Tell whether there is anything besides what is in force."""
        return any(len(self.fields[name].choices) > 1 for name in ("policy", "calendar"))  # type: ignore[attr-defined]


def policies_to_try() -> QuerySet[PolicyVersion]:
    """Return every version of a policy but those in force."""
    active = SlaPolicy.objects.filter(is_active=True).annotate(current=newest_pk(PolicyVersion, "policy"))
    current = active.exclude(current=None).values("current")
    versions = PolicyVersion.objects.select_related("policy").exclude(pk__in=current)
    return versions.order_by("policy__position", F("number").desc(nulls_first=True))


def calendars_to_try() -> QuerySet[CalendarVersion]:
    """Return every version of a calendar but those in force."""
    marked = BusinessCalendar.objects.annotate(current=newest_pk(CalendarVersion, "calendar"))
    current = marked.exclude(current=None).values("current")
    versions = CalendarVersion.objects.select_related("calendar").exclude(pk__in=current)
    return versions.order_by("calendar__name", F("number").desc(nulls_first=True))
