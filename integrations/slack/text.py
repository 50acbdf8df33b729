"""Text between the portal and Slack: what people wrote never becomes a mention, a link or a command there."""

from __future__ import annotations

import html
import re

from common.richtext import UNSTORABLE

ELLIPSIS = "…"
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SPAN = re.compile(r"<([^<>]*)>")


def clipped(text: str, most: int) -> str:
    """Return `text` on one line, at most `most` characters long."""
    line = " ".join(UNSTORABLE.sub("", text).split())
    return line if len(line) <= most else line[: most - 1] + ELLIPSIS


def escaped(text: str, most: int) -> str:
    """Return `text` so that Slack shows it as it is, at most `most` characters long once escaped.

    Cut between characters of the original: half an escape would show as it is written.
    """
    clean = UNSTORABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    whole = clean.translate(_ESCAPES)
    if len(whole) <= most:
        return whole
    kept, length = [], len(ELLIPSIS)
    for character in clean:
        written = character.translate(_ESCAPES)
        length += len(written)
        if length > most:
            break
        kept.append(written)
    return "".join(kept) + ELLIPSIS


def escaped_line(text: str, most: int) -> str:
    """Return `text` escaped and on one line."""
    return escaped(" ".join(text.split()), most)


def link(url: str, label: str) -> str:
    """Return a link. label: words of ours, such as a reference."""
    safe = url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E")
    return f"<{safe}|{escaped_line(label, 200).replace('|', '/')}>"


def from_slack(text: str, names: dict[str, str] | None = None) -> str:
    """Return what somebody wrote in Slack as Markdown of ours.

    names: of people by their Slack id, as far as they are known.
    """
    known = names or {}
    return html.unescape(_SPAN.sub(lambda match: _span(match[1], known), text)).strip()


def mentioned(text: str) -> list[str]:
    """Return the Slack ids of the people whom `text` mentions."""
    return list(dict.fromkeys(re.findall(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>", text)))


def _span(inside: str, names: dict[str, str]) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return f"@{names.get(target[1:]) or label or target[1:]}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    if label and label != target and target.partition(":")[0] in ("http", "https", "mailto"):
        return f"[{label}]({target})"
    return target
