"""What the API says of promises: shapes only."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.models import Tier
from common.serializers import InstantField
from sla.models import EscalationStep, PolicyVersion, SlaPolicy, SlaTarget
from sla.reports import GROUPS
from sla.vocabulary import Action, ClockState, Metric, StepState, StoppedBy
from tickets.vocabulary import Priority, Status

COMPLIANCE_WORDS = ("MET", "BREACHED", "ON_TRACK")
CLOCK_EXAMPLE = {
    "metric": "RESOLUTION",
    "cycle": 1,
    "state": "RUNNING",
    "target_seconds": 86400,
    "elapsed_seconds": 7200,
    "remaining_seconds": 79200,
    "elapsed_percent": 8.3,
    "started_at": "2026-02-09T12:00:00Z",
    "due_at": "2026-02-10T13:00:00Z",
    "breached": False,
    "breached_at": None,
    "stopped_at": None,
    "stopped_by": None,
    "calendar": "Day and night",
    "time_zone": "UTC",
    "policy": "Enterprise, version 1",
    "reason": "24 hours are promised, counted in the calendar Day and night. Not counted: maintenance 1 h.",
    "segments": [
        {
            "start": "2026-02-09T13:00:00Z",
            "end": "2026-02-09T14:00:00Z",
            "counted": False,
            "reason": "maintenance",
            "seconds": 3600,
        }
    ],
}
TICKET_SLA_EXAMPLE = {
    "ticket_id": "ODG-1042",
    "sentence": "We will answer by today at 16:00, your time.",
    "clocks": [CLOCK_EXAMPLE],
    "escalations": [
        {
            "metric": "FIRST_RESPONSE",
            "at_percent": 80,
            "action": "NOTIFY_MANAGER",
            "state": "DONE",
            "note": "Mailed to manager@support.example.",
            "created_at": "2026-02-09T15:12:00Z",
        }
    ],
}
POLICY_EXAMPLE = {
    "id": 1,
    "name": "Enterprise",
    "position": 1,
    "is_active": True,
    "version": {
        "number": 1,
        "effective_from": "2026-02-01T00:00:00Z",
        "tiers": ["ENTERPRISE"],
        "organizations": [],
        "product_areas": [],
        "teams": [],
        "tags": [],
        "thresholds": [80, 100, 120],
        "pause_statuses": ["PENDING"],
        "honours_maintenance": True,
        "targets": [
            {"priority": "P1_CRITICAL", "metric": "FIRST_RESPONSE", "minutes": 240, "calendar": "Day and night"}
        ],
        "steps": [
            {
                "metric": "FIRST_RESPONSE",
                "priority": "P1_CRITICAL",
                "at_percent": 80,
                "action": "NOTIFY_MANAGER",
                "team": None,
                "person": None,
            }
        ],
    },
}
FIGURES_EXAMPLE = {
    "met": 48,
    "breached": 2,
    "pending": 7,
    "rate_percent": 96.0,
    "median_working_seconds": 4320,
    "p90_working_seconds": 21600,
    "median_wall_seconds": 5400,
    "p90_wall_seconds": 86400,
    "withdrawn": 1,
    "reopened_after_met": 0,
    "stopped_by_resolution": 3,
}
METRICS_EXAMPLE = {
    "from": "2026-01-10T00:00:00Z",
    "to": "2026-02-09T00:00:00Z",
    "group_by": ["tier"],
    "totals": FIGURES_EXAMPLE,
    "results": [{**FIGURES_EXAMPLE, "group": {"tier": "Enterprise"}}],
}
COMPLIANCE_EXAMPLE = {
    "sla_applicable": True,
    "tier": "ENTERPRISE",
    "priority": "P1_CRITICAL",
    "response_target": 14400,
    "resolution_target": 86400,
    "first_response_at": "2026-02-09T12:39:00Z",
    "resolved_at": None,
    "first_response_compliant": True,
    "resolution_compliant": True,
    "response_sla_elapsed_pct": 16.2,
    "resolution_sla_elapsed_pct": 41.7,
    "sla_breached": False,
    "response_status": "MET",
    "resolution_status": "ON_TRACK",
    "response_elapsed_pct": 16.2,
    "resolution_elapsed_pct": 41.7,
    "resolution_time_hours": None,
}


class TellingSerializer(serializers.Serializer[Any]):
    """Says of a dict what is in it: a member that is missing is not told as null."""

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        return {name: value for name, value in shown.items() if name in instance}


class SegmentSerializer(serializers.Serializer[Any]):
    """A stretch of time that counted, or did not, and why."""

    start = InstantField()
    end = InstantField()
    counted = serializers.BooleanField(source="is_counted")
    reason = serializers.CharField(source="words", help_text="counted, night, weekend, a holiday's name, ...")
    seconds = serializers.SerializerMethodField()

    def get_seconds(self, line: Any) -> int:
        return int(line.microseconds // 1_000_000)


class ClockSerializer(TellingSerializer):
    """One measure of the ticket. Lengths are working seconds of its calendar; `reason` tells the deadline in words."""

    metric = serializers.ChoiceField(choices=Metric.values)
    cycle = serializers.IntegerField(help_text="Each unanswered message begins a new one.")
    state = serializers.ChoiceField(choices=ClockState.values)
    target_seconds = serializers.IntegerField(allow_null=True)
    elapsed_seconds = serializers.IntegerField()
    remaining_seconds = serializers.IntegerField(allow_null=True, help_text="Negative when late.")
    elapsed_percent = serializers.FloatField(allow_null=True)
    started_at = InstantField()
    due_at = InstantField(allow_null=True)
    breached = serializers.BooleanField()
    breached_at = InstantField(allow_null=True)
    stopped_at = InstantField(allow_null=True)
    stopped_by = serializers.ChoiceField(choices=StoppedBy.values, allow_null=True)
    calendar = serializers.CharField(allow_null=True)
    time_zone = serializers.CharField(allow_null=True)
    policy = serializers.CharField(allow_null=True, required=False, help_text="For the support team only.")
    reason = serializers.CharField()
    segments = SegmentSerializer(many=True)


class EscalationSerializer(serializers.Serializer[Any]):
    """A step that came due, and what became of it."""

    metric = serializers.ChoiceField(choices=Metric.values, source="step.metric")
    at_percent = serializers.IntegerField(source="event.threshold")
    action = serializers.ChoiceField(choices=Action.values, source="step.action")
    state = serializers.ChoiceField(choices=StepState.values)
    note = serializers.CharField()
    created_at = InstantField()


@extend_schema_serializer(examples=[OpenApiExample("Promises", TICKET_SLA_EXAMPLE, response_only=True)])
class TicketSlaSerializer(serializers.Serializer[Any]):
    """The promises of a ticket. `sentence` is what its customer reads; `escalations` are for the support team only."""

    ticket_id = serializers.CharField()
    sentence = serializers.CharField()
    clocks = ClockSerializer(many=True)
    escalations = EscalationSerializer(many=True, required=False)


class TargetSerializer(serializers.Serializer[SlaTarget]):
    priority = serializers.ChoiceField(choices=Priority.values)
    metric = serializers.ChoiceField(choices=Metric.values)
    minutes = serializers.IntegerField()
    calendar = serializers.CharField(source="calendar.name")


class StepSerializer(serializers.Serializer[EscalationStep]):
    metric = serializers.ChoiceField(choices=Metric.values)
    priority = serializers.SerializerMethodField()
    at_percent = serializers.IntegerField()
    action = serializers.ChoiceField(choices=Action.values)
    team = serializers.CharField(source="team.name", default=None, allow_null=True)
    person = serializers.CharField(source="person.name", default=None, allow_null=True)

    @extend_schema_field({"type": ["string", "null"], "enum": [*Priority.values, None]})
    def get_priority(self, step: EscalationStep) -> str | None:
        return step.priority or None


class PolicyVersionSerializer(serializers.Serializer[PolicyVersion]):
    """A version of a policy. An empty condition matches every ticket."""

    number = serializers.IntegerField()
    effective_from = InstantField()
    tiers = serializers.ListField(child=serializers.ChoiceField(choices=Tier.values))
    organizations = serializers.ListField(child=serializers.IntegerField())
    product_areas = serializers.ListField(child=serializers.CharField())
    teams = serializers.ListField(child=serializers.IntegerField())
    tags = serializers.ListField(child=serializers.CharField())
    thresholds = serializers.ListField(child=serializers.IntegerField())
    pause_statuses = serializers.ListField(child=serializers.ChoiceField(choices=Status.values))
    honours_maintenance = serializers.BooleanField()
    targets = TargetSerializer(many=True)
    steps = StepSerializer(many=True)


@extend_schema_serializer(examples=[OpenApiExample("A policy", POLICY_EXAMPLE, response_only=True)])
class PolicySerializer(serializers.Serializer[SlaPolicy]):
    """A policy. The first active one, by position, that matches a ticket decides. `version` is the one in force."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    position = serializers.IntegerField()
    is_active = serializers.BooleanField()
    version = PolicyVersionSerializer(allow_null=True)


