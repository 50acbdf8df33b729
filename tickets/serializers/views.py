"""Saved views over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.serializers import TeamSerializer
from common.serializers import FlagField, InstantField, StrictSerializer, TextField
from tickets.console.asked import COLUMNS
from tickets.finding import READERS, SORTS
from tickets.models import SavedView
from tickets.serializers.tickets import TeamField
from tickets.services.views import NAME_CHARACTERS_MOST

VIEW_EXAMPLE = {
    "view_id": 12,
    "name": "Urgent and mine",
    "circle": "OWN",
    "team": None,
    "filters": {"assignee": ["me"], "priority": ["P1_CRITICAL", "P2_HIGH"]},
    "sort": "urgency",
    "columns": ["requester", "status", "due"],
    "may_change": True,
    "created_at": "2026-02-08T03:00:00Z",
}
WRITE_EXAMPLE = {name: VIEW_EXAMPLE[name] for name in ("name", "filters", "sort", "columns")}
VALUES = {"type": "array", "items": {"type": "string", "maxLength": 100}, "maxItems": 50}
FILTERS = {"type": "object", "properties": dict.fromkeys(READERS, VALUES), "additionalProperties": False}


@extend_schema_serializer(examples=[OpenApiExample("A view", VIEW_EXAMPLE, response_only=True)])
class ViewSerializer(serializers.Serializer[SavedView]):
    """A saved view. circle: whose it is: the caller's own, a team's, everybody's.   sort, columns: empty for the usual.

    filters: names and values as the queue's address has them, `me`, `mine` and `none` among the values.
    """

    view_id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    circle = serializers.SerializerMethodField()
    team = TeamSerializer(allow_null=True)
    filters = serializers.SerializerMethodField()
    sort = serializers.CharField()
    columns = serializers.SerializerMethodField()
    may_change = serializers.SerializerMethodField(help_text="Whether the caller may change and delete it.")
    created_at = InstantField()

    @extend_schema_field({"type": "string", "enum": ["OWN", "TEAM", "EVERYBODY"]})
    def get_circle(self, view: SavedView) -> str:
        return "OWN" if view.owner_id else "TEAM" if view.team_id else "EVERYBODY"

    @extend_schema_field({"type": "object", "additionalProperties": VALUES})
    def get_filters(self, view: SavedView) -> dict[str, list[str]]:
        return view.filters

    def get_columns(self, view: SavedView) -> list[str]:
        return view.columns

    def get_may_change(self, view: SavedView) -> bool:
        return view.pk in self.context.get("changeable", ())


@extend_schema_field(FILTERS)
class FiltersField(serializers.DictField):
    """Filters by name, each a list of values. The service knows which there are."""

    child = serializers.ListField(child=TextField(max_length=100), max_length=50)


class ViewMembersSerializer(StrictSerializer):
    name = TextField(max_length=NAME_CHARACTERS_MOST, help_text="Unlike every other of the same circle.")
    filters = FiltersField(help_text="What it shows; without `status` the open ones.")
    sort = serializers.ChoiceField(choices=[("", ""), *((name, name) for name in SORTS)], required=False)
    columns = serializers.ListField(child=serializers.ChoiceField(choices=list(COLUMNS)), required=False, max_length=20)


@extend_schema_serializer(examples=[OpenApiExample("One's own", WRITE_EXAMPLE, request_only=True)])
class WriteViewSerializer(ViewMembersSerializer):
    """A view to keep: one's own, unless it is a team's (its members keep it) or everybody's (supervisors do)."""

    team = TeamField(required=False, allow_null=True)
    is_everybodys = FlagField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("team") and attrs["is_everybodys"]:
            words = "A view is a team's or everybody's, not both."
            raise serializers.ValidationError({"is_everybodys": [serializers.ErrorDetail(words, code="conflict")]})
        return attrs


@extend_schema_serializer(examples=[OpenApiExample("Another name", {"name": "Mine"}, request_only=True)])
class ChangeViewSerializer(ViewMembersSerializer):
    """What to change; what is not named stays. For whom it is kept does not change."""

    def get_fields(self) -> dict[str, serializers.Field]:
        fields: dict[str, serializers.Field] = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields
