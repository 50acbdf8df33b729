"""A person's own page: preferences, organization, and the tokens of their programs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import services
from accounts.forms import ProfileForm, TokenForm
from accounts.models import PersonalAccessToken, User
from common.errors import PortalError
from common.pages import page, show_refusal
from common.time import now

# Carries a new token to the page that shows it, and nowhere else: the portal itself keeps only its digest.
NEW_TOKEN_COOKIE = "new_token"  # noqa: S105 - its name
NEW_TOKEN_SECONDS = 60


@page
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    form = ProfileForm(request.POST or None, user=user)
    status = 200 if request.method == "GET" else 422
    if form.is_valid():
        try:
            services.change_preferences(user, by=user, **form.cleaned_data)
        except PortalError as refusal:
            status = show_refusal(form, refusal)
        else:
            messages.success(request, "Your profile was saved.")
            return redirect("profile")
    return _show(request, {"form": form, "token_form": TokenForm(user=user)}, status=status)


@page
@never_cache
@login_required
@require_POST
@sensitive_variables("token")
def make_token(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    form = TokenForm(request.POST, user=user)
    status = 422
    if form.is_valid():
        facts = {"name": form.cleaned_data["token_name"], **{key: form.cleaned_data[key] for key in ("scopes", "days")}}
        try:
            _row, token = services.create_access_token(user, by=user, **facts)
        except PortalError as refusal:
            status = show_refusal(form, refusal, names={"expires_in_days": "days"})
        else:
            response = redirect("profile")
            response.set_signed_cookie(
                NEW_TOKEN_COOKIE,
                token,
                max_age=NEW_TOKEN_SECONDS,
                httponly=True,
                secure=request.is_secure(),
                samesite="Strict",
                path=request.path.rpartition("/")[0],
            )
            return response
    return _show(request, {"form": form, "token_form": form, "profile_form": ProfileForm(user=user)}, status=status)


@page
@login_required
@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    token = get_object_or_404(PersonalAccessToken, pk=token_id, user=user)
    services.revoke_access_token(token, by=user)
    messages.success(request, f"The token “{token.name}” no longer works.")
    return redirect("profile")


@never_cache
@login_required
@require_GET
def own_address(request: HttpRequest) -> HttpResponse:
    """Stand where allauth would let people collect addresses: here a person is known by one, which support changes."""
    return render(request, "account/email.html")


@sensitive_variables()
def _show(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    new_token = request.get_signed_cookie(NEW_TOKEN_COOKIE, default="", max_age=NEW_TOKEN_SECONDS)
    context = {
        "profile_form": context["form"],
        **context,
        "new_token": new_token,
        "organization": user.organization,
        "tokens": user.access_tokens.filter(revoked_at=None, expires_at__gt=now()),
        "has_password": user.has_usable_password(),
    }
    response = render(request, "accounts/profile.html", context, status=status)
    if new_token:
        response.delete_cookie(NEW_TOKEN_COOKIE, path=request.path, samesite="Strict")
    return response