class FiguresSerializer(serializers.Serializer[Any]):
    """What became of clocks. Lengths are seconds; null means no data."""

    met = serializers.IntegerField()
    breached = serializers.IntegerField()
    pending = serializers.IntegerField()
    rate_percent = serializers.FloatField(allow_null=True)
    median_working_seconds = serializers.IntegerField(allow_null=True)
    p90_working_seconds = serializers.IntegerField(allow_null=True)
    median_wall_seconds = serializers.IntegerField(allow_null=True)
    p90_wall_seconds = serializers.IntegerField(allow_null=True)
    withdrawn = serializers.IntegerField()
    reopened_after_met = serializers.IntegerField()
    stopped_by_resolution = serializers.IntegerField()


class GroupFiguresSerializer(FiguresSerializer):
    """The figures of one group. `group` names its value for each of group_by."""

    group = serializers.DictField(child=serializers.CharField())


_REPORT_MEMBERS = {
    "from": InstantField(source="since", help_text="Verdicts from this instant on."),
    "to": InstantField(source="until", help_text="And before this one."),
}


@extend_schema_serializer(examples=[OpenApiExample("By tier", METRICS_EXAMPLE, response_only=True)])
class MetricsSerializer(serializers.Serializer[Any]):
    """How promises were kept in a period. The unit is the clock; the period is that of the verdict."""

    group_by = serializers.ListField(child=serializers.ChoiceField(choices=list(GROUPS)))
    totals = FiguresSerializer()
    results = GroupFiguresSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**_REPORT_MEMBERS, **super().get_fields()}


