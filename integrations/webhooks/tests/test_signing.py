"""Signatures, against the published vector and the library that receivers use."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.conf import settings
from standardwebhooks.webhooks import Webhook

from common.errors import DeliveryError
from integrations.webhooks.signing import make_secret, opened, sealed, signed_headers

VECTORS = Path(settings.BASE_DIR).parent / "shared" / "vendor-specs" / "test-vectors.json"


def test_the_specifications_own_vector():
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", '{"test": 2432232314}'
    at = dt.datetime.fromtimestamp(1614265330, dt.UTC)
    headers = signed_headers(body, webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=at, keys=[secret])
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


@pytest.mark.skipif(not VECTORS.exists(), reason="the vendors' descriptions are not on this machine")
def test_the_vectors_beside_the_vendors_descriptions():
    ours = [one for one in json.loads(VECTORS.read_text()) if one["vendor"] == "standard-webhooks"]
    assert ours
    for one in ours:
        sent = one["headers"]
        at = dt.datetime.fromtimestamp(int(sent["webhook-timestamp"]), dt.UTC)
        made = signed_headers(one["body"], webhook_id=sent["webhook-id"], at=at, keys=[one["secret"]])
        assert (made["webhook-signature"] == sent["webhook-signature"]) is one["valid"]


def test_either_of_two_secrets_is_enough_for_the_receiver():
    old, new = make_secret(), make_secret()
    headers = signed_headers('{"a": "ü"}', webhook_id="evt_1", at=dt.datetime.now(dt.UTC), keys=[new, old])
    for secret in (old, new):
        assert Webhook(secret).verify('{"a": "ü"}'.encode(), headers) == {"a": "ü"}


def test_a_secret_is_kept_sealed_and_survives_a_change_of_the_portals_key(settings):
    secret = make_secret()
    kept = sealed(secret)
    assert secret not in kept
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert opened(kept) == secret
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(DeliveryError, match="SECRET_KEY"):
        opened(kept)
