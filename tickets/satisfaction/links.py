"""The address by which a requester rates without an account: signed with the portal's key, and kept nowhere."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

from tickets.models import Survey

_SIGNER = "tickets.survey"


def survey_token(survey: Survey) -> str:
    return _signer().sign_object(survey.pk)


def survey_url(survey: Survey, *, rating: int | None = None) -> str:
    """Return the address of the survey's page. rating: what is chosen there beforehand, which records nothing."""
    path = reverse("survey", args=[survey_token(survey)])
    return f"{settings.SITE_URL}{path}" + (f"?rating={rating}" if rating else "")


def find_survey(token: str) -> Survey | None:
    """Return the survey whose token this is, or None; a token that we did not sign costs no query."""
    try:
        pk = _signer().unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    return Survey.objects.select_related("ticket__requester__organization").filter(pk=pk).first()


def _signer() -> signing.Signer:
    return signing.Signer(salt=_SIGNER, sep=".")
