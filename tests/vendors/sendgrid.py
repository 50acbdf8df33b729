"""SendGrid on loopback: takes mail as its own description says, knows its keys, signs what it tells."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.vendors.openapi import Description
from tests.vendors.server import Reply, Request, Vendor

KEY = "SG.abcdefghijklmnop.abcdefghijklmnopqrstuvwxyz"
STAMP, SIGNATURE = "X-Twilio-Email-Event-Webhook-Timestamp", "X-Twilio-Email-Event-Webhook-Signature"


@cache
def description() -> Description:
    # The file calls custom_args a string; the service takes an object, as the guide shows.
    return Description("sendgrid/tsg_mail_v3.json", loose=_custom_args())


def _custom_args() -> list[str]:
    document = Description("sendgrid/tsg_mail_v3.json").document
    return [pointer for pointer in _pointers(document, "#") if pointer.endswith("/properties/custom_args")]


def _pointers(node: Any, here: str) -> list[str]:
    found = []
    for name, inner in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else []:
        place = f"{here}/{str(name).replace('~', '~0').replace('/', '~1')}"
        found += [place, *_pointers(inner, place)]
    return found


class SendGrid(Vendor):
    """mails: the bodies of what was taken. scopes: of the key."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[dict[str, Any]] = []
        self.scopes = ["mail.send"]

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return Reply(401, {"errors": [{"message": "authorization required", "field": None, "help": None}]})
        if request.path.endswith("/scopes"):
            return Reply(200, {"scopes": self.scopes})
        description().check(request)
        self.mails.append(request.json)
        return Reply(202, b"", {"X-Message-Id": "14c5d75ce93.dfd.64b469"})


class Signer:
    """SendGrid's key pair for what it tells of mails."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.public_key = base64.b64encode(public).decode()

    def headers(self, body: bytes, stamp: int) -> dict[str, str]:
        signature = self._key.sign(str(stamp).encode() + body, ec.ECDSA(hashes.SHA256()))
        return {STAMP: str(stamp), SIGNATURE: base64.b64encode(signature).decode()}


def batch(*entries: dict[str, Any]) -> bytes:
    """Return a batch of events as SendGrid writes it, with the line end that is part of what is signed."""
    return json.dumps(list(entries)).encode() + b"\r\n"
