"""What own words of a mail may hold, decided without a database."""

import pytest

from common.errors import Invalid
from integrations.email.template_pages import STARTS
from integrations.email.templating import EDITABLE, FRAME, SAMPLE, try_out
from integrations.email.wording import checked


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("words", ""),
        ("words", "x" * 8001),
        ("subject", " "),
        ("subject", "x" * 201),
        ("subject", "two\nlines"),
        ("words", "{{ settings.SECRET_KEY }}"),
        ("words", "{{ name.password }}"),
        ("words", "{{ request }}"),
        ("words", "{{ name|safe }}"),
        ("words", "{{ name|default:'x' }}"),
        ("words", "{{ name|unheard }}"),
        ("words", "{{ }}"),
        ("words", "{% load x %}"),
        ("words", "{% include 'admin/base.html' %}"),
        ("words", "{% extends 'x' %}"),
        ("words", "{% debug %}"),
        ("words", "{% if name.password %}x{% endif %}"),
        ("words", "{% if name == 'x' %}x{% endif %}"),
        ("words", "{% if %}x{% endif %}"),
        ("words", "{% if name %}x"),
        ("words", "x{% endif %}"),
        ("words", "{% endif %}{% if name %}"),
        ("words", "{% if name %}x{% else name %}y{% endif %}"),
        ("words", "{# comment #}"),
        ("words", "{{ name"),
        ("words", "name }}"),
        ("words", "{% if name"),
        ("words", "{% endblock %}"),
        ("words", "{% verbatim %}{{ x }}{% endverbatim %}"),
    ],
)
def test_refused_at_its_field(field, text):
    words = {"subject": "Hello", "words": "Hello", field: text}
    with pytest.raises(Invalid) as refused:
        checked(**words)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "words",
    [
        "{% if and %}x{% endif %}",
        "{% if not %}x{% endif %}",
        "{% if name and %}x{% endif %}",
        "{% if name %}a{% else %}b{% else %}c{% endif %}",
    ],
)
def test_what_only_the_renderer_notices_is_refused_too(words):
    with pytest.raises(Invalid):
        try_out("Hello", words, "ticket_solved")


def test_values_never_become_markup():
    values = {**SAMPLE, "name": "<b>x</b> **bold** [a](http://evil.example)", "subject": "<script>\r\nBcc: x"}
    subject, text, markup = checked("{{ subject }}", "Hello *{{ name }}*.").filled(values, FRAME)
    assert "<b>x" not in markup
    assert "<strong>bold" not in markup
    assert 'evil.example"' not in markup
    assert "<em>&lt;b&gt;x" in markup
    assert "\n" not in subject
    assert "Hello *<b>x</b>" in text


def test_markup_that_was_typed_stays_text():
    _, _, markup = try_out("Hello", "<script>alert(1)</script> [x](javascript:alert)", "ticket_solved")
    assert "<script>alert" not in markup
    assert "javascript:" not in markup.replace("(javascript:alert)", "")


def test_conditions_filters_and_the_message():
    condition = "{% if is_final and not reads_mail %}no{% elif message %}{{ who|upper }}{% else %}no{% endif %}"
    words = f"{condition}\n\n{{{{ message }}}}"
    subject, text, markup = try_out("[{{ reference }}] {{ subject|lower }}", words, "new_message")
    assert subject == "[ODG-1042] lineage graph is <empty>"
    assert "AGNES MOREAU" in text
    assert "Which *version*" in text
    assert "Which <em>version</em>" in markup
    assert "Lineage graph is &lt;empty&gt;" in markup


def test_every_mail_has_words_to_begin_with_and_they_hold():
    assert set(STARTS) == set(EDITABLE)
    for name, (subject, words) in STARTS.items():
        assert try_out(subject, words, name)
