"""What the headers say of a mail: written by a machine, come through a list, and what servers found of its sender."""

from __future__ import annotations

import re
from email.message import Message

from integrations.email.incoming import decoding
from integrations.email.incoming.mail import Address, Authentication, Automatic

ANSWER_SUBJECT = re.compile(
    r"^(?:auto(?:matic|matische|mated)?[- ]?(?:reply|response|antwort)|out[- ]of[- ](?:the[- ])?office|abwesend"
    r"|abwesenheits\w*|r[ée]ponse automatique|respuesta autom[áa]tica|risposta automatica|afwezig\w*|autosvar"
    r"|fr[åa]nvarande|resposta autom[áa]tica)\b",
    re.IGNORECASE,
)
SERVERS = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon)(?:@|$|\s*<>)", re.IGNORECASE)
RESULTS = {"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"}


def automatic(message: Message, sender: Address | None, subject: str) -> Automatic:
    """Say whether a machine wrote it, and by which sign."""
    return _by_submission(message) or _by_answer(message, subject) or _by_origin(message, sender) or Automatic()


def _words(message: Message, name: str) -> str:
    return decoding.header(message.get(name, "")).lower()


def _by_submission(message: Message) -> Automatic | None:
    submitted = _words(message, "Auto-Submitted").partition(";")[0].partition("(")[0].strip()
    if submitted in ("", "no"):
        return None
    return Automatic(f"Auto-Submitted: {submitted[:40]}", is_answer=submitted == "auto-replied")


def _by_answer(message: Message, subject: str) -> Automatic | None:
    for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply"):
        if _words(message, name) not in ("", "no"):
            return Automatic(f"It has the header {name}", is_answer=True)
    if _words(message, "Precedence") == "auto_reply" or ANSWER_SUBJECT.match(subject):
        return Automatic("It calls itself an automatic reply", is_answer=True)
    return None


def _by_origin(message: Message, sender: Address | None) -> Automatic | None:
    if is_servers(message, sender):
        return Automatic("A mail server sent it")
    if (precedence := _words(message, "Precedence")) in ("bulk", "junk"):
        return Automatic(f"Precedence: {precedence}")
    if _words(message, "X-Auto-Response-Suppress") not in ("", "none"):
        return Automatic("It asks not to be answered by a machine (X-Auto-Response-Suppress)")
    return None


def is_servers(message: Message, sender: Address | None) -> bool:
    """Tell whether a mail server wrote it, and not a person."""
    if decoding.header(message.get("Return-Path", "x")) == "<>" or (sender and SERVERS.match(sender.email)):
        return True
    return sender is None and SERVERS.match(decoding.header(message.get("From", "x"))) is not None


def list_id(message: Message) -> str:
    """Return the name of the mailing list that it came through, or ""."""
    for name in ("List-Id", "List-Post", "Mailing-List", "X-Mailing-List"):
        if value := decoding.header(message.get(name, "")):
            match = re.search(r"<(?:mailto:)?([^<>]+)>", value)
            return (match[1] if match else value)[:200]
    is_list = decoding.header(message.get("Precedence", "")).lower() == "list"
    return "a mailing list" if is_list else ""


def authentication(message: Message, server: str = "") -> Authentication:
    """Return what the receiving server found.

    server: whose results are believed; where it is not named, the topmost, which the last server wrote.
    """
    results = [decoding.header(value) for value in message.get_all("Authentication-Results", [])]
    if server:
        results = [one for one in results if one.partition(";")[0].split(" ")[0].strip().lower() == server.lower()]
    found = re.sub(r"\([^()]*\)", " ", results[0] if results else "").lower()
    spf = _result(found, "spf")
    if not spf and not server:
        spf = _known(decoding.header(message.get("Received-SPF", "")).lower().split(" ")[0])
    return Authentication(spf=spf, dkim=_result(found, "dkim"), dmarc=_result(found, "dmarc"))


def _result(found: str, method: str) -> str:
    results = {_known(word) for word in re.findall(rf"(?:^|[;\s]){method}\s*=\s*([a-z]+)", found)}
    return "pass" if "pass" in results else next(iter(sorted(results - {""})), "")


def _known(word: str) -> str:
    word = word.strip().replace("hardfail", "fail")
    return word if word in RESULTS else ""
