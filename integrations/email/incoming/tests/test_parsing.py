import base64
import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.email.incoming.mail import Address, Mail
from integrations.email.incoming.parsing import BYTES_MOST, parse
from integrations.email.incoming.tests.corpus import FILES, FOLDER, mail, needs_corpus
from integrations.inbound import Unusable


def test_a_mail_without_faults():
    read = parse(mail(html="<p>Since Monday <b>every</b> graph is empty.</p>", Cc="otto@aarlund.example"))
    assert read.sender == Address("rita@aarlund.example", "Rita Lindqvist")
    assert [one.email for one in read.recipients] == ["support@localhost", "otto@aarlund.example"]
    assert read.subject == "Lineage graph is empty"
    assert read.sent_at == dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
    assert read.message_id == "<first@aarlund.example>" and read.has_own_message_id
    assert read.text == "Since Monday every lineage graph is empty."
    assert "<b>every</b>" in read.html
    assert (read.files, read.automatic.why, read.list_id, read.report, read.troubles) == ((), "", "", None, ())


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b" \r\n\r\n ", "empty"),
        (b"\x00\x01\x02 nothing", "no mail"),
        (b"a" * (BYTES_MOST + 1), "larger than 35 MB"),
        (
            b"From: a@b.example\r\n"
            + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1500)),
            "nested too deeply",
        ),
    ],
)
def test_what_cannot_be_read_says_why(raw, words):
    with pytest.raises(Unusable, match=words):
        parse(raw)


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("iso-8859-1", "Grüße – schön".encode("cp1252"), "Grüße – schön"),
        ("utf-8", "Grüße".encode("latin-1"), "Grüße"),
        ("no-such-charset", "Grüße".encode(), "Grüße"),
        ("ks_c_5601-1987", "안녕하세요".encode("cp949"), "안녕하세요"),
        ("gb2312", "你好".encode("gb18030"), "你好"),
        ("shift_jis", "テスト①".encode("cp932"), "テスト①"),
        ("koi8-r", "привет".encode("koi8-r"), "привет"),
        ("", "Grüße".encode(), "Grüße"),
    ],
)
def test_characters_are_read_as_they_were_meant(charset, content, text):
    head = (
        f'From: a@b.example\r\nContent-Type: text/plain; charset="{charset}"\r\nContent-Transfer-Encoding: base64\r\n'
    )
    read = parse(f"{head}\r\n{base64.b64encode(content).decode()}\r\n".encode())
    assert read.text == text
    assert bool(read.troubles) == (charset == "no-such-charset" or content == b"Gr\xfc\xdfe")


def test_bytes_outside_any_encoding_in_a_header():
    read = parse("From: Zoë <zoe@b.example>\r\nSubject: Größe =?utf-8?q?d=C3=A9j=C3=A0?=\r\n\r\nx".encode("latin-1"))
    assert read.sender == Address("zoe@b.example", "Zoë")
    assert read.subject == "Größe déjà"


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ('"agnes@support.example" <mallory@outside.example>', "mallory@outside.example"),
        ("mallory@outside.example (agnes@support.example)", "mallory@outside.example"),
        ("agnes@support.example, mallory@outside.example", None),
        ("undisclosed-recipients:;", None),
        ("MAILER-DAEMON <>", None),
        ("=?utf-8?q?Agnes=0A?= <agnes@support.example>", "agnes@support.example"),
    ],
)
def test_who_sent_it_cannot_be_made_up_by_a_name(header, sender):
    read = parse(f"From: {header}\r\nSubject: x\r\n\r\nx".encode())
    assert (read.sender.email if read.sender else None) == sender


def test_two_senders_are_none():
    assert parse(b"From: a@b.example\r\nFrom: c@d.example\r\n\r\nx").sender is None


def test_a_mail_without_its_own_id_gets_one_that_stays():
    raw = b"From: a@b.example\r\nSubject: x\r\n\r\nwords"
    assert parse(raw).message_id == parse(raw).message_id != parse(raw + b"!").message_id
    assert not parse(raw).has_own_message_id


def test_soft_line_ends_are_undone():
    head = b"From: a@b.example\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\n\r\n"
    assert parse(head + b"One \r\nline.\r\n> quoted \r\n> twice\r\n-- \r\nRita\r\n").text == (
        "One line.\n> quoted \n> twice\n\\-- \nRita"
    )


def test_html_alone_becomes_markdown():
    html = """<html><head><title>no</title><style>p{}</style></head><body>
    <p>Hello <b>there</b></p><ul><li>one<li>two</ul>
    <img src="cid:shot@x" alt="screen"><img src="https://spy.example/p.gif"><script>alert(1)</script></body></html>"""
    read = parse(f"From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}".encode())
    assert read.text == "Hello **there**\n\n- one\n- two\n\n[Image: screen]"


def test_html_nested_beyond_reason_is_read_as_words():
    html = "<div>" * 5000 + "deep" + "</div>" * 5000
    assert parse(f"From: a@b.example\r\nContent-Type: text/html\r\n\r\n{html}".encode()).text == "deep"


def test_plain_text_does_not_become_headings():
    assert (
        parse(mail("Title\n=====\n# apt update\n__init__\n")).text == "Title\n\\=====\n\\# apt update\n\\_\\_init\\_\\_"
    )


