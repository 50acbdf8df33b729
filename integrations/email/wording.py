"""What a mail's own words may hold, and what they become. Pure: no database.

Words are Markdown with a few variables in Django's syntax. They are turned into HTML before the variables are filled
in, and those are escaped, so that no text of a customer ever becomes markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.template import engines
from django.template.base import Lexer, Token, TokenType
from django.utils.safestring import SafeString, mark_safe

from common.errors import Invalid
from common.richtext import render

WORDS_MOST = 8000
VARIABLES = {
    "name": "whom it is for",
    "reference": "of the ticket: ODG-1042",
    "subject": "of the ticket",
    "status": "of the ticket, in the customer's words",
    "who": "whoever did what the mail is about",
    "message": "what was written, where the mail is about a message",
    "portal": "the portal's name",
    "link": "the address of the ticket, for this reader alone",
    "is_final": "in a condition: whether the ticket is closed for good",
    "reads_mail": "in a condition: whether answers by mail are read",
}
FILTERS = frozenset({"upper", "lower", "capfirst"})
TAGS = frozenset({"if", "elif", "else", "endif"})
CONNECTIVES = frozenset({"and", "or", "not"})
FRAMES = {
    "text": '{%% extends "email/base.txt" %%}{%% block words %%}%s{%% include "email/faces.txt" %%}{%% endblock %%}',
    "html": '{%% extends "email/base.html" %%}{%% block words %%}<div class="words">%s</div>'
    '{%% include "email/faces.html" %%}{%% include "email/attachments.html" %%}{%% endblock %%}',
}


@dataclass(frozen=True)
class Wording:
    """Words that were checked."""

    subject: str
    words: str

    def filled(self, values: dict[str, object], context: dict[str, object]) -> tuple[str, str, str]:
        """Return subject, text and HTML. values: of VARIABLES.   context: what the mail's frame needs."""
        markup = render(self.words).replace("<p>{{ message }}</p>", "{{ message }}")
        return (
            " ".join(_filled(f"{{% autoescape off %}}{self.subject}{{% endautoescape %}}", values).split()),
            _filled(FRAMES["text"] % f"{{% autoescape off %}}{self.words}{{% endautoescape %}}", context | values),
            _filled(FRAMES["html"] % markup, context | values | {"message": _safe(values.get("message_html", ""))}),
        )


def checked(subject: str, words: str) -> Wording:
    """Return the wording. Raises: Invalid with the reason, at the field at fault."""
    subject, words = subject.strip(), words.replace("\r\n", "\n").strip()
    for field, text, most in (("subject", subject, 200), ("words", words, WORDS_MOST)):
        if not text or len(text) > most:
            raise Invalid(f"Write from 1 to {most:,} characters.", field=field)
        _check(text, field)
    if "\n" in subject:
        raise Invalid("A subject is one line.", field="subject")
    return Wording(subject, words)


def _check(text: str, field: str) -> None:
    depth = 0
    for token in Lexer(text).tokenize():
        if token.token_type == TokenType.VAR:
            _check_variable(token.contents, field)
        elif token.token_type == TokenType.BLOCK:
            depth += _check_tag(token, field)
        elif token.token_type == TokenType.COMMENT or re.search(r"\{[{%#]|[%#}]\}", token.contents):
            raise Invalid("Braces do not match, or a comment is in it.", field=field)
        if depth < 0:
            raise Invalid("An {% endif %} has no {% if %} before it.", field=field)
    if depth:
        raise Invalid("An {% if %} has no {% endif %}.", field=field)


def _check_variable(contents: str, field: str) -> None:
    name, *filters = [part.strip() for part in contents.split("|")]
    if name not in VARIABLES:
        raise Invalid(f"There is no {name[:40]!r} in this mail. Use one of {', '.join(VARIABLES)}.", field=field)
    if unknown := [one for one in filters if one not in FILTERS]:
        raise Invalid(f"{unknown[0][:40]!r} is not offered. Use {', '.join(sorted(FILTERS))}.", field=field)


def _check_tag(token: Token, field: str) -> int:
    """Return by how much the tag goes deeper."""
    tag, *condition = token.contents.split() or [""]
    if tag not in TAGS:
        raise Invalid(f"{tag[:40]!r} is not offered. Only if, elif, else and endif are.", field=field)
    if tag in {"else", "endif"}:
        if condition:
            raise Invalid(f"{tag} stands alone.", field=field)
        return -1 if tag == "endif" else 0
    names = [word for word in condition if word not in CONNECTIVES]
    if not names or any(name not in VARIABLES for name in names):
        raise Invalid("A condition names variables, joined by and, or, not.", field=field)
    return 1 if tag == "if" else 0


def _filled(source: str, values: dict[str, object]) -> str:
    rendered: str = engines["django"].from_string(source).render(values)
    return "".join([rendered])  # noqa: FLY002 - no SafeString any more: whoever shows it in a page escapes it


def _safe(markup: object) -> SafeString:
    """A message's HTML was sanitized when it was written."""
    return mark_safe(str(markup))  # nosec B308 B703
