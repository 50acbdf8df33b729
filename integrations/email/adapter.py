"""allauth's mails (sign-in codes, password resets) through the outbox, their body blanked once sent."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string

from integrations.services import queue_delivery


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by hand: a first ticket makes the account, or an administrator does."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        context = {"request": self.request, "email": email, "portal_name": settings.PORTAL_NAME, **context}
        # A code is worth a sign-in: it must be in no table once it has gone out.
        queue_delivery(
            kind="email",
            template=template_prefix.rpartition("/")[2][:50],
            destination=email,
            payload={
                "subject": " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split()),
                "text": render_to_string(f"{template_prefix}_message.txt", context),
                "html": "",
            },
            is_secret=True,
        )
