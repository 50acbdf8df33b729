"""Rules, macros and saved replies in the console. Written by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from unfold.decorators import display

from accounts.models import User
from common.console import ConsoleAdmin, changed_values, changelist_url, framed, moment, require
from common.errors import PortalError
from common.pages import show_refusal
from tickets import services
from tickets.automation.firing import EVENTS
from tickets.automation.sharing import exported, imported
from tickets.console.rule_forms import VARIABLES_HELP
from tickets.console.rule_page import BuilderPage, MacroPage, RulePage
from tickets.models import AutomationRule, Macro, SavedReply
from tickets.services.macros import SAVED_REPLY_FIELDS

IMPORT_BYTES_MOST = 1_000_000


class BuiltAdmin(ConsoleAdmin):
    """A table whose rows are put together on a page of their own."""

    page: type[BuilderPage]

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if object_id else None
        if object_id and row is None:
            raise Http404
        return self.page(request, row, self.admin_site.each_context(request)).answer()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}


@admin.register(AutomationRule)
class AutomationRuleAdmin(BuiltAdmin):
    page = RulePage
    list_display = ("name", "looks", "position", "is_active", "changed")
    list_editable = ("position", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "description")
    change_list_template = "console/rules/list.html"

    @display(description="Looks")
    def looks(self, rule: AutomationRule) -> str:
        if rule.kind == AutomationRule.Kind.SCHEDULED:
            return "Every few minutes"
        return ", ".join(EVENTS.get(name, name) for name in rule.event_kinds)

    @display(description="Changed", ordering="changed_at")
    def changed(self, rule: AutomationRule) -> str:
        return moment(rule.changed_at)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by: User = request.user  # type: ignore[assignment]
        services.change_rule(obj, by=by, **changed_values(form, ("position", "is_active")))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        by: User = request.user  # type: ignore[assignment]
        services.delete_rule(obj, by=by)

    def get_urls(self) -> list[Any]:
        own = [
            path("export/", framed(export_page), name="tickets_rules_export"),
            path("import/", framed(import_page), name="tickets_rules_import"),
        ]
        return [*own, *super().get_urls()]


def export_page(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    require(request, "tickets.view_automationrule")
    response = HttpResponse(exported(AutomationRule.objects.all()), content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="rules.json"'
    return response


class ImportForm(forms.Form):
    file = forms.FileField(help_text="A file that was exported here or in another portal. All its rules or none.")

    def clean_file(self) -> str:
        upload = self.cleaned_data["file"]
        if upload.size > IMPORT_BYTES_MOST:
            raise forms.ValidationError("The file is too large for rules.")
        try:
            return upload.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise forms.ValidationError("The file is no text.") from error


def import_page(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    require(request, "tickets.add_automationrule", "tickets.change_automationrule")
    form, status = ImportForm(request.POST or None, request.FILES or None), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                by: User = request.user  # type: ignore[assignment]
                made, changed = services.import_rules(imported(form.cleaned_data["file"]), by=by)
                messages.success(request, f"{made} made, {changed} changed.")
                return HttpResponseRedirect(changelist_url(AutomationRule))
            except PortalError as refusal:
                where = getattr(refusal, "field", "")
                refusal.message = f"{where}: {refusal.message}" if where not in ("", "file") else refusal.message
                status = show_refusal(form, refusal)
    context = {**site_context, "title": "Import rules", "form": form, "list_url": changelist_url(AutomationRule)}
    return TemplateResponse(request, "console/rules/import.html", context, status=status)


@admin.register(Macro)
class MacroAdmin(BuiltAdmin):
    page = MacroPage
    list_display = ("name", "description", "whose", "used_count", "position", "is_active")
    list_editable = ("position", "is_active")
    list_filter = ("is_active", "team")
    list_select_related = ("team",)
    search_fields = ("name", "description")

    @display(description="For", ordering="team")
    def whose(self, row: Any) -> str:
        return str(row.team or "All teams")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by: User = request.user  # type: ignore[assignment]
        services.change_macro(obj, by=by, **changed_values(form, ("position", "is_active")))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        by: User = request.user  # type: ignore[assignment]
        services.delete_macro(obj, by=by)


class SavedReplyForm(forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "body" in self.fields:
            self.fields["body"].help_text = VARIABLES_HELP


@admin.register(SavedReply)
class SavedReplyAdmin(ConsoleAdmin):
    form = SavedReplyForm
    list_display = ("title", "keyword", "whose", "is_active")
    list_filter = ("is_active", "team")
    list_select_related = ("team",)
    search_fields = ("title", "keyword", "body")
    fields = SAVED_REPLY_FIELDS

    @display(description="For", ordering="team")
    def whose(self, row: Any) -> str:
        return str(row.team or "All teams")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by: User = request.user  # type: ignore[assignment]
        if change:
            services.change_saved_reply(obj, by=by, **changed_values(form, SAVED_REPLY_FIELDS))
        else:
            obj.pk = services.create_saved_reply(by=by, **form.cleaned_data).pk
            obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        by: User = request.user  # type: ignore[assignment]
        services.delete_saved_reply(obj, by=by)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            self.delete_model(request, row)
