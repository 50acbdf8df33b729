"""Ratings of solved tickets, and their figures."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from common.serializers import InstantField, StrictSerializer, TextField, WholeNumberField
from tickets.models import Survey
from tickets.satisfaction.reports import Figures
from tickets.satisfaction.rules import COMMENT_CHARACTERS_MOST
from tickets.satisfaction.vocabulary import FACES

LEAST, MOST = min(FACES), max(FACES)
RATING_EXAMPLE = {
    "ticket_id": "ODG-1042",
    "rating": 5,
    "feedback": "Quick, and the explanation was one I could pass on.",
    "submitted_at": "2026-02-08T03:00:00Z",
}
METRICS_EXAMPLE = {
    "total_responses": 40,
    "average_rating": 4.35,
    "csat_score": 87.5,
    "distribution": {"1": 1, "2": 2, "3": 2, "4": 12, "5": 23},
    "period_days": 30,
    "surveys_sent": 96,
    "response_rate": 41.7,
}
SHARE = {"type": ["number", "null"], "minimum": 0, "maximum": 100}


@extend_schema_serializer(
    examples=[OpenApiExample("Very good", {"rating": 5, "feedback": RATING_EXAMPLE["feedback"]}, request_only=True)]
)
class RateSerializer(StrictSerializer):
    """How good the help was, from 1 (very bad) to 5 (very good), and why."""

    rating = WholeNumberField(min_value=LEAST, max_value=MOST)
    feedback = TextField(required=False, default="", allow_blank=True, max_length=COMMENT_CHARACTERS_MOST)


@extend_schema_serializer(examples=[OpenApiExample("Very good", RATING_EXAMPLE, response_only=True)])
class RatingSerializer(serializers.Serializer[Survey]):
    """A rating, as it is told to whoever gave it."""

    ticket_id = serializers.CharField(source="ticket.reference")
    rating = serializers.IntegerField(min_value=LEAST, max_value=MOST)
    feedback = serializers.CharField(source="comment")
    submitted_at = InstantField(source="rated_at")


@extend_schema_serializer(examples=[OpenApiExample("A month", METRICS_EXAMPLE, response_only=True)])
class CsatMetricsSerializer(serializers.Serializer[Figures]):
    """Ratings given in the period. Averages and shares of nothing are null.

    csat_score: ratings of 4 and 5, in per cent.   response_rate: of the surveys sent in the period, how many were
    answered, in per cent.
    """

    total_responses = serializers.IntegerField()
    average_rating = serializers.SerializerMethodField()
    csat_score = serializers.SerializerMethodField()
    distribution = serializers.SerializerMethodField()
    period_days = serializers.SerializerMethodField()
    surveys_sent = serializers.IntegerField()
    response_rate = serializers.SerializerMethodField()

    @extend_schema_field({"type": ["number", "null"], "minimum": LEAST, "maximum": MOST})
    def get_average_rating(self, figures: Figures) -> float | None:
        return figures.average_rating

    @extend_schema_field(SHARE)
    def get_csat_score(self, figures: Figures) -> float | None:
        return figures.csat_score

    @extend_schema_field(
        {
            "type": "object",
            "properties": {str(rating): {"type": "integer"} for rating in FACES},
            "required": [str(rating) for rating in FACES],
            "additionalProperties": False,
        }
    )
    def get_distribution(self, figures: Figures) -> dict[str, int]:
        return {str(rating): count for rating, count in figures.distribution.items()}

    @extend_schema_field({"type": "integer"})
    def get_period_days(self, figures: Figures) -> Any:
        return self.context["days"]

    @extend_schema_field(SHARE)
    def get_response_rate(self, figures: Figures) -> float | None:
        return figures.response_rate
