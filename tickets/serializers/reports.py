"""What the API says of reports: which there are, and the rows of one."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from common.serializers import InstantField
from tickets.reporting.shapes import UNITS

COLUMN_EXAMPLES = [
    {"name": "day", "label": "Day", "unit": "day"},
    {"name": "created", "label": "Created", "unit": "count"},
    {"name": "solved", "label": "Solved", "unit": "count"},
]
REPORT_EXAMPLE = {
    "name": "created-and-solved",
    "title": "Created and solved per day",
    "about": "Tickets by the day on which they were opened, and by that on which they were solved for good.",
}
ROWS_EXAMPLE = {
    **REPORT_EXAMPLE,
    "from": "2026-02-02",
    "to": "2026-02-03",
    "time_zone": "Europe/Oslo",
    "columns": COLUMN_EXAMPLES,
    "results": [
        {"day": "2026-02-02", "created": 14, "solved": 11},
        {"day": "2026-02-03", "created": 9, "solved": 12},
    ],
}


class ReportNameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField(help_text="What is counted.")


@extend_schema_serializer(examples=[OpenApiExample("Some", {"results": [REPORT_EXAMPLE]}, response_only=True)])
class ReportNamesSerializer(serializers.Serializer[Any]):
    """The reports that the caller may read."""

    results = ReportNameSerializer(many=True)


class ReportColumnSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="What the values are called in each of `results`.")
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not the label of this one
    unit = serializers.ChoiceField(choices=UNITS)


_PERIOD = {
    "from": serializers.DateField(source="first"),
    "to": serializers.DateField(source="last", help_text="With that day."),
}


@extend_schema_serializer(examples=[OpenApiExample("Two days", ROWS_EXAMPLE, response_only=True)])
class ReportRowsSerializer(ReportNameSerializer):
    """A report: a row for each of what it counts. null is "no data"; lengths are whole seconds."""

    time_zone = serializers.CharField(help_text="In which days begin and end: the caller's.")
    columns = ReportColumnSerializer(many=True)
    results = serializers.SerializerMethodField()

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), **_PERIOD}

    @extend_schema_field(
        {
            "type": "array",
            "items": {"type": "object", "additionalProperties": {"type": ["string", "number", "null"]}},
        }
    )
    def get_results(self, told: dict[str, Any]) -> list[dict[str, Any]]:
        columns = told["columns"]
        return [
            {column.name: _value(value, column.unit) for column, value in zip(columns, row, strict=True)}
            for row in told["rows"]
        ]


def _value(value: Any, unit: str) -> Any:
    return InstantField().to_representation(value) if unit == "instant" and value is not None else value
