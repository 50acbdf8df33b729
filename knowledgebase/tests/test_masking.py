"""What of a text is counted, by table."""

from __future__ import annotations

import pytest

from knowledgebase.search.masking import counted_text


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("  Rotate\n a\tTOKEN ", "rotate a token"),
        ("Größe ﬁx ②", "größe fix 2"),
        ("", ""),
        ("\x00\u202e \u2028", ""),
        ("mail to rita.moreau@example.org now", "mail to (email) now"),
        ("<rita@example.org>,", "(email)"),
        ("@pipeline", "@pipeline"),
        ("ODG-1042 odg 7 is #33 open", "(ticket) (ticket) is (ticket) open"),
        ("https://portal.example/t/abc?x=1 fails", "(link) fails"),
        ("call +49 (170) 123-4567", "call (number)"),
        ("card 4111 1111 1111 1111", "card (number)"),
        ("invoice 20261124", "invoice (number)"),
        ("host 10.0.12.7 away", "host (address) away"),
        ("spt_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9v refused", "(token) refused"),
        ("9f86d081884c7d659a2feaa0c55ad015", "(token)"),
        ("123e4567-e89b-12d3-a456-426614174000", "(token)"),
        ("a" * 40, "(token)"),
        ("error 404 on port 5432", "error 404 on port 5432"),
        ("upgrade 1.8.2 to 1.9.0", "upgrade 1.8.2 to 1.9.0"),
        ("ora-12154 internationalization s3-bucket-v2", "ora-12154 internationalization s3-bucket-v2"),
        ("kubernetes-connector-timeout-settings", "kubernetes-connector-timeout-settings"),
        ("データ カタログ", "データ カタログ"),
    ],
)
def test_what_looks_personal_is_not_counted(text, counted):
    assert counted_text(text) == counted


def test_long_texts_are_cut():
    assert counted_text("word " * 1000) == ("word " * 20).strip()
    assert len(counted_text("İ" * 31 + " " + "İ " * 200)) <= 100