def test_files_invitations_and_attached_mails_are_kept():
    raw = mail(files=(("log.txt", b"line"), ("bild.png", b"\x89PNG")))
    calendar = raw.replace(b"application/octet-stream", b"text/calendar; method=REQUEST", 1)
    assert [(one.name, one.content) for one in parse(calendar).files] == [
        ("log.txt", b"line"),
        ("bild.png", b"\x89PNG"),
    ]
    held = b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\nwords\r\n'
    held += b"--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ntext of the inner one\r\n--x--\r\n"
    read = parse(held)
    assert (read.text, [(one.name, one.content_type) for one in read.files]) == (
        "words",
        [("inner.eml", "message/rfc822")],
    )


def test_a_picture_in_the_text_is_told_from_a_file_beside_it():
    raw = (
        b'From: a@b.example\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n'
        b"--x\r\nContent-Type: text/html\r\n\r\n"
        b'<p>See <img src="cid:s1"></p>\r\n--x\r\nContent-Type: image/png\r\nContent-ID: <s1>\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--x--\r\n"
    )
    (picture,) = parse(raw).files
    assert (picture.content_id, picture.is_inline, picture.name) == ("s1", True, "image-1.png")
    assert parse(raw).text == "See [Image: s1]"


def test_more_parts_than_anybody_sends_are_not_all_read():
    raw = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 5000
    read = parse(raw)
    assert len(read.text) < 2000 and "more than 300 parts" in read.troubles[0]


def _exact(raw: bytes) -> Mail | str:
    try:
        return parse(raw)
    except Unusable as reason:
        return str(reason)


@needs_corpus
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_mail_of_the_corpus_is_read_or_says_why(path):
    read = _exact(path.read_bytes())
    if isinstance(read, str):
        assert path.stem in ("erroneous", "obsolete") and read.endswith(".")
    else:
        words = " ".join((read.subject, read.text, *(one.name for one in read.files)))
        words.encode("utf-8")  # holds nothing that cannot be stored
        assert "\x00" not in words
        assert read.text.strip() or read.files or read.report or path.stem in EMPTY


EMPTY = {"header-only", "multipartnestedemptypartsnorfc822", "error_emails-bad_date_header"}


@needs_corpus
@pytest.mark.parametrize(
    ("name", "address", "is_permanent"),
    [
        ("bounces/lhost-dragonfly-22", "syntaxerror@libsisimai.net", True),
        ("bounces/lhost-exim-33", "pseudo-local-part-kijitora-nyaan@comcast.net", True),
        ("bounces/lhost-mailru-04", "kijitora@example.jp", True),
        ("bounces/lhost-office365-11", "kijitora@cr3.neko.nyaan.jp", True),
        ("bounces/lhost-opensmtpd-13", "pseudo-local-part-of-yahoo-inc@yahoo.com", False),
        ("bounces/lhost-postfix-56", "nyaan@qq.example.com", False),
        ("bounces/lhost-qmail-18", "userunknown@libsisimai.net", True),
        ("flanker/no-mx", "user@example.com", False),
        ("flanker/zed", "asdfasdfasdfasdfasdfasdfewrqertrtyrthsfgdfgadfqeadvxzvz@gmail.com", True),
        ("enmime/dsn_with_multipart_alternative", "non-existing@example.com", True),
        ("webklex/example_bounce", "ding@ding.de", True),
    ],
)
def test_delivery_reports_name_the_address(name, address, is_permanent):
    report = parse((FOLDER / f"{name}.eml").read_bytes()).report
    assert [(one.address, one.is_permanent) for one in report.failures] == [(address, is_permanent)]


PIECES = st.sampled_from(
    [
        *(b"From: ", b"To: ", b"Subject: ", b"--x\r\n", b"--x--", b"\r\n\r\n", b"<div>", b"> ", b"Date: 99 Foo 1\r\n"),
        *(b"=?utf-8?b?", b"?=", b"=?x-none?q?=FF?=", b"Content-Disposition: attachment; filename*=x''%ff\r\n"),
        *(b"Content-Type: multipart/mixed; boundary=x\r\n", b"Content-Type: multipart/alternative; boundary=x\r\n"),
        *(
            b"Content-Type: text/html\r\n",
            b"Content-Type: message/rfc822\r\n",
            b"Content-Type: text/plain; charset=x\r\n",
        ),
        *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n", b"charset=utf-16"),
        *(b"Content-Type: message/delivery-status\r\n\r\n", b"Final-Recipient: rfc822; a@b.example\r\n"),
        *(
            b"Content-Type: application/ms-tnef; name=winmail.dat\r\n",
            b"\x78\x9f\x3e\x22\x01\x00",
            b"Message-ID: <a@b>",
        ),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=30)), max_size=40).map(b"".join))
def test_no_bytes_whatever_raise_anything_else(raw):
    read = _exact(raw)
    if isinstance(read, Mail):
        " ".join((read.subject, read.text, read.message_id, *(one.name for one in read.files))).encode("utf-8")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2000))
def test_no_random_bytes_raise_anything_else(raw):
    _exact(raw)
    _exact(b"From: a@b.example\r\n" + raw)
