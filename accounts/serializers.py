"""What the API says of people and organizations, and what it takes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.models import Organization, PersonalAccessToken, ProductArea, Role, Tier, User
from accounts.services import TOKEN_LIFE_DAYS_MOST
from common.serializers import (
    AliasedChoiceField,
    FlagField,
    InstantField,
    StrictSerializer,
    TextField,
    WholeNumberField,
)

ORGANIZATION_EXAMPLE = {
    "id": 7,
    "name": "City of Aarlund",
    "tier": "ENTERPRISE",
    "time_zone": "Europe/Oslo",
    "domains": ["aarlund.example"],
    "created_at": "2026-01-05T09:00:00Z",
    "updated_at": "2026-01-05T09:00:00Z",
}
USER_EXAMPLE = {
    "id": 12,
    "name": "Rita Lindqvist",
    "email": "rita@aarlund.example",
    "role": "customer",
    "organization": {"id": 7, "name": "City of Aarlund"},
    "is_organization_admin": False,
    "teams": [],
    "availability": "AVAILABLE",
    "created_at": "2026-01-05T09:00:00Z",
}
PAIR_EXAMPLE = {"access": "eyJhbGciOiJIUzI1NiJ9.access", "refresh": "eyJhbGciOiJIUzI1NiJ9.refresh"}
TOKEN_EXAMPLE = {
    "id": 3,
    "name": "nightly export",
    "prefix": "spt_Zm9vYmFy",
    "scopes": ["tickets:read"],
    "created_at": "2026-02-08T03:00:00Z",
    "expires_at": "2026-05-09T03:00:00Z",
    "last_used_at": None,
    "last_used_ip": None,
    "revoked_at": None,
}


@extend_schema_serializer(
    examples=[OpenApiExample("Sign in", {"email": "rita@aarlund.example", "password": "..."}, request_only=True)]
)
class SignInSerializer(StrictSerializer):
    email = TextField(max_length=254)
    password = TextField(max_length=1024, trim_whitespace=False)


@extend_schema_serializer(examples=[OpenApiExample("A pair", PAIR_EXAMPLE, response_only=True)])
class TokenPairSerializer(serializers.Serializer[Any]):
    """access: for the Authorization header, half an hour. refresh: once, for the next pair, a week."""

    access = serializers.CharField()
    refresh = serializers.CharField()


@extend_schema_serializer(
    examples=[OpenApiExample("A refresh token", {"refresh": PAIR_EXAMPLE["refresh"]}, request_only=True)]
)
class RefreshSerializer(StrictSerializer):
    refresh = TextField(max_length=4096)


class OrganizationNameSerializer(serializers.Serializer[Organization]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class TeamSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


@extend_schema_serializer(examples=[OpenApiExample("An organization", ORGANIZATION_EXAMPLE, response_only=True)])
class OrganizationSerializer(serializers.Serializer[Organization]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    tier = serializers.ChoiceField(choices=Tier.values)
    time_zone = serializers.CharField()
    domains = serializers.SerializerMethodField()
    created_at = InstantField()
    updated_at = InstantField()

    def get_domains(self, organization: Organization) -> list[str]:
        return [row.domain for row in organization.domains.all()]


@extend_schema_serializer(examples=[OpenApiExample("A person", USER_EXAMPLE, response_only=True)])
class UserSerializer(serializers.Serializer[User]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()
    role = serializers.SerializerMethodField()
    organization = OrganizationNameSerializer(allow_null=True)
    is_organization_admin = serializers.BooleanField()
    teams = TeamSerializer(many=True)
    availability = serializers.ChoiceField(choices=User.Availability.values, source="present_availability")
    created_at = InstantField()

    @extend_schema_field({"type": ["string", "null"], "enum": [*Role.values, None]})
    def get_role(self, user: User) -> str | None:
        return next((group.name for group in user.groups.all() if group.name in Role.values), None)


STAND_IN = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
    "required": ["id", "name"],
}
ME_EXAMPLE = {
    **USER_EXAMPLE,
    "away_until": None,
    "stand_in": None,
    "time_zone": "Europe/Oslo",
    "language": "en",
    "is_mailed_replies": True,
    "is_mailed_status": True,
}


@extend_schema_serializer(examples=[OpenApiExample("Oneself", ME_EXAMPLE, response_only=True)])
class MeSerializer(UserSerializer):
    """Oneself. away_until, stand_in: of an absence; null while one is here."""

    away_until = serializers.SerializerMethodField()
    stand_in = serializers.SerializerMethodField()
    time_zone = serializers.CharField(help_text="IANA name; empty: the organization's.")
    language = serializers.CharField()
    is_mailed_replies = serializers.BooleanField()
    is_mailed_status = serializers.BooleanField()

    @extend_schema_field({"type": ["string", "null"], "format": "date-time"})
    def get_away_until(self, user: User) -> Any:
        return InstantField().to_representation(user.away_until) if user.is_away and user.away_until else None

    @extend_schema_field({"oneOf": [STAND_IN, {"type": "null"}]})
    def get_stand_in(self, user: User) -> dict[str, Any] | None:
        return {"id": user.stand_in.pk, "name": user.stand_in.name} if user.is_away and user.stand_in else None


@extend_schema_field({"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "format": "email"}]})
class ColleagueField(serializers.Field[Any, Any, Any, Any]):
    """An active member of the support team, by id or by address."""

    default_error_messages = {
        "unknown": "There is no such person in the support team.",
        "invalid": "Use a person's id or email address.",
    }

    def to_internal_value(self, data: Any) -> User:
        if isinstance(data, str):
            person = User.objects.staff().with_email(data).first()
        elif isinstance(data, int) and not isinstance(data, bool) and 0 < data < 2**63:
            person = User.objects.staff().filter(pk=data).first()
        else:
            self.fail("invalid")
        if person is None:
            self.fail("unknown")
        return person

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_serializer(examples=[OpenApiExample("A zone", {"time_zone": "Europe/Oslo"}, request_only=True)])
class PreferencesSerializer(StrictSerializer):
    """What to change of oneself; what is not named stays."""

    name = TextField(max_length=150, required=False)
    time_zone = TextField(max_length=64, required=False, allow_blank=True, help_text="IANA name, like Europe/Oslo.")
    is_mailed_replies = FlagField(required=False)
    is_mailed_status = FlagField(required=False)
    availability = AliasedChoiceField(choices=User.Availability.values, required=False)
    away_until = InstantField(required=False, allow_null=True, help_text="Null: until one comes back by oneself.")
    stand_in = ColleagueField(required=False, allow_null=True, help_text="A colleague's id or address; null: nobody.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Absence is the support team's: nobody waits for a customer."""
        user = self.context["request"].user
        if not user.is_staff and (named := next((name for name in ("away_until", "stand_in") if name in attrs), "")):
            words = "Only the support team says how long it is away."
            raise serializers.ValidationError({named: [serializers.ErrorDetail(words, code="not_an_agent")]})
        return attrs


