"""A ticket, as its reader may see it, and the bodies that open and change one."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.models import ProductArea, Strategy, Team, User
from accounts.serializers import OrganizationNameSerializer, TeamSerializer
from common.serializers import (
    AliasedChoiceField,
    EmailField,
    InstantField,
    RowField,
    StrictSerializer,
    TextField,
    canonical,
)
from tickets.models import RequestForm, StatusLabel
from tickets.vocabulary import PRIORITY_ALIASES, STATUS_ALIASES, Channel, Environment, Priority, PrioritySource, Status

ID_MOST = 2**63 - 1
NO_PROMISE = {
    "first_response_due_at": None,
    "next_response_due_at": None,
    "resolution_due_at": None,
    "breached": False,
    "paused": False,
}
TICKET_EXAMPLE: dict[str, Any] = {
    "ticket_id": "ODG-1042",
    "subject": "Lineage graph is empty",
    "description": "Since the upgrade every lineage graph is empty.",
    "priority": "P3_NORMAL",
    "status": "OPEN",
    "status_label": "Open",
    "product_area": "LINEAGE",
    "form": None,
    "environment": "PRODUCTION",
    "product_version": "3.2.1",
    "customer_name": "Rita Lindqvist",
    "customer_email": "rita@aarlund.example",
    "organization": {"id": 7, "name": "City of Aarlund"},
    "assignee": {"id": 3, "name": "Agnes Moreau"},
    "tags": ["upgrade"],
    "custom_fields": {"severity": "major"},
    "channel": "WEB",
    "sla": {**NO_PROMISE, "resolution_due_at": "2026-02-12T15:00:00Z"},
    "merged_into": None,
    "first_response_at": "2026-02-08T03:40:00Z",
    "solved_at": None,
    "closed_at": None,
    "created_at": "2026-02-08T03:00:00Z",
    "updated_at": "2026-02-08T03:40:00Z",
    "version": 3,
}


class PersonSerializer(serializers.Serializer[User]):
    """A person, by name; the address is for the support team."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.CharField(required=False, help_text="For the support team only.")

    def to_representation(self, instance: User) -> dict[str, Any]:
        shown = {"id": instance.pk, "name": instance.name}
        return shown | ({"email": instance.email} if self.context.get("is_staff") else {})


class SlaSerializer(serializers.Serializer[Any]):
    """What is promised; a time is null where nothing is."""

    first_response_due_at = InstantField(allow_null=True)
    next_response_due_at = InstantField(allow_null=True)
    resolution_due_at = InstantField(allow_null=True)
    breached = serializers.BooleanField()
    paused = serializers.BooleanField()


REQUIRED = serializers.ErrorDetail("This field is required.", code="required")
NEEDS_ASSIGNEE = serializers.ErrorDetail("Name the assignee as well: it says why that changes.", code="needs_assignee")
OTHER_STATUS = serializers.ErrorDetail("These are the words of another status than the one given.", code="invalid")
STAFF_ONLY = ("team", "priority_source", "submitter")


