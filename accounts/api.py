"""Signing in, oneself, people and organizations over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services, tokens
from accounts.authentication import ANY_SCOPE, ANYBODY, NO_TOKEN, SIGNED_IN
from accounts.filters import OrganizationFilters, UserFilters
from accounts.models import Organization, PersonalAccessToken, ProductArea, User
from accounts.serializers import (
    AccessTokenSerializer,
    MakeAccessTokenSerializer,
    MeSerializer,
    NewAccessTokenSerializer,
    OrganizationSerializer,
    PreferencesSerializer,
    ProductAreaSerializer,
    RefreshSerializer,
    SignInSerializer,
    TokenPairSerializer,
    UserSerializer,
)
from common.idempotency import idempotent
from common.views import PortalViewSet

NEVER_KEPT = {"Cache-Control": "no-store"}


class SignInViewSet(PortalViewSet):
    """JWTs. What is asked here needs no other credentials, so none are looked at."""

    authentication_classes = ()
    permission_classes = ()
    serializer_class = TokenPairSerializer
    problems = {"obtain": [401], "renew": [401]}

    @extend_schema(request=SignInSerializer, responses=TokenPairSerializer)
    def obtain(self, request: Request) -> Response:
        """Sign in with email and password."""
        asked = self.read_body(SignInSerializer)
        return Response(tokens.sign_in(request._request, **asked), headers=NEVER_KEPT)  # noqa: SLF001

    @extend_schema(request=RefreshSerializer, responses=TokenPairSerializer)
    def renew(self, request: Request) -> Response:
        """Get the next pair. The refresh token is used up; coming back with it ends all that came from the sign-in."""
        return Response(tokens.renew(self.read_body(RefreshSerializer)["refresh"]), headers=NEVER_KEPT)

    @extend_schema(request=RefreshSerializer, responses={204: None})
    def revoke(self, request: Request) -> Response:
        """Sign out: end the refresh token and all that came from the same sign-in."""
        tokens.revoke(self.read_body(RefreshSerializer)["refresh"])
        return Response(status=204)


class MeViewSet(PortalViewSet):
    """Whoever asks."""

    scope = "me"
    permission_classes = SIGNED_IN
    serializer_class = MeSerializer

    @extend_schema(responses=MeSerializer)
    def retrieve(self, request: Request) -> Response:
        """Read oneself."""
        return Response(self.represent(self.person))

    @extend_schema(request=PreferencesSerializer, responses=MeSerializer)
    def partial_update(self, request: Request) -> Response:
        """Change one's preferences."""
        asked = self.read_body(PreferencesSerializer)
        changed = services.change_preferences(self.person, by=self.person, **asked)
        return Response(self.represent(changed))


class AccessTokenViewSet(PortalViewSet):
    """Personal access tokens. They are made by people, never by other tokens."""

    scope = NO_TOKEN
    permission_classes = SIGNED_IN
    serializer_class = AccessTokenSerializer
    default_ordering = ("-created_at",)

    def list(self, request: Request) -> Response:
        """List one's own tokens, revoked and expired ones too."""
        return self.answer_page(self._own())

    @extend_schema(request=MakeAccessTokenSerializer, responses={201: NewAccessTokenSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Make a token. It is told by this answer only."""
        asked = self.read_body(MakeAccessTokenSerializer)
        name, scopes, days = asked["name"], asked["scopes"], asked["expires_in_days"]
        row, token = services.create_access_token(self.person, name=name, scopes=scopes, days=days, by=self.person)
        return Response({**self.represent(row), "token": token}, status=201, headers=NEVER_KEPT)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, token_id: int) -> Response:
        """Revoke a token. Twice is harmless."""
        services.revoke_access_token(get_object_or_404(self._own(), pk=token_id), by=self.person)
        return Response(status=204)

    def _own(self) -> Any:
        return PersonalAccessToken.objects.filter(user=self.person)


class OrganizationViewSet(PortalViewSet):
    """Organizations: all for the support team, their own for everybody else."""

    scope = "people"
    permission_classes = SIGNED_IN
    serializer_class = OrganizationSerializer
    filterset_class = OrganizationFilters
    ordering_fields = {"name": "name", "created_at": "created_at", "updated_at": "updated_at"}
    default_ordering = ("name",)

    def list(self, request: Request) -> Response:
        """List organizations."""
        return self.answer_page(self._visible())

    def retrieve(self, request: Request, organization_id: int) -> Response:
        """Read an organization."""
        return Response(self.represent(get_object_or_404(self._visible(), pk=organization_id)))

    def _visible(self) -> Any:
        return Organization.objects.visible_to(self.person).prefetch_related("domains")


class UserViewSet(PortalViewSet):
    """People: all for the support team, colleagues for an organization's admin, themselves for everybody else."""

    scope = "people"
    permission_classes = SIGNED_IN
    serializer_class = UserSerializer
    filterset_class = UserFilters
    ordering_fields = {"name": "name", "email": "email", "created_at": "created_at"}
    default_ordering = ("name",)

    def list(self, request: Request) -> Response:
        """List people."""
        return self.answer_page(self._visible())

    def retrieve(self, request: Request, user_id: int) -> Response:
        """Read a person."""
        found = self._visible().filter(pk=user_id).first()
        if found is None:
            raise Http404
        return Response(self.represent(found))

    def _visible(self) -> Any:
        visible = User.objects.visible_to(self.person).filter(is_active=True)
        return visible.select_related("organization").prefetch_related("groups", "teams")


class ProductAreaViewSet(PortalViewSet):
    """What tickets can be about."""

    scope = ANY_SCOPE
    permission_classes = ANYBODY
    serializer_class = ProductAreaSerializer
    default_ordering = ("position", "name")
    cache_control = "public, max-age=60"

    def list(self, request: Request) -> Response:
        """List the product areas."""
        return self.answer_page(ProductArea.objects.filter(is_active=True))
