"""What the console's pages share: refusals as form errors, bounded counts, read-only tables, lists as lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from common.errors import Invalid, PortalError
from common.templatetags.portal import icon, when

COUNTED_MOST = 10_000
CONTROL = {"class": "control"}  # of a form on a page of our own

View = Callable[..., HttpResponse]

_pages: list[URLPattern] = []


class BoundedPaginator(Paginator):
    """Counts no further than COUNTED_MOST, so that a list of a large table opens as fast as that of a small one."""

    @cached_property
    def count(self) -> int:
        rows: models.QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[:COUNTED_MOST].count()


class RefusedForm(forms.ModelForm):
    """Mixed into a form whose saving a service refused: says why, at the field at fault, and keeps what was typed."""

    refusal: PortalError

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        field = getattr(self.refusal, "field", "")
        self.add_error(field if field in self.fields else None, self.refusal.message)
        return cleaned


class ConsoleAdmin(ModelAdmin):
    """A table of the console. A PortalError from a service is words on the page, never a failure."""

    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    warn_unsaved_form = True

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PortalError as error:  # the transaction is rolled back; show the same form again with the reason
            request.refusal = error  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return type(form.__name__, (RefusedForm, form), {"refusal": refusal}) if refusal else form

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except PortalError as error:
            return self._say(request, error)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except PortalError as error:
            return self._say(request, error)

    def _say(self, request: HttpRequest, error: PortalError) -> HttpResponse:
        self.message_user(request, error.message, messages.ERROR)
        return HttpResponseRedirect(changelist_url(self.model))


class ReadOnly:
    """Nobody adds, changes or deletes these rows by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LinesField(forms.CharField):
    """A list of texts, one per line."""

    widget = UnfoldAdminTextareaWidget

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminTextareaWidget(attrs={"rows": 4}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(self.to_line(row) for row in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        lines = (line.strip() for line in (value or "").splitlines())
        return [self.from_line(line) for line in dict.fromkeys(lines) if line]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """Lines have no length of their own to check."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))

    def to_line(self, row: Any) -> str:
        return str(row)

    def from_line(self, line: str) -> Any:
        return line


def framed(view: View) -> View:
    """Give `view` what the console's frame needs, as its last argument, and let only staff in."""

    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return view(request, **kwargs, site_context=admin.site.each_context(request))

    return admin.site.admin_view(answer)


def add_pages(pages: Iterable[tuple[str, View, str]]) -> None:
    """Let the console have pages that belong to no table.

    pages: address below the console's, view, name. A view takes the request and the frame's context, and asks for
    rights itself.
    """
    _pages.extend(path(address, framed(view), name=name) for address, view, name in pages)
    admin.site.extra_urls = lambda: list(_pages)  # type: ignore[attr-defined]  # unfold's sites ask for it


def require(request: HttpRequest, *permissions: str) -> None:
    """Raise PermissionDenied unless the person has all of `permissions`."""
    if not all(request.user.has_perm(permission) for permission in permissions):
        raise PermissionDenied


def changed_values(form: forms.BaseForm, names: Iterable[str]) -> dict[str, Any]:
    """Return the new values of those of `names` that somebody changed in `form`."""
    return {name: form.cleaned_data[name] for name in names if name in form.changed_data}


def one_of(value: str, known: Iterable[str], field: str) -> str:
    """Return `value` if it is one of `known`, else raise Invalid."""
    if value not in set(known):
        raise Invalid("Choose one of the list.", field=field)
    return value


def changelist_url(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def change_url(row: models.Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def glyph_and_word(tone: str, glyph: str, word: str) -> SafeString:
    """Draw a state for a list: colour on the glyph, meaning in the word."""
    return format_html('<span class="badge tone-{}">{}{}</span>', tone, icon(glyph, 16), word)


def two_lines(first: object, second: object) -> SafeString:
    return format_html('<span class="two-lines"><span>{}</span><small>{}</small></span>', first, second)


def short_day(instant: dt.datetime) -> str:
    """Tell a day as narrow columns do: Today, Yesterday, 22 Nov, 29 Oct 2025."""
    day, today = timezone.localtime(instant).date(), timezone.localdate()
    if 0 <= (today - day).days <= 1:
        return "Today" if day == today else "Yesterday"
    return format_date(day, "j M" if day.year == today.year else "j M Y")


def moment(instant: Any) -> str:
    """Tell an instant in the reader's zone, with the exact one for machines and hovering."""
    return when(instant) or "Never"
