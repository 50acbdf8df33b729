"""Request forms in the console. Written by the services, a form and its fields at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from unfold.admin import TabularInline

from accounts.models import User
from common.console import ConsoleAdmin, changed_values
from tickets import request_rules, services
from tickets.console import shared
from tickets.models import RequestForm, RequestFormField
from tickets.services.request_forms import CHANGEABLE, OF_FIELDS


class RequestFormFields(BaseInlineFormSet):
    def rows(self) -> list[dict[str, Any]]:
        """Return the fields that the form is to have, as the services take them."""
        given = [one.cleaned_data for one in self.forms if one.cleaned_data and not one.cleaned_data.get("DELETE")]
        return [{name: row[name] for name in ("field", *OF_FIELDS)} for row in given if row.get("field")]

    def clean(self) -> None:
        """Refuse rules that cannot be followed, at the form as a whole: they are about several rows."""
        super().clean()
        if any(self.errors):
            return
        try:
            request_rules.check([RequestFormField(**row).rule for row in self.rows() if row["field"].is_active])
        except request_rules.Unclear as refusal:
            raise forms.ValidationError(f"{refusal.key}: {refusal}") from refusal


class RequestFormFieldInline(TabularInline):
    model = RequestFormField
    formset = RequestFormFields
    extra = 1
    fields = ("field", "is_required", "depends_on", "values", "is_required_then", "position")


@admin.register(RequestForm)
class RequestFormAdmin(ConsoleAdmin):
    """Forms that customers choose from. With none of them everybody fills in the same form, with all custom fields."""

    list_display = ("name", "description", "team", "is_for_signed_in", "is_active", "position")
    list_filter = ("is_active",)
    fields = (
        *("name", "slug", "description", "introduction", "product_areas", "team"),
        *("is_for_signed_in", "position", "is_active"),
    )
    filter_horizontal = ("product_areas",)
    inlines = (RequestFormFieldInline,)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"slug": ("name",)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Its address stays: it may be linked to."""
        return ("slug",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Leave it to save_related: the service takes a form with all that belongs to it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        by: User = request.user  # type: ignore[assignment]
        (formset,) = formsets
        formset.save(commit=False)  # says what changed, for the admin's own record
        rows = {"fields": formset.rows()} if formset.has_changed() else {}
        if change:
            given = changed_values(form, (*CHANGEABLE, "product_areas"))
            services.change_request_form(form.instance, by=by, **given, **rows)
        else:
            form.instance.pk = services.create_request_form(by=by, **form.cleaned_data, **rows).pk
        shared.forget_choices()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.delete_request_form(obj, by=request.user)  # type: ignore[arg-type]
        shared.forget_choices()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for form in queryset:
            self.delete_model(request, form)
