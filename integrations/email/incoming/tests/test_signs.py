import pytest

from integrations.email.incoming.parsing import parse
from integrations.email.incoming.tests.corpus import mail


@pytest.mark.parametrize(
    ("headers", "is_automatic", "is_answer"),
    [
        ({}, False, False),
        ({"Auto_Submitted": "no"}, False, False),
        ({"Auto_Submitted": "auto-replied (vacation)"}, True, True),
        ({"Auto_Submitted": "auto-generated"}, True, False),
        ({"Precedence": "bulk"}, True, False),
        ({"Precedence": "auto_reply"}, True, True),
        ({"X_Autoreply": "yes"}, True, True),
        ({"X_Auto_Response_Suppress": "All"}, True, False),
        ({"Return_Path": "<>"}, True, False),
        ({"subject": "Automatic reply: away until Monday"}, True, True),
        ({"subject": "Abwesenheitsnotiz: Urlaub"}, True, True),
        ({"subject": "Automatic replies do not arrive"}, False, False),
        ({"sender": "MAILER-DAEMON@mx.example"}, True, False),
    ],
)
def test_machines_are_told_from_people(headers, is_automatic, is_answer):
    automatic = parse(mail(**headers)).automatic
    assert (bool(automatic.why), automatic.is_answer) == (is_automatic, is_answer)


@pytest.mark.parametrize(
    ("headers", "words", "is_failing"),
    [
        ({}, "", False),
        (
            {"Authentication_Results": "mx; spf=pass; dkim=pass header.d=x; dmarc=pass"},
            "SPF pass, DKIM pass, DMARC pass",
            False,
        ),
        (
            {"Authentication_Results": "mx; spf=fail (why=pass) x; dkim=none; dmarc=fail"},
            "SPF fail, DKIM none, DMARC fail",
            True,
        ),
        ({"Authentication_Results": "mx; spf=softfail; dkim=pass"}, "SPF softfail, DKIM pass", False),
        ({"Authentication_Results": "mx; spf=softfail; dkim=fail; dkim=pass"}, "SPF softfail, DKIM pass", False),
        ({"Received_SPF": "Fail (mx: not permitted)"}, "SPF fail", True),
        ({"Authentication_Results": "mx; spf=banana"}, "", False),
    ],
)
def test_what_the_servers_found_of_the_sender(headers, words, is_failing):
    found = parse(mail(**headers)).authentication
    assert (found.words, found.is_failing) == (words, is_failing)


def test_only_the_named_server_is_believed():
    raw = mail(Authentication_Results="evil.example; dmarc=pass")
    assert parse(raw).authentication.dmarc == "pass"
    assert parse(raw, server="mx.support.example").authentication.dmarc == ""


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({}, ""),
        ({"List_Id": "Users <users.lists.example>"}, "users.lists.example"),
        ({"List_Post": "<mailto:users@lists.example>"}, "users@lists.example"),
        ({"Precedence": "list"}, "a mailing list"),
    ],
)
def test_mailing_lists_are_known(headers, name):
    assert parse(mail(**headers)).list_id == name
