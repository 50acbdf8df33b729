"""What somebody wrote anew, and what is quoted or signed below it. Nothing is lost: the rest is kept, to be folded."""

from __future__ import annotations

import re
from dataclasses import dataclass

WROTE = (
    r"wrote|writes|a écrit|écrit|schrieb|geschrieben|escribió|ha scritto|scrive|schreef|skrev|skreiv|kirjoitti"
    r"|napsal(?:\(a\))?|napísal(?:\(a\))?|napisał(?:\(a\))?|escreveu|írta|a scris|yazdı|пишет|написал(?:а)?|написав"
    r"|写道|のメール|님이 작성"
)
# "On Monday, Agnes <a@example.org> wrote:" in many tongues; mail programs break it over up to four lines.
ATTRIBUTION = re.compile(
    rf"^[ \t>]*(?=.*[\d@])\S.{{0,300}}?(?<!\w)(?:{WROTE})(?!\w)[^\n]{{0,80}}:[ \t]*$", re.IGNORECASE
)
BEGINS = re.compile(
    r"^[ \t>]*(?:On|Le|Am|El|Il|Op|Den|Em|Dne|Dňa|W dniu|A |La|Pe|Vào|Il giorno|\d{1,4}[-./]\d{1,2}[-./]\d{1,4})\b",
    re.IGNORECASE,
)
# As Gmail writes it where no language fits: the day, the time, a name and an address.
DATED = re.compile(r"^[ \t>]*\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\b.{0,120}<\s*[^<>\s]+@[^<>\s]+>\s*:[ \t]*$")
NAMED = re.compile(
    rf"^[ \t>]*[^\n]{{1,100}}<[^<>\s]+@[^<>\n]+>+[^\n]{{0,60}}\b(?:{WROTE})\b[^\n]{{0,60}}:?[ \t]*$", re.IGNORECASE
)
DIVIDER = re.compile(
    r"^[ \t>]*write your answer above this line\b.*$"  # our own mails' words
    r"|^[ \t>]*-{2,}\s*(?:original|forwarded|ursprüngliche|weitergeleitete|message|mensaje|messaggio|doorgestuurd"
    r"|oorspronkelijk|vidarebefordrat|videresendt|пересла|исходное|начало)[^\n]{0,40}-{2,}[ \t]*$"
    r"|^[ \t>]*(?:begin forwarded message|anfang der weitergeleiteten (?:e-mail|nachricht)"
    r"|début du message (?:transféré|réexpédié)|inicio del mensaje reenviado|inizio messaggio inoltrato)\s*:?[ \t]*$",
    re.IGNORECASE,
)
FROM = re.compile(
    r"^[ \t>*_]*(?:from|von|de|från|fra|da|van|od|от|lähettäjä|kimden|差出人|发件人|寄件者)[*_ ]*:", re.IGNORECASE
)
OTHERS = re.compile(
    r"^[ \t>*_]*(?:sent|date|to|cc|subject|reply-to|gesendet|datum|an|betreff|envoyé|date|à|objet|enviado(?: el)?|fecha"
    r"|para|asunto|skickat|till|ämne|sendt|til|emne|inviato|data|a|oggetto|verzonden|aan|onderwerp|odesláno|komu|předmět"
    r"|wysłano|do|temat|отправлено|кому|тема|дата|送信日時|宛先|件名|发送时间|收件人|主题)[*_ ]*:",
    re.IGNORECASE,
)
PASSED_ON = re.compile(r"forward|weitergeleit|transfér|reenviado|inoltrato|doorgestuurd|пересла", re.IGNORECASE)
QUOTED = re.compile(r"^[ \t]*>")
RULE = re.compile(r"^[\s>\\]*(?:[-_*=~#+ᐧ•·–—]\s*){2,}$|^[\s>]*ᐧ\s*$")
SIGNED = re.compile(r"^[ \t]*(?:--|—|\\--)[ \t]*$")
DEVICE = re.compile(
    r"^\W*(?:sent (?:from|via|with|by|using)\b|from my (?:iphone|ipad|phone|android)|envoyé (?:depuis|de) mon"
    r"|envoyé à partir d|von meinem \S+ gesendet|gesendet (?:von|mit)|diese nachricht wurde von meinem .*gesendet"
    r"|sendt fra min|skickat från min|skickat från|enviado desde mi|inviato (?:da|dal)|verzonden (?:met|vanaf|van)"
    r"|lähetetty|wysłane z|odesláno z|enviado do meu|отправлено (?:с|из)|從我的|发自我的|iphoneから送信|get outlook for"
    r"|get \[outlook|someone from mobile)",
    re.IGNORECASE,
)
JOINED_LINES_MOST = 4
FIELDS_WITHIN = 8
LINES_MOST = 5_000  # what is not quoted by then is told apart by its marks alone
LINE_CHARACTERS_MOST = 1_000


@dataclass(frozen=True)
class Split:
    """new: what was written. folded: everything else, quoted or signed. is_forwarded: it passes on a mail of others."""

    new: str
    folded: str = ""
    is_forwarded: bool = False


def split(text: str) -> Split:
    """Return `text` in two. Where nothing seems new, all of it is: then there is nothing to fold it under."""
    lines = text.split("\n")
    begin, is_forwarded = _first_quote(lines)
    head, tail = lines[:begin], lines[begin:]
    if not _says_anything(head) and tail:
        head, tail, is_forwarded = _below(tail, is_forwarded)
    head, signature = _without_signature(head)
    if not _says_anything(head):
        return Split(text.strip("\n"), is_forwarded=is_forwarded)
    folded = "\n".join((*signature, *tail)).strip("\n")
    return Split("\n".join(head).strip(), folded, is_forwarded)


def _first_quote(lines: list[str]) -> tuple[int, bool]:
    """Return the line where the quoted mail begins (len where none does), and whether it is passed on."""
    for place, line in enumerate(lines[:LINES_MOST]):
        if not line.strip() or len(line) > LINE_CHARACTERS_MOST:
            continue
        if QUOTED.match(line) and not _says_anything(lines[:place]):
            return place, DIVIDER.match(line) is not None
        if DIVIDER.match(line):
            return _rule_before(lines, place), _is_passing_on(line)
        if _is_attribution(lines, place) and not _goes_on(lines, place):
            return place, False
        if FROM.match(line) and _has_fields(lines, place):
            return _rule_before(lines, place), False
    return _trailing_quote(lines), False


def _is_passing_on(line: str) -> bool:
    return PASSED_ON.search(line) is not None


def _is_attribution(lines: list[str], place: int) -> bool:
    line = lines[place]
    if NAMED.match(line) or DATED.match(line):
        return True
    joined = line
    for more in range(JOINED_LINES_MOST):
        if (BEGINS.match(joined) and ATTRIBUTION.match(joined)) or NAMED.match(joined) or DATED.match(joined):
            return True
        if place + more + 1 >= len(lines) or not lines[place + more + 1].strip() or len(joined) > 400:
            return False
        if not (BEGINS.match(line) or "<" in line):
            return False
        joined = f"{joined.rstrip()} {lines[place + more + 1].strip(' >')}"
    return False


def _has_fields(lines: list[str], place: int) -> bool:
    return sum(OTHERS.match(line) is not None for line in lines[place + 1 : place + FIELDS_WITHIN]) >= 2


def _rule_before(lines: list[str], place: int) -> int:
    """Return `place`, or that of the ruled line above it."""
    above = place - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and RULE.match(lines[above]) else place


def _goes_on(lines: list[str], place: int) -> bool:
    """Tell whether what is quoted at `place` is answered below it: then it is part of what is said."""
    after = _end_of_quote(lines, place)
    if after is None or not _says_anything(lines[:place]):
        return False
    return _says_anything(_without_signature(lines[after:])[0])


def _end_of_quote(lines: list[str], place: int) -> int | None:
    """Return the line after the quoted ones at `place`; None where they are not marked."""
    begin = next((n for n in range(place, min(place + 6, len(lines))) if QUOTED.match(lines[n])), None)
    if begin is None:
        return None
    end = begin
    for number in range(begin, len(lines)):
        if QUOTED.match(lines[number]):
            end = number + 1
        elif lines[number].strip() and number >= end + (0 if not lines[number - 1].strip() else 1):
            break
    return end


def _trailing_quote(lines: list[str]) -> int:
    """Return where the marked lines at the end begin."""
    place = len(lines)
    while place and (not lines[place - 1].strip() or QUOTED.match(lines[place - 1])):
        place -= 1
    return place if any(QUOTED.match(line) for line in lines[place:]) else len(lines)


def _below(tail: list[str], is_forwarded: bool) -> tuple[list[str], list[str], bool]:
    """Return answer and quote of a mail that answers below what it quotes."""
    end = _end_of_quote(tail, 0)
    if end is None or not _says_anything(tail[end:]):
        return [], tail, is_forwarded
    return tail[end:], tail[:end], is_forwarded


def _without_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """Return the lines without what stands below the signature's mark, and without what devices say of themselves."""
    marks = [place for place, line in enumerate(lines) if SIGNED.match(line) and place]
    cut = next((place for place in marks if len(lines) - place <= 25), len(lines))
    end = cut
    while end and (not lines[end - 1].strip() or DEVICE.match(lines[end - 1]) or RULE.match(lines[end - 1])):
        end -= 1
    return lines[:end], lines[end:]


def _says_anything(lines: list[str]) -> bool:
    return any(line.strip() and not RULE.match(line) and not QUOTED.match(line) for line in lines)