@extend_schema_serializer(examples=[OpenApiExample("A token", TOKEN_EXAMPLE, response_only=True)])
class AccessTokenSerializer(serializers.Serializer[PersonalAccessToken]):
    """A personal access token; the token itself is told once, by the answer that made it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How the token begins.")
    scopes = serializers.ListField(child=serializers.CharField())
    created_at = InstantField()
    expires_at = InstantField()
    last_used_at = InstantField(allow_null=True)
    last_used_ip = serializers.CharField(allow_null=True)
    revoked_at = InstantField(allow_null=True)


@extend_schema_serializer(
    examples=[OpenApiExample("A new token", {**TOKEN_EXAMPLE, "token": "spt_Zm9vYmFy..."}, response_only=True)]
)
class NewAccessTokenSerializer(AccessTokenSerializer):
    token = serializers.CharField(help_text="Keep it now: it is never told again.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "For an export",
            {"name": "nightly export", "scopes": ["tickets:read"], "expires_in_days": 90},
            request_only=True,
        )
    ]
)
class MakeAccessTokenSerializer(StrictSerializer):
    name = TextField(max_length=80)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=PersonalAccessToken.SCOPES), min_length=1, max_length=20
    )
    expires_in_days = WholeNumberField(min_value=1, max_value=TOKEN_LIFE_DAYS_MOST, default=90)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An area", {"key": "DATA_CATALOG", "name": "Data Catalog", "aliases": ["CATALOG"]}, response_only=True
        )
    ]
)
class ProductAreaSerializer(serializers.Serializer[ProductArea]):
    key = serializers.CharField()
    name = serializers.CharField()
    aliases = serializers.ListField(child=serializers.CharField(), help_text="Older spellings that input may use.")
