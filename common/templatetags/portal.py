"""Template tags of the design system: glyphs, people's time, sizes, initials, form controls."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".heic", ".bmp")
HEADING = re.compile(r"<(/?)h([1-6])>")
SCROLLING = re.compile(r"<(pre|table)>")
IN_SCRIPT = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}
ALERT_LOOKS = {
    "success": ("green", "circle-check"),
    "error": ("red", "octagon-alert"),
    "warning": ("amber", "triangle-alert"),
}


@register.simple_tag
def icon(name: str, size: int = 20, label: str = "") -> SafeString:
    """Draw a glyph of static/icons.svg; without a label it is hidden from screen readers."""
    role = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" {1}><use href="{2}#{3}"></use></svg>',
        size,
        role,
        static("icons.svg"),
        name,
    )


def day_words(day: date, today: date) -> str:
    """Name a day as people do: Today, Yesterday, Tomorrow, "Friday 27 November", the year if another."""
    near = {0: _("Today"), -1: _("Yesterday"), 1: _("Tomorrow")}.get((day - today).days)
    if near:
        return near
    return format_date(day, "l j F" if day.year == today.year else "l j F Y")


def moment_words(instant: datetime, style: str = "") -> str:
    """
    Tell an instant in words of the current time zone.

    style: "" gives "Today, 08:52"; "sentence" gives "today at 08:52"; "deadline" gives
    "14:12 today" (read after "by"); "day" leaves the time out; "time" leaves the day out.
    """
    local = timezone.localtime(instant)
    today = timezone.localdate()
    clock = format_date(local, "H:i")
    day = day_words(local.date(), today)
    near = abs(local.date() - today) <= timedelta(days=1)
    inner = day[:1].lower() + day[1:] if near else day
    if style == "time":
        return clock
    if style == "day":
        return day
    if style == "sentence":
        return _("%(day)s at %(time)s") % {"day": inner, "time": clock}
    if style == "deadline" and near:
        return _("%(time)s %(day)s") % {"day": inner, "time": clock}
    return f"{day}, {clock}"


@register.filter
def when(instant: datetime | None, style: str = "") -> str:
    """Wrap an instant in <time> with words; see moment_words for the styles. None gives nothing."""
    if instant is None or instant == "":
        return ""
    local = timezone.localtime(instant)
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), moment_words(instant, style)
    )


@register.filter
def fit_in(markup: str, level: int) -> SafeString:
    """
    Make sanitized HTML a part of a page: its highest heading gets `level`, the others follow.

    Code and tables, which scroll sideways in boxes of their own, are put within reach of the keyboard.
    """
    found = [int(depth) for _slash, depth in HEADING.findall(markup)]
    shift = level - min(found) if found else 0
    fitted = HEADING.sub(lambda tag: f"<{tag[1]}h{min(6, int(tag[2]) + shift)}>", markup)
    return SafeString(SCROLLING.sub(r'<\1 tabindex="0">', fitted))  # safe before, and only an attribute is added  # nosec B703


@register.filter
def script_json(data: Any) -> SafeString:
    """Write data for a <script> that holds data: nothing in it can end the element or begin another."""
    return SafeString(json.dumps(data, ensure_ascii=False).translate(IN_SCRIPT))  # nosec B703 B308


@register.filter
def filesize_short(size: int | None) -> str:
    """Round a number of bytes as file managers do: 812 bytes, 412 kB, 1.8 MB."""
    amount = float(size or 0)
    if amount < 1000:
        return _("%d bytes") % amount
    # Steps at 999.5, since 999,600 would otherwise be told as 1000 kB.
    if amount < 999.5e3:
        return f"{amount / 1e3:.0f} kB"
    amount, unit = (amount / 1e6, "MB") if amount < 999.5e6 else (amount / 1e9, "GB")
    shown = f"{amount:.1f}" if amount < 9.95 else f"{amount:.0f}"
    return f"{shown.removesuffix('.0')} {unit}"


@register.filter
def initials(name: str | None) -> str:
    """Give the first letters of the first and the last word, for an avatar."""
    words = [word for word in (name or "").split() if word[0].isalnum()]
    if not words:
        return "?"
    return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper()


@register.filter
def file_glyph(name: str | None) -> str:
    """Choose the glyph of a file by its name."""
    return "file-image" if (name or "").lower().endswith(IMAGE_ENDINGS) else "file-text"


@register.filter
def alert_look(level: str | None) -> dict[str, str]:
    """Translate a level of django.contrib.messages. Shape: {"tone": "green", "glyph": "circle-check"}."""
    tone, glyph = ALERT_LOOKS.get(level or "", ("blue", "info"))
    return {"tone": tone, "glyph": glyph}


@register.filter
def target_id(field: BoundField) -> str:
    """Give the id that a link to the field must name: for a group of choices, that of the first."""
    if field.widget_type in ("radioselect", "checkboxselectmultiple"):
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


@register.filter
def error_items(form: BaseForm | None) -> list[dict[str, str]]:
    """List the errors of a form in the order of its fields. Shape: [{"target": id or "", "text": words}]."""
    if form is None or not form.errors:
        return []
    items = [{"target": "", "text": str(text)} for text in form.non_field_errors()]
    for field in form:
        target = "" if field.is_hidden else target_id(field)
        items += [{"target": target, "text": str(text)} for text in field.errors]
    return items


@register.filter
def choice_items(field: BoundField, help_texts: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """
    Unfold a group of radio buttons or check boxes for the template.

    help_texts: help by choice value; without it the attribute `choice_help` of the form field is used.
    Shape: [{"id", "name", "type", "value", "label", "checked", "help"}].
    """
    texts = help_texts or getattr(field.field, "choice_help", None) or {}
    items = []
    for sub in field.subwidgets:
        data = sub.data
        items.append(
            {
                "id": sub.id_for_label,
                "name": data["name"],
                "type": data.get("type", "radio"),
                "value": data["value"],
                "label": sub.choice_label,
                "checked": data["selected"],
                "help": texts.get(str(data["value"]), ""),
            }
        )
    return items


@register.filter
def count_limit(field: BoundField) -> int | None:
    """Give the most characters a text area may hold, if it says so; shorter fields need no counter."""
    limit = getattr(field.field, "max_length", None)
    return limit if field.widget_type == "textarea" else None


@register.simple_tag
def control(field: BoundField, hint: str = "") -> SafeString:
    """Render the widget of a field, described by its hint, its error and its counter."""
    described = [
        f"{field.auto_id}_{part}"
        for part, present in (
            ("helptext", hint or field.help_text),
            ("error", field.errors),
            ("count", count_limit(field)),
        )
        if present
    ]
    # Placeholders, which a foreign form may bring, vanish with the first letter: the label says it all.
    attrs: dict[str, Any] = {"aria-describedby": " ".join(described) or False, "placeholder": False}
    if field.widget_type == "textarea":
        # Without maxlength nothing typed or pasted is cut off; the counter and the form tell instead.
        attrs |= {"data-autosize": True, "data-count-limit": count_limit(field) or False, "maxlength": False}
    return field.as_widget(attrs=attrs)
