import datetime as dt

from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken

from common.retention import purgers
from common.time import now


def test_old_sessions_and_refresh_tokens_go(client, rita):
    client.force_login(rita)
    RefreshToken.for_user(rita)
    later = now() + dt.timedelta(days=15)
    for name in ("sessions", "refresh tokens"):
        assert purgers()[name](now()) == 0
        assert purgers()[name](later) == 1
    assert not OutstandingToken.objects.exists()
