"""Request forms, as API clients draw them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from tickets.models import RequestForm, RequestFormField


class FormFieldSerializer(serializers.Serializer[RequestFormField]):
    """One custom field of a form. Where `depends_on` has one of `values`, it is asked, or must be answered."""

    key = serializers.CharField(source="field.key")
    label = serializers.CharField(source="field.label")  # type: ignore[assignment]
    help_text = serializers.CharField(source="field.help_text")  # type: ignore[assignment]
    kind = serializers.CharField(source="field.kind")
    choices = serializers.SerializerMethodField()
    is_required = serializers.BooleanField()
    depends_on = serializers.CharField(allow_null=True, source="rule.on")
    values = serializers.ListField(child=serializers.CharField(), source="rule.values")
    is_required_then = serializers.BooleanField()

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_choices(self, row: RequestFormField) -> list[str]:
        return list(row.field.rule.choices)


FORM_EXAMPLE = {
    "slug": "ask-for-access",
    "name": "Ask for access",
    "description": "A new person, or a new right.",
    "introduction": "Have the person's address at hand. Whoever owns the data decides within two days.",
    "product_areas": [],
    "custom_fields": [
        {
            "key": "days",
            "label": "How many days",
            "help_text": "",
            "kind": "NUMBER",
            "choices": [],
            "is_required": True,
            "depends_on": "how_long",
            "values": ["days"],
            "is_required_then": False,
        }
    ],
}


@extend_schema_serializer(examples=[OpenApiExample("A form", FORM_EXAMPLE, response_only=True)])
class RequestFormSerializer(serializers.Serializer[RequestForm]):
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    introduction = serializers.CharField(
        help_text="What customers read above the fields, as plain text; empty for none."
    )
    product_areas = serializers.SerializerMethodField(help_text="Keys of those it offers; empty for all.")
    custom_fields = serializers.SerializerMethodField()

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_product_areas(self, form: RequestForm) -> list[str]:
        return [area.key for area in form.product_areas.all()]

    @extend_schema_field(FormFieldSerializer(many=True))
    def get_custom_fields(self, form: RequestForm) -> Any:
        rows = [row for row in form.fields.all() if row.field.is_active and row.field.is_customer_editable]
        return [FormFieldSerializer(row).data for row in rows]
