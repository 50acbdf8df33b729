"""What of signing in is kept for a while only."""

from __future__ import annotations

import datetime as dt

from django.contrib.sessions.models import Session
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from common import retention


def purge_sessions(at: dt.datetime) -> int:
    return retention.delete_in_batches(Session.objects.filter(expire_date__lt=at))


def purge_refresh_tokens(at: dt.datetime) -> int:
    return retention.delete_in_batches(OutstandingToken.objects.filter(expires_at__lt=at))


retention.register("sessions", purge_sessions)
retention.register("refresh tokens", purge_refresh_tokens)
