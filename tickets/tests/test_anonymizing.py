"""What is taken out of a conversation before it becomes an article, and what stays."""

from __future__ import annotations

import pytest

from tickets.anonymizing import People, anonymous

PEOPLE = People(("Rita Lindqvist", "Otto Brandt"), ("Agnes Moreau",), ("City of Aarlund",))


def plain(text: str) -> str:
    return anonymous(text, PEOPLE, prefix="ODG")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rita Lindqvist cannot sign in", "the customer cannot sign in"),
        ("as rita lindqvist wrote", "as the customer wrote"),
        ("as Lindqvist and @Otto wrote", "as the customer and the customer wrote"),
        ("Rita's dataset", "the customer's dataset"),
        ("Agnes will look", "the support team will look"),
        ("the City of Aarlund's portal", "the organization's portal"),
        ("write to rita.l+x@mail.aarlund.example.", "write to [email address]."),
        ("[mail](mailto:rita@aarlund.example)", "[mail]([email address])"),
        ("call +45 12 34 56 78 today", "call [phone number] today"),
        ("call (030) 1234-5678.", "call [phone number]."),
        ("call 0301234567", "call [phone number]"),
        ("as in ODG-1042 and #odg-7", "as in the ticket and the ticket"),
        ("rate at https://help.example/survey/MQ.kO_paho4CUxldPDcjGKg?rating=5 please", "rate at [link] please"),
        ("see https://help.example/t/Zk3hG8sQ2mN4pR6tV8xB0dF1 please", "see [link] please"),
        ("postgres://admin:hunter2@db.internal/app", "postgres://[secret]@db.internal/app"),
        ("password: hunter2, then", "password: [secret], then"),
        ("the password is hunter2", "the password is [secret]"),
        ('"api_key": "abc def"', '"api_key": [secret]'),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [secret]"),
        ("use spt_0123456789abcdef now", "use [secret] now"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def", "[secret]"),
        ("id 3f2504e0-4f89-11d3-9a0c-0305e82c3301", "id [secret]"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nend", "[secret]\nend"),
        ("Hello Agnes,\n\nit fails.\n\nKind regards,\nRita Lindqvist", "it fails."),
        ("It works.\n\n-- \nAgnes Moreau", "It works."),
    ],
)
def test_people_and_secrets_are_taken_out(text, expected):
    assert plain(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Since 2026-02-08 03:00 the count is 18204 of 412000.",
        "On 08.02.2026 we moved to 10.12.100.254, port 5432.",
        "Run `odg lineage reindex --since upgrade` in /var/lib/opendatagov/lineage-index-2026",
        "The token expired, and the secret rotation of version 1.8.0-rc2 is late.",
        "HTTP 504 after 30,000 ms in PORTAL_ATTACHMENT_LIMIT_BYTES",
        "Hello world fails to render when the brand is otto.",
    ],
)
def test_what_names_nobody_stays(text):
    assert plain(text) == text


def test_names_too_short_to_be_told_from_words_stay():
    assert anonymous("A Li is no word", People(("Li",)), prefix="ODG") == "A Li is no word"
