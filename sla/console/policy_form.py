"""The form of a policy's draft: whom it holds for, the grid of targets, the escalation steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from accounts.models import Organization, ProductArea, Team, Tier, User
from common.console import CONTROL
from sla.console.fields import AmountField, PercentsField, TagsField, errors_of
from sla.console.words import metric_words, priority_words
from sla.models import BusinessCalendar, PolicyVersion
from sla.vocabulary import DEFAULT_THRESHOLDS, Action, Metric
from tickets.vocabulary import OPEN_STATUSES, PRIORITY_META, Priority, Status

EMPTY_STEPS = 5
STEPS_MOST = 200
# What the next draft takes over from the version before it, besides targets and steps.
KEPT = (
    "tiers",
    "organizations",
    "product_areas",
    "teams",
    "tags",
    "thresholds",
    "pause_statuses",
    "honours_maintenance",
)
LOCAL_MOMENT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Choices:
    """What a policy may name, fetched once for the whole page. calendars, teams, people: rows by id."""

    calendars: dict[int, BusinessCalendar]
    teams: dict[int, Team]
    people: dict[int, User]
    organizations: list[tuple[int, str]]
    areas: list[tuple[str, str]]

    @classmethod
    def fetch(cls, policy_version: PolicyVersion | None) -> Choices:
        """People who left are offered only where a step of the version names them already."""
        people = {person.pk: person for person in User.objects.staff().order_by("name")}
        if policy_version is not None:
            people |= {step.person_id: step.person for step in policy_version.steps.all() if step.person_id}  # type: ignore[misc]
        return cls(
            calendars={row.pk: row for row in BusinessCalendar.objects.all()},
            teams={row.pk: row for row in Team.objects.all()},
            people=people,
            organizations=list(Organization.objects.values_list("pk", "name")),
            areas=list(ProductArea.objects.values_list("key", "name")),
        )


@dataclass(frozen=True)
class GridCell:
    amount: BoundField
    metric: str
    calendar: BoundField | None


@dataclass(frozen=True)
class GridRow:
    """One priority. calendar: for the whole row, or None where each cell has its own."""

    priority: str
    label: str
    glyph: str
    cells: list[GridCell]
    calendar: BoundField | None


class StepForm(forms.Form):
    """One escalation step."""

    use_required_attribute = False

    metric = forms.ChoiceField(label="Clock", choices=Metric.choices, widget=forms.Select(attrs=CONTROL))
    priority = forms.ChoiceField(
        label="Priority",
        required=False,
        choices=[("", "Every"), *((priority, priority_words(priority)) for priority in Priority.values)],
        widget=forms.Select(attrs=CONTROL),
    )
    at_percent = forms.IntegerField(
        label="At per cent",
        min_value=1,
        max_value=1000,
        widget=forms.TextInput(attrs={**CONTROL, "inputmode": "numeric", "size": 4, "autocomplete": "off"}),
        error_messages={"required": "At how many per cent?", "invalid": "Write a whole number."},
    )
    action = forms.ChoiceField(
        label="What happens",
        choices=[("", "Choose"), *Action.choices],
        widget=forms.Select(attrs=CONTROL),
        error_messages={"required": "Choose what happens."},
    )
    team = forms.TypedChoiceField(
        label="Team", required=False, coerce=int, empty_value=None, widget=forms.Select(attrs=CONTROL)
    )
    person = forms.TypedChoiceField(
        label="Person", required=False, coerce=int, empty_value=None, widget=forms.Select(attrs=CONTROL)
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"metric": Metric.FIRST_RESPONSE.value})
        super().__init__(*args, **kwargs)
        for name, rows in (("team", choices.teams), ("person", choices.people)):
            self.fields[name].choices = [("", "-"), *((pk, str(row)) for pk, row in rows.items())]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("action") == Action.REASSIGN and not (cleaned.get("team") or cleaned.get("person")):
            self.add_error("action", "Say to which team or person the ticket is handed.")
        elif cleaned.get("action") and cleaned["action"] != Action.REASSIGN:
            cleaned["team"] = cleaned["person"] = None
        return cleaned


StepForms = forms.formset_factory(
    StepForm, extra=EMPTY_STEPS, can_delete=True, max_num=STEPS_MOST, absolute_max=STEPS_MOST
)


class PolicyDraftForm(forms.Form):
    """seen: the draft that was there when the page was opened, so that nobody's is overwritten unseen."""

    use_required_attribute = False

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    tiers = forms.MultipleChoiceField(
        label="Tiers", required=False, choices=Tier.choices, widget=forms.CheckboxSelectMultiple
    )
    organizations = forms.TypedMultipleChoiceField(required=False, coerce=int, widget=forms.CheckboxSelectMultiple)
    product_areas = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    teams = forms.TypedMultipleChoiceField(required=False, coerce=int, widget=forms.CheckboxSelectMultiple)
    tags = TagsField(
        required=False,
        max_length=500,
        help_text="Between commas. Any one of them is enough.",
        widget=forms.TextInput(attrs={**CONTROL, "autocomplete": "off"}),
    )
    thresholds = PercentsField(
        label="Recorded at, in per cent of a target",
        required=False,
        help_text="Warnings before 100, escalations after it. The deadline itself is always recorded.",
        widget=forms.TextInput(attrs={**CONTROL, "autocomplete": "off", "inputmode": "numeric"}),
    )
    pause_statuses = forms.MultipleChoiceField(
        label="Resolution and regular updates wait while the ticket is",
        required=False,
        choices=[(status.value, status.label) for status in OPEN_STATUSES],
        widget=forms.CheckboxSelectMultiple,
    )
    honours_maintenance = forms.BooleanField(label="All clocks wait during announced maintenance", required=False)
    effective_from = forms.DateTimeField(
        label="Holds from",
        required=False,
        input_formats=[LOCAL_MOMENT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(format=LOCAL_MOMENT, attrs={**CONTROL, "type": "datetime-local"}),
        error_messages={"invalid": 'Write date and time, such as "2027-01-01 00:00".'},
    )
    note = forms.CharField(
        label="What changes, and why",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={**CONTROL, "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, version: PolicyVersion | None, choices: Choices) -> None:
        """version: what the form begins with: the draft, else what holds now, else nothing."""
        super().__init__(data, initial=_initial(version))
        self.offered = choices
        fields: dict[str, Any] = self.fields
        fields["organizations"].choices = choices.organizations
        fields["product_areas"].choices = choices.areas
        fields["teams"].choices = [(pk, str(row)) for pk, row in choices.teams.items()]
        self._mixed = _mixed_rows(data, version)
        for priority in Priority.values:
            self._add_row(priority, version)
        steps = _initial_steps(version)
        self.steps = StepForms(data, initial=steps, prefix="step", form_kwargs={"choices": choices})

    def is_valid(self) -> bool:
        return bool(super().is_valid() & self.steps.is_valid())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for priority in Priority.values:
            needed = [metric for metric in Metric.values if cleaned.get(amount_name(priority, metric))]
            for name in dict.fromkeys(self._calendar_name(priority, metric) for metric in needed):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, f"Choose in which calendar {priority[:2]} is counted.")
        return cleaned

    @property
    def lists(self) -> list[BoundField]:
        """Return the conditions that are chosen out of lists."""
        return [self[name] for name in ("tiers", "product_areas", "teams", "organizations")]

    @property
    def all_errors(self) -> list[dict[str, str]]:
        """Return what is wrong, steps among it, for the summary. Shape: [{"target": id or "", "text": words}]."""
        found = errors_of(self) + [{"target": "", "text": str(error)} for error in self.steps.non_form_errors()]
        for number, form in enumerate(self.steps.forms, start=1):
            if form.data.get(form.add_prefix("DELETE")):
                continue
            found += [item | {"text": f"Step {number}, {item['text']}"} for item in errors_of(form)]
        return found

    @property
    def grid(self) -> list[GridRow]:
        return [
            GridRow(
                priority=priority[:2],
                label=Priority(priority).label,
                glyph=PRIORITY_META[priority].glyph,
                cells=[
                    GridCell(
                        self[amount_name(priority, metric)],
                        metric_words(metric),
                        self[self._calendar_name(priority, metric)] if priority in self._mixed else None,
                    )
                    for metric in Metric.values
                ],
                calendar=None if priority in self._mixed else self[self._calendar_name(priority, "")],
            )
            for priority in Priority.values
        ]

    def targets(self) -> list[dict[str, Any]]:
        """Return the grid as the service takes it."""
        found = []
        for priority in Priority.values:
            for metric in Metric.values:
                minutes = self.cleaned_data[amount_name(priority, metric)]
                if minutes:
                    calendar = self.offered.calendars[self.cleaned_data[self._calendar_name(priority, metric)]]
                    found.append({"priority": priority, "metric": metric, "minutes": minutes, "calendar": calendar})
        return found

    def step_rows(self) -> list[dict[str, Any]]:
        """Return the steps as the service takes them, without rows that were left empty or are to be deleted."""
        rows = [form.cleaned_data for form in self.steps.forms]
        return [
            {
                **{name: row[name] for name in ("metric", "priority", "at_percent", "action")},
                "team": self.offered.teams.get(row["team"]),
                "person": self.offered.people.get(row["person"]),
            }
            for row in rows
            if row.get("action") and not row.get("DELETE")
        ]

    def values(self) -> dict[str, Any]:
        """Return everything else as the service takes it."""
        return {name: self.cleaned_data[name] for name in (*KEPT, "effective_from", "note")}

    def _add_row(self, priority: str, version: PolicyVersion | None) -> None:
        targets = {row.metric: row for row in version.targets.all() if row.priority == priority} if version else {}
        label = priority_words(priority)
        for metric in Metric.values:
            row = targets.get(metric)
            self.fields[amount_name(priority, metric)] = AmountField(
                label=f"{label}, {metric_words(metric).lower()}", initial=row.minutes if row else None
            )
        calendars = [("", "Choose"), *((pk, str(row)) for pk, row in self.offered.calendars.items())]
        whole = next((row.calendar_id for row in targets.values()), self._only_calendar(version))
        for metric in Metric.values if priority in self._mixed else [""]:
            self.fields[calendar_name(priority, metric)] = forms.TypedChoiceField(
                label=f"{label}, calendar",
                required=False,
                coerce=int,
                empty_value=None,
                choices=calendars,
                initial=targets[metric].calendar_id if metric in targets else whole,
                widget=forms.Select(attrs=CONTROL),
            )

    def _only_calendar(self, version: PolicyVersion | None) -> int | None:
        """A row without targets begins with the calendar of the others, if they have one."""
        used = {row.calendar_id for row in version.targets.all()} if version else set(self.offered.calendars)
        return used.pop() if len(used) == 1 else None

    def _calendar_name(self, priority: str, metric: str) -> str:
        return calendar_name(priority, metric if priority in self._mixed else "")


def amount_name(priority: str, metric: str) -> str:
    return f"amount-{priority}-{metric}"


def calendar_name(priority: str, metric: str) -> str:
    return f"calendar-{priority}-{metric}" if metric else f"calendar-{priority}"


def _mixed_rows(data: Any, version: PolicyVersion | None) -> set[str]:
    """Return the priorities whose metrics are counted in different calendars; of a sent form, as it was sent."""
    if data is not None:
        return {
            priority
            for priority in Priority.values
            if any(calendar_name(priority, metric) in data for metric in Metric.values)
        }
    used: dict[str, set[int]] = {}
    for row in version.targets.all() if version else ():
        used.setdefault(row.priority, set()).add(row.calendar_id)
    return {priority for priority, calendars in used.items() if len(calendars) > 1}


def _initial(version: PolicyVersion | None) -> dict[str, Any]:
    if version is None:
        return {
            "thresholds": list(DEFAULT_THRESHOLDS),
            "pause_statuses": [Status.PENDING.value],
            "honours_maintenance": True,
        }
    initial = {name: getattr(version, name) for name in KEPT}
    if version.is_draft:
        initial |= {"seen": str(version.pk), "note": version.note, "effective_from": version.effective_from}
    return initial


def _initial_steps(version: PolicyVersion | None) -> list[dict[str, Any]]:
    steps: Sequence[Any] = list(version.steps.all()) if version else []
    return [
        {
            **{name: getattr(step, name) for name in ("metric", "priority", "at_percent", "action")},
            "team": step.team_id,
            "person": step.person_id,
        }
        for step in steps
    ]
