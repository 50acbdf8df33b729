"""Walking the parts of a mail: what was said, and what came with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from common.richtext import clean_text
from integrations.email.incoming import decoding, markup, winmail
from integrations.email.incoming.mail import File

PARTS_MOST = 300
SUFFIXES = {
    **{"text/calendar": ".ics", "text/csv": ".csv", "text/html": ".html", "text/plain": ".txt", "text/vcard": ".vcf"},
    **{"image/gif": ".gif", "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"},
    **{"application/pdf": ".pdf", "message/rfc822": ".eml", "application/zip": ".zip"},
}


@dataclass
class Content:
    """What the parts of a mail come to."""

    texts: list[str] = field(default_factory=list)  # Markdown
    htmls: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def tell(self, trouble: str) -> None:
        if trouble not in self.troubles:
            self.troubles.append(trouble)


def read(message: Message) -> Content:
    """Return text and files of `message`, in their order."""
    content = Content()
    for count, part in enumerate(_leaves(message)):
        if count == PARTS_MOST:
            content.tell(f"The mail has more than {PARTS_MOST} parts; the rest was not read.")
            break
        if isinstance(part, list):
            _read_alternatives(part, content)
        else:
            _read_leaf(part, content)
    return content


def _leaves(message: Message) -> Iterator[Message | list[Message]]:
    """Yield every part that holds something; those that say the same in different forms together.

    What is inside an attached mail belongs to that mail.
    """
    waiting: list[Message] = [message]
    while waiting:
        part = waiting.pop()
        kind = part.get_content_type()
        children = _children(part)
        if not children or kind.startswith("message/"):
            yield part
        elif kind == "multipart/alternative":
            texts = [one for one in _under(part) if _is_text(one)]
            yield texts
            others = [one for one in _under(part) if not _is_text(one)]
            waiting += reversed(others)
        else:
            waiting += reversed(children)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _under(part: Message) -> list[Message]:
    """Return the leaves below an alternative."""
    found, waiting = [], [part]
    while waiting:
        one = waiting.pop()
        children = [] if one.get_content_type().startswith("message/") else _children(one)
        waiting += reversed(children)
        found += [] if children or one is part else [one]
    return found


def _is_text(part: Message) -> bool:
    """Tell whether it is read where it stands: text that is not called a file."""
    if part.get_content_type() not in ("text/plain", "text/html"):
        return False
    return _disposition(part) != "attachment" and not decoding.file_name(part)


def _disposition(part: Message) -> str:
    return decoding.header(part.get("Content-Disposition", "")).partition(";")[0].strip().lower()


def _text_of(part: Message, content: Content) -> str:
    charset = decoding.parameter(part, "charset")
    text, is_guessed = decoding.decoded(decoding.content_of(part), charset)
    if is_guessed:
        named = f'is not in the character set it names ("{charset[:40]}")' if charset else "names no character set"
        content.tell(f"The text {named}; it may read oddly.")
    text = clean_text(text)
    if decoding.parameter(part, "format").lower() == "flowed" and part.get_content_type() == "text/plain":
        text = decoding.unflowed(text, is_space_deleted=decoding.parameter(part, "delsp").lower() == "yes")
    return text


def _read_alternatives(parts: list[Message], content: Content) -> None:
    """Take the plain form where it says anything, and keep the HTML one to be looked at."""
    plain = [_text_of(one, content) for one in parts if one.get_content_type() == "text/plain"]
    htmls = [_text_of(one, content) for one in parts if one.get_content_type() == "text/html"]
    said = "\n\n".join(markup.markdown_of_plain(text).strip("\n") for text in plain if text.strip())
    content.texts.append(said or "\n\n".join(markup.markdown_of(one) for one in htmls))
    content.htmls += htmls


def _read_leaf(part: Message, content: Content) -> None:
    if _is_text(part):
        text = _text_of(part, content)
        if part.get_content_type() == "text/html":
            content.htmls.append(text)
            content.texts.append(markup.markdown_of(text))
        else:
            content.texts.append(markup.markdown_of_plain(text))
        return
    kind = part.get_content_type()
    if kind.startswith("multipart/"):
        _read_broken(part, content)
    elif kind != "message/delivery-status":
        _read_file(part, kind, content)


def _read_broken(part: Message, content: Content) -> None:
    """Read what calls itself several parts and has none: its boundary is missing or never comes."""
    text = decoding.decoded(decoding.content_of(part) or _payload_text(part), "utf-8")[0]
    if text.strip():
        content.tell("The parts of the mail could not be told apart; it is shown as it came.")
        content.texts.append(markup.markdown_of_plain(clean_text(text)))


def _payload_text(part: Message) -> bytes:
    payload = part.get_payload()
    return payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""


def _read_file(part: Message, kind: str, content: Content) -> None:
    held = _children(part)
    if kind.startswith("message/") and held:
        data = _bytes_of(held[0])
        name = decoding.file_name(part) or f"{decoding.header(held[0].get('Subject', ''))[:80] or 'mail'}.eml"
    else:
        data, name = decoding.content_of(part), decoding.file_name(part)
    if not data:
        if name:
            content.tell(f"The file {name[:80]} is empty.")
        return
    if winmail.is_parcel(name, kind):
        _read_parcel(data, name, kind, content)
        return
    content_id = decoding.header(part.get("Content-ID", "")).strip("<> ")
    is_inline = bool(content_id) or _disposition(part) == "inline"
    name = name or f"{kind.partition('/')[0]}-{len(content.files) + 1}{SUFFIXES.get(kind, '')}"
    content.files.append(File(name[:200], kind, data, content_id, is_inline and kind.startswith("image/")))


def _read_parcel(data: bytes, name: str, kind: str, content: Content) -> None:
    parcel = winmail.unpack(data)
    if parcel is None:
        content.tell("The mail came as winmail.dat, which could not be opened.")
        content.files.append(File(name or "winmail.dat", kind, data))
        return
    files, text = parcel
    content.files += files
    if text and not any(one.strip() for one in content.texts):
        content.texts.append(markup.markdown_of_plain(clean_text(text)))


def _bytes_of(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, KeyError):
        return str(message.get_payload()).encode("utf-8", "surrogateescape")
