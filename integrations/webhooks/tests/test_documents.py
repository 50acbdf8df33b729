"""docs/webhooks.md: its events are those of the code, and its samples believe a delivery that really was sent."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from integrations.webhooks.catalogue import EVENT_TYPES, PING, PING_EXAMPLE
from integrations.webhooks.tests.receiver import sent

GUIDE = (Path(settings.BASE_DIR) / "docs" / "webhooks.md").read_text(encoding="utf-8")
EXAMPLES = {one.name: one.example for one in EVENT_TYPES} | {PING: PING_EXAMPLE}


def sample(language: str) -> str:
    found = re.search(rf"```{language} verify\n(.*?)```", GUIDE, re.DOTALL)
    assert found
    return found[1]


def in_python(secret, headers, body) -> bool:
    names: dict = {}
    exec(sample("python"), names)
    return names["is_ours"](secret, headers, body)


def in_shell(secret, headers, body) -> bool:
    if not shutil.which("openssl"):
        pytest.skip("openssl is not on this machine")
    words = [headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")]
    done = subprocess.run(
        ["sh", "-c", sample("sh"), "verify.sh", secret, *words], input=body, capture_output=True, check=False
    )
    assert done.stdout.strip() in {b"ours", b"not ours", b"too old"}, done
    return done.returncode == 0


@pytest.mark.parametrize("verify", [in_python, in_shell])
def test_the_samples_tell_our_deliveries_from_others(verify, webhook, secret, receiver, ticket, ada):
    from integrations.webhooks.services import rotate_secret

    _row, new = rotate_secret(webhook, by=ada)
    (request,) = sent(receiver)
    headers = request.headers
    assert verify(secret, headers, request.body)
    assert verify(new, headers, request.body)
    assert not verify(new, headers, request.body + b" ")
    assert not verify(new, {**headers, "webhook-id": "evt_another"}, request.body)
    assert not verify("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", headers, request.body)
    old = str(int(headers["webhook-timestamp"]) - 3600)
    assert not verify(new, {**headers, "webhook-timestamp": old}, request.body)


def test_every_event_is_shown_as_it_is():
    shown = {
        name: json.loads(body) for name, body in re.findall(r"### (\S+)\n\n[^`]*?```json\n(.*?)```", GUIDE, re.DOTALL)
    }
    assert {name: body["data"] for name, body in shown.items()} == EXAMPLES
    assert all(body["type"] == name for name, body in shown.items())
