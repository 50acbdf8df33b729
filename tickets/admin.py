"""Tickets in the console, and the tables that say how tickets are handled."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts.models import Organization, User
from accounts.slots import ORGANIZATION_FACTS
from common.console import ConsoleAdmin, LinesField, add_pages, changed_values, glyph_and_word, moment
from common.time import now
from tickets import services
from tickets.console import shared
from tickets.console.deflection import deflection_page
from tickets.console.habits import keep_habits
from tickets.console.macro_use import macro_use_page
from tickets.console.organization import organization_page, organization_report
from tickets.console.ratings import ratings_page
from tickets.console.reports import report_file
from tickets.console.request_forms_admin import RequestFormAdmin
from tickets.console.rules_admin import AutomationRuleAdmin, MacroAdmin, SavedReplyAdmin
from tickets.console.ticket_admin import TicketAdmin
from tickets.console.weekly import weekly_page
from tickets.models import (
    BlockedSender,
    CustomField,
    StatusLabel,
    Tag,
    Ticket,
    TriageRule,
)
from tickets.services.custom_fields import CHANGEABLE as CUSTOM_FIELD_FIELDS
from tickets.services.labels import CHANGEABLE as LABEL_FIELDS
from tickets.vocabulary import PRIORITY_META

__all__ = ["AutomationRuleAdmin", "MacroAdmin", "RequestFormAdmin", "SavedReplyAdmin", "TicketAdmin"]

add_pages(
    [
        ("tickets/deflection/", deflection_page, "tickets_deflection"),
        ("tickets/macros/<str:number>/", macro_use_page, "tickets_macro_use"),
        ("tickets/habits/", keep_habits, "tickets_habits"),
        ("reports/<slug:name>.csv", report_file, "tickets_report_file"),
        ("reports/ratings/", ratings_page, "tickets_ratings"),
        ("reports/weekly/", weekly_page, "tickets_weekly"),
        ("organizations/<int:pk>/", organization_page, "tickets_organization"),
        ("organizations/<int:pk>/report/", organization_report, "tickets_organization_report"),
    ]
)


class TagForm(forms.ModelForm):
    def clean_name(self) -> str:
        """A name is lower case, its spaces are hyphens, as services.tagging makes it."""
        return "-".join(self.cleaned_data["name"].lower().split())


@admin.register(Tag)
class TagAdmin(ConsoleAdmin):
    form = TagForm
    fields = ("name",)
    search_fields = ("name",)


@admin.register(StatusLabel)
class StatusLabelAdmin(ConsoleAdmin):
    """Names within the seven statuses. One that tickets have is switched off rather than deleted."""

    list_display = ("name", "status", "customer_name", "position", "is_active")
    list_filter = ("status", "is_active")
    fields = ("name", "status", "customer_name", "position", "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Tickets stand in the status of their label, so it stays what it is."""
        return ("status",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by: User = request.user  # type: ignore[assignment]
        if change:
            services.change_status_label(obj, by=by, **changed_values(form, LABEL_FIELDS))
        else:
            obj.pk = services.create_status_label(by=by, **form.cleaned_data).pk
        shared.forget_choices()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.delete_status_label(obj, by=request.user)  # type: ignore[arg-type]
        shared.forget_choices()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        with transaction.atomic():  # all or none
            for label in queryset:
                self.delete_model(request, label)


class ChoiceLines(LinesField):
    """The values of a choice: "minor | Minor | Work goes on" is [value, label, help]."""

    def to_line(self, row: Any) -> str:
        return " | ".join(str(part) for part in row if part != "") if isinstance(row, list) else str(row)

    def from_line(self, line: str) -> list[str]:
        value, label, words, *_rest = [*(part.strip() for part in line.split("|", 2)), "", ""]
        return [value, label or value, words]


class CustomFieldForm(forms.ModelForm):
    choices = ChoiceLines(
        required=False,
        help_text="One a line: value | label | help. Needed for the two kinds with a list, and for no other.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        kind = cleaned.get("kind") or self.instance.kind
        rows = cleaned.get("choices") or []
        has_list = kind in (CustomField.Kind.CHOICE, CustomField.Kind.CHOICES)
        if has_list and len(rows) < 2:
            self.add_error("choices", "Give at least two choices, one a line.")
        elif rows and not has_list:
            self.add_error("choices", f"A field of the kind {CustomField.Kind(kind).label.lower()} has no choices.")
        elif len({row[0] for row in rows}) != len(rows):
            self.add_error("choices", "Each value may stand here once.")
        return cleaned


@admin.register(CustomField)
class CustomFieldAdmin(ConsoleAdmin):
    form = CustomFieldForm
    list_display = ("label", "key", "kind", "is_required", "is_customer_visible", "is_active", "position")
    list_filter = ("kind", "is_active")
    fieldsets = (
        (None, {"fields": ("label", "key", "kind", "choices", "help_text", "position", "is_active")}),
        ("Customers", {"fields": ("is_customer_visible", "is_customer_editable", "is_required")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Key and kind stay once tickets may hold values under them."""
        return ("key", "kind") if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"key": ("label",)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by: User = request.user  # type: ignore[assignment]
        if change:
            services.change_custom_field(obj, by=by, **changed_values(form, CUSTOM_FIELD_FIELDS))
        else:
            obj.pk = services.create_custom_field(by=by, **form.cleaned_data).pk
        shared.forget_choices()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.delete_custom_field(obj, by=request.user)  # type: ignore[arg-type]
        shared.forget_choices()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        with transaction.atomic():  # all or none
            for row in queryset:
                self.delete_model(request, row)


class TriageRuleForm(forms.ModelForm):
    words = LinesField(help_text="Whole words or phrases, one a line. Case never matters.")


@admin.register(TriageRule)
class TriageRuleAdmin(ConsoleAdmin):
    form = TriageRuleForm
    list_display = ("name", "first_words", "priority_word", "position", "is_active")
    fields = ("name", "words", "priority", "position", "is_active")

    @display(description="Words")
    def first_words(self, rule: TriageRule) -> str:
        return ", ".join(rule.rule.words[:5]) + (", ..." if len(rule.rule.words) > 5 else "")

    @display(description="Priority", ordering="priority")
    def priority_word(self, rule: TriageRule) -> SafeString:
        look = PRIORITY_META[rule.priority]
        return glyph_and_word(look.tone, look.glyph, rule.get_priority_display())


class BlockedSenderForm(forms.ModelForm):
    def clean_pattern(self) -> str:
        """Spell it as the service does, so that the model's own checks see what will be kept."""
        pattern: str = self.cleaned_data["pattern"].strip().lower().removeprefix("@")
        return pattern


@admin.register(BlockedSender)
class BlockedSenderAdmin(ConsoleAdmin):
    """Blocked and unblocked by the services; what is blocked is not edited."""

    form = BlockedSenderForm
    list_display = ("pattern", "reason", "blocked_by", "since")
    search_fields = ("pattern", "reason")
    fields = ("pattern", "reason")
    list_select_related = ("blocked_by",)

    @display(description="Since", ordering="blocked_at")
    def since(self, blocked: BlockedSender) -> str:
        return moment(blocked.blocked_at)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        by: User = request.user  # type: ignore[assignment]
        obj.pk = services.block_sender(obj.pattern, reason=obj.reason, by=by).pk
        obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        by: User = request.user  # type: ignore[assignment]
        services.unblock_sender(obj, by=by)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for blocked in queryset:
            self.delete_model(request, blocked)


def organization_facts(organizations: Any) -> dict[int, list[tuple[str, str]]]:
    """Return how many tickets each organization has open and opened this month, against its quota, and its page."""
    month = now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    facts = {}
    for one in organizations:  # the page shows one
        opened = Ticket.objects.filter(organization=one, created_at__gte=month).count()
        quota = f"{opened} of {one.max_tickets_per_month}" if one.max_tickets_per_month else f"{opened}, no limit"
        facts[one.pk] = [
            ("Tickets this month", quota),
            ("Open tickets", str(Ticket.objects.open().filter(organization=one).count())),
            ("All at once", _page_link(one)),
        ]
    return facts


def _page_link(organization: Organization) -> SafeString:
    """Return the way to the organization's own page; whoever may not see tickets is told so there."""
    address = reverse("admin:tickets_organization", args=[organization.pk])
    return format_html('<a class="console-link" href="{}">People, tickets, promises and reports</a>', address)


ORGANIZATION_FACTS.sign_in(organization_facts)