@extend_schema_field({"type": "object", "additionalProperties": True})
class IncludedField(serializers.Field[Any, Any, Any, Any]):
    """What `include` asks for, read for a whole page at once."""

    def get_attribute(self, instance: Any) -> Any:
        if "included" not in self.context:
            raise serializers.SkipField
        return instance

    def to_representation(self, value: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.context["included"].get(value.pk, {})
        return found


@extend_schema_serializer(examples=[OpenApiExample("A ticket", TICKET_EXAMPLE, response_only=True)])
class TicketSerializer(serializers.Serializer[Any]):
    """A ticket. `team`, `priority_source` and `submitter` are for the support team only."""

    ticket_id = serializers.CharField(source="reference")
    subject = serializers.CharField()
    description = serializers.SerializerMethodField()
    priority = serializers.ChoiceField(choices=Priority.values)
    status = serializers.ChoiceField(choices=Status.values)
    status_label = serializers.SerializerMethodField(help_text="The status in words, or the label it was given.")
    product_area = serializers.CharField(source="product_area.key", default=None, allow_null=True)
    form = serializers.CharField(source="request_form.slug", default=None, allow_null=True)
    environment = serializers.SerializerMethodField()
    product_version = serializers.CharField()
    customer_name = serializers.CharField(source="requester.name")
    customer_email = serializers.CharField(source="requester.email")
    organization = OrganizationNameSerializer(allow_null=True)
    assignee = PersonSerializer(allow_null=True)
    tags = serializers.SerializerMethodField()
    custom_fields = serializers.SerializerMethodField()
    channel = serializers.ChoiceField(choices=Channel.values)
    sla = serializers.SerializerMethodField()
    merged_into = serializers.SerializerMethodField()
    first_response_at = InstantField(allow_null=True)
    solved_at = InstantField(allow_null=True)
    closed_at = InstantField(allow_null=True)
    created_at = InstantField()
    updated_at = InstantField()
    version = serializers.IntegerField(help_text="Counts the changes; the ETag holds it too.")
    team = TeamSerializer(allow_null=True, required=False)
    priority_source = serializers.ChoiceField(choices=PrioritySource.values, required=False)
    submitter = PersonSerializer(allow_null=True, required=False)
    included = IncludedField(required=False, help_text="What `include` asked for, by name; null where there is none.")

    def get_fields(self) -> dict[str, serializers.Field]:
        fields: dict[str, serializers.Field] = super().get_fields()
        if "is_staff" in self.context and not self.context["is_staff"]:
            for name in STAFF_ONLY:
                del fields[name]
        return fields

    def get_status_label(self, ticket: Any) -> str:
        """Customers read the words that a label has for them."""
        if ticket.label and not self.context.get("is_staff"):
            return str(ticket.label.customer_name or ticket.get_status_display())
        return str(ticket.status_words)

    def get_description(self, ticket: Any) -> str:
        return ticket.description or ""

    @extend_schema_field({"type": ["string", "null"], "enum": [*Environment.values, None]})
    def get_environment(self, ticket: Any) -> str | None:
        return ticket.environment or None

    def get_tags(self, ticket: Any) -> list[str]:
        return [tag.name for tag in ticket.tags.all()]

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_custom_fields(self, ticket: Any) -> dict[str, Any]:
        visible = self.context.get("visible_fields")
        return {key: value for key, value in ticket.custom_fields.items() if visible is None or key in visible}

    @extend_schema_field(SlaSerializer)
    def get_sla(self, ticket: Any) -> dict[str, Any]:
        told = self.context.get("sla", {}).get(ticket.pk, [])
        return dict(SlaSerializer(told[0]).data) if told else dict(NO_PROMISE)

    def get_merged_into(self, ticket: Any) -> str | None:
        return ticket.merged_into.reference if ticket.merged_into_id else None


class OpenedTicketSerializer(TicketSerializer):
    """The ticket just opened; to a guest also the secret link by which to follow it, told here and by email only."""

    tracking_url = serializers.URLField(required=False)


class ProductAreaField(RowField):
    """A product area's key or one of its older spellings, in any case (decision C4)."""

    default_error_messages = {"unknown": "There is no such product area; GET /product-areas lists them."}

    def find(self, word: str) -> ProductArea | None:
        return ProductArea.objects.named(canonical(word, {}))


ID_SCHEMA = {"type": "integer", "minimum": 1, "maximum": ID_MOST}


@extend_schema_field({"oneOf": [ID_SCHEMA, {"type": "string", "format": "email"}]})
class AgentField(serializers.Field[Any, Any, Any, Any]):
    """A person, by id or by address."""

    default_error_messages = {"unknown": "There is no such person.", "invalid": "Use a person's id or email address."}

    def to_internal_value(self, data: Any) -> User:
        if isinstance(data, str):
            person = User.objects.with_email(data).first()
        elif isinstance(data, int) and not isinstance(data, bool):
            person = User.objects.filter(pk=data).first()
        else:
            self.fail("invalid")
        if person is None:
            self.fail("unknown")
        return person

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(ID_SCHEMA)
class TeamField(serializers.Field[Any, Any, Any, Any]):
    default_error_messages = {"unknown": "There is no such team.", "invalid": "Use a team's id."}

    def to_internal_value(self, data: Any) -> Team:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        team = Team.objects.filter(pk=data).first()
        if team is None:
            self.fail("unknown")
        return team

    def to_representation(self, value: Any) -> Any:
        return value


class StatusLabelField(RowField):
    """A label of the console, or the words of a status itself, which an answer gives for a ticket without a label."""

    default_error_messages = {"unknown": "There is no such status label."}

    def find(self, word: str) -> StatusLabel | Status | None:
        plain = {one.label.lower(): one for one in Status}.get(word.strip().lower())
        return StatusLabel.objects.filter(name__iexact=word.strip()).first() or plain


class RequestFormField(RowField):
    default_error_messages = {"unknown": "There is no such request form, or it is not yours to use."}

    def find(self, word: str) -> RequestForm | None:
        user = self.context["request"].user
        return RequestForm.objects.open_to(user if user.is_authenticated else None).filter(slug=word.lower()).first()


class PropertiesSerializer(StrictSerializer):
    """What both opening and changing a ticket may say of it."""

    product_area = ProductAreaField(max_length=50, required=False, allow_null=True)
    environment = AliasedChoiceField(choices=Environment.values, required=False, allow_null=True)
    product_version = TextField(max_length=40, required=False, allow_blank=True)
    tags = serializers.ListField(child=TextField(max_length=50), max_length=20, required=False)
    custom_fields = serializers.DictField(
        required=False, help_text="Values by the key of the field; null removes one. Unknown keys are an error."
    )

    def validate_environment(self, value: str | None) -> str:
        return value or ""


SMOKE_EXAMPLE = {
    "subject": "Production deployment test",
    "description": "Testing post-deployment",
    "customer_name": "Test User",
    "customer_email": "test@opendatagov.io",
    "priority": "P4_LOW",
}


@extend_schema_serializer(examples=[OpenApiExample("A guest's request", SMOKE_EXAMPLE, request_only=True)])
class OpenTicketSerializer(PropertiesSerializer):
    """A request for help. Guests name themselves; a customer is known already and what they write there is not used."""

    subject = TextField(min_length=3, max_length=200)
    description = TextField(max_length=10_000, help_text="Markdown.")
    form = RequestFormField(
        source="request_form",
        max_length=60,
        required=False,
        help_text="The slug of a request form, which decides what custom_fields must say.",
    )
    customer_name = TextField(max_length=150, required=False)
    customer_email = EmailField(required=False)
    priority = AliasedChoiceField(
        choices=Priority.values,
        aliases=PRIORITY_ALIASES,
        required=False,
        allow_null=True,
        help_text="Honoured within what the tier allows. Absent: triage rules decide, else P3_NORMAL.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed: tuple[str, ...] = ()
        if not self.context["request"].user.is_authenticated:
            needed = ("customer_name", "customer_email")
        elif self.context["is_staff"] and "customer_name" in attrs:
            needed = ("customer_email",)
        missing = {name: [REQUIRED] for name in needed if not attrs.get(name)}
        if missing:
            raise serializers.ValidationError(missing)
        return attrs


@extend_schema_serializer(
    examples=[OpenApiExample("Take it", {"assignee": 3, "priority": "P2_HIGH"}, request_only=True)]
)
class ChangeTicketSerializer(PropertiesSerializer):
    """What to change; what is not named stays.

    Customers may change product area, environment, product version and custom fields.
    """

    subject = TextField(min_length=3, max_length=200, required=False)
    status = AliasedChoiceField(choices=Status.values, aliases=STATUS_ALIASES, required=False)
    status_label = StatusLabelField(
        source="label",
        max_length=40,
        required=False,
        allow_null=True,
        help_text="A label of the console by name, or the words of a status for none of its labels; either brings its "
        "status. Null takes the label off.",
    )
    priority = AliasedChoiceField(choices=Priority.values, aliases=PRIORITY_ALIASES, required=False)
    assignee = AgentField(required=False, allow_null=True, help_text="A person's id or email address; null for nobody.")
    team = TeamField(required=False, allow_null=True)
    reason = TextField(
        max_length=500, required=False, help_text="Why the assignee changes; kept in the timeline with the change."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "reason" in attrs and "assignee" not in attrs:
            raise serializers.ValidationError({"reason": [NEEDS_ASSIGNEE]})
        if isinstance(plain := attrs.get("label"), Status):
            if attrs.setdefault("status", plain.value) != plain:
                raise serializers.ValidationError({"status_label": [OTHER_STATUS]})
            attrs["label"] = None
        return attrs


class AssignmentSerializer(serializers.Serializer[Any]):
    is_new = serializers.BooleanField(help_text="Whether this gave the ticket to its assignee.")
    reason = serializers.CharField(help_text="Why them, or why nobody, in words.")


ASSIGNMENT_EXAMPLE = {
    "is_new": True,
    "reason": "Agnes Moreau: has data_pipelines and lineage, 2 open tickets, 1 of at most 10 of normal priority.",
}


@extend_schema_serializer(
    examples=[
        OpenApiExample("Given to somebody", {**TICKET_EXAMPLE, "assignment": ASSIGNMENT_EXAMPLE}, response_only=True)
    ]
)
class AssignedTicketSerializer(TicketSerializer):
    """The ticket, and why it has its assignee, or none."""

    assignment = AssignmentSerializer()


@extend_schema_serializer(examples=[OpenApiExample("In turn", {"strategy": "ROUND_ROBIN"}, request_only=True)])
class AssignSerializer(StrictSerializer):
    strategy = AliasedChoiceField(choices=Strategy.values, required=False, default=Strategy.SKILL_BASED.value)