@extend_schema_serializer(examples=[OpenApiExample("A promise kept", COMPLIANCE_EXAMPLE, response_only=True)])
class ComplianceSerializer(TellingSerializer):
    """How one ticket's promises stand. Targets are working seconds. Where none is promised, `sla_applicable` alone."""

    sla_applicable = serializers.BooleanField()
    tier = serializers.ChoiceField(choices=Tier.values, required=False)
    priority = serializers.ChoiceField(choices=Priority.values, required=False)
    response_target = serializers.IntegerField(allow_null=True, required=False)
    resolution_target = serializers.IntegerField(allow_null=True, required=False)
    first_response_at = InstantField(allow_null=True, required=False)
    resolved_at = InstantField(allow_null=True, required=False)
    first_response_compliant = serializers.BooleanField(allow_null=True, required=False)
    resolution_compliant = serializers.BooleanField(allow_null=True, required=False)
    response_sla_elapsed_pct = serializers.FloatField(allow_null=True, required=False)
    resolution_sla_elapsed_pct = serializers.FloatField(allow_null=True, required=False)
    sla_breached = serializers.BooleanField(required=False)
    response_status = serializers.ChoiceField(choices=COMPLIANCE_WORDS, allow_null=True, required=False)
    resolution_status = serializers.ChoiceField(choices=COMPLIANCE_WORDS, allow_null=True, required=False)
    response_elapsed_pct = serializers.FloatField(allow_null=True, required=False)
    resolution_elapsed_pct = serializers.FloatField(allow_null=True, required=False)
    resolution_time_hours = serializers.FloatField(allow_null=True, required=False)
