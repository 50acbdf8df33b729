"""Jobs on many tickets over HTTP."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from common.serializers import InstantField, StrictSerializer, TextField, WholeNumberField
from tickets.models import BulkItem, BulkJob
from tickets.serializers.tickets import ChangeTicketSerializer

ITEMS_MOST = 100
JOB_EXAMPLE = {
    "job_id": 17,
    "kind": "UPDATE",
    "status": "FINISHED",
    "total": 3,
    "done": 3,
    "created_at": "2026-02-08T03:00:00Z",
    "finished_at": "2026-02-08T03:00:02Z",
    "results": [
        {"position": 0, "status": "CHANGED", "ticket_id": "ODG-1042", "reason": "", "problem": None},
        {"position": 1, "status": "SKIPPED", "ticket_id": "ODG-1043", "reason": "It is so already.", "problem": None},
        {
            "position": 2,
            "status": "FAILED",
            "ticket_id": None,
            "reason": "",
            "problem": {
                "type": "/api/v1/problems/not_found",
                "title": "Not found",
                "status": 404,
                "detail": "There is nothing here, or nothing that these credentials may see.",
                "instance": "",
            },
        },
    ],
}
ANY_OBJECT = {"type": "object", "additionalProperties": True}


@extend_schema_field({"type": ["object", "null"], "additionalProperties": True})
class ProblemField(serializers.JSONField):
    """A problem body, as a request of its own would have been answered."""


class ItemSerializer(serializers.Serializer[BulkItem]):
    """What became of one ticket. position: in the list that was sent, from 0.   problem: why not."""

    position = serializers.IntegerField()
    status = serializers.ChoiceField(choices=BulkItem.State.values, source="state")
    ticket_id = serializers.SerializerMethodField()
    reason = serializers.CharField()
    problem = ProblemField(allow_null=True)

    @extend_schema_field({"type": ["string", "null"]})
    def get_ticket_id(self, item: BulkItem) -> str | None:
        return f"{settings.PORTAL_TICKET_PREFIX}-{item.ticket_id}" if item.ticket_id else None


@extend_schema_serializer(
    examples=[OpenApiExample("A job", JOB_EXAMPLE, response_only=True, status_codes=["200", "202"])]
)
class JobSerializer(serializers.Serializer[BulkJob]):
    """A job on many tickets. done: how many of `total` are settled."""

    job_id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=BulkJob.Kind.values)
    status = serializers.ChoiceField(choices=BulkJob.State.values, source="state")
    total = serializers.SerializerMethodField()
    done = serializers.SerializerMethodField()
    created_at = InstantField()
    finished_at = InstantField(allow_null=True)
    results = ItemSerializer(many=True, source="items.all")

    def get_total(self, job: BulkJob) -> int:
        return len(job.items.all())

    def get_done(self, job: BulkJob) -> int:
        return sum(item.state != BulkItem.State.WAITING for item in job.items.all())


@extend_schema_field(ANY_OBJECT)
class AskedField(serializers.DictField):
    """What is asked for one ticket. The worker reads it, as a request of its own would be."""


OPENING = {
    "subject": "Renew the certificate",
    "description": "It ends in May.",
    "customer_email": "rita@aarlund.example",
}
CHANGING = {"ticket_ids": ["ODG-1042", "ODG-1043"], "changes": {"priority": "P2_HIGH"}}
EACH = {"updates": [{"ticket_id": "ODG-1042", "priority": "P2_HIGH"}, {"ticket_id": "ODG-1043", "tags": ["renewal"]}]}


@extend_schema_serializer(examples=[OpenApiExample("One ticket", {"tickets": [OPENING]}, request_only=True)])
class BulkOpenSerializer(StrictSerializer):
    """Tickets to open, each as `POST /tickets` takes it."""

    tickets = serializers.ListField(child=AskedField(), min_length=1, max_length=ITEMS_MOST)


@extend_schema_serializer(
    examples=[
        OpenApiExample("The same for all", CHANGING, request_only=True),
        OpenApiExample("Each its own", EACH, request_only=True),
    ]
)
class BulkChangeSerializer(StrictSerializer):
    """Either `ticket_ids` and `changes`, the same for all, or `updates`, each with its `ticket_id`.

    Changes are those of `PATCH /tickets/{ticket_id}`; `version` beside them refuses a ticket that is another one now.
    """

    ticket_ids = serializers.ListField(
        child=TextField(max_length=40), min_length=1, max_length=ITEMS_MOST, required=False
    )
    changes = AskedField(required=False)
    updates = serializers.ListField(child=AskedField(), min_length=1, max_length=ITEMS_MOST, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = {"updates"} if "updates" in attrs else {"ticket_ids", "changes"}
        wrong = needed ^ set(attrs)
        if wrong:
            words = "Send either ticket_ids and changes, or updates."
            raise serializers.ValidationError({min(wrong): [serializers.ErrorDetail(words, code="conflict")]})
        return attrs


def each_of(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is asked for each ticket, from a body that BulkChangeSerializer has read."""
    updates: list[dict[str, Any]] = asked.get("updates", [])
    return updates or [{**asked["changes"], "ticket_id": reference} for reference in asked["ticket_ids"]]


class ChangeOneSerializer(ChangeTicketSerializer):
    """One item of a change of many."""

    ticket_id = TextField(max_length=40)
    version = WholeNumberField(required=False, min_value=1, max_value=2**31 - 1)
