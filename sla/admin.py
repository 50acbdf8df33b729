"""Service levels in the console: policies and calendars on pages of their own, and the monitor."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

from common.console import ConsoleAdmin, add_pages, change_url, framed
from sla.console import backtests, calendar_page, calendars, policies, policy_draft, policy_page
from sla.console.calendar_draft import CalendarDraft
from sla.console.monitor_page import monitor_page
from sla.console.reports import reports_page
from sla.models import BackTest, BusinessCalendar, SlaPolicy

add_pages(
    [
        ("sla/monitor/", monitor_page, "sla_monitor"),
        ("sla/reports/", reports_page, "sla_reports"),
    ]
)


class VersionedAdmin(ConsoleAdmin):
    """A table whose rows go on in versions: read and written on pages of its own, never by Django's forms."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(f"{change_url(self.model(pk=object_id))}#versions")


@admin.register(SlaPolicy)
class SlaPolicyAdmin(VersionedAdmin):
    def get_urls(self) -> list[Any]:
        return [
            path("apply/", framed(policy_page.apply_page), name="sla_slapolicy_apply"),
            path("<int:pk>/draft/", framed(policy_draft.draft_page), name="sla_slapolicy_draft"),
            path("<int:pk>/publish/", framed(policy_page.publish_page), name="sla_slapolicy_publish"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return policies.policy_list(request, self.admin_site.each_context(request))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return policies.new_policy(request, self.admin_site.each_context(request))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return policy_page.policy_page(request, object_id, self.admin_site.each_context(request))


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(VersionedAdmin):
    def get_urls(self) -> list[Any]:
        return [
            path("<int:pk>/draft/", framed(calendar_draft), name="sla_businesscalendar_draft"),
            path("<int:pk>/publish/", framed(calendar_page.publish_page), name="sla_businesscalendar_publish"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return calendars.calendar_list(request, self.admin_site.each_context(request))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return calendars.new_calendar(request, self.admin_site.each_context(request))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return calendar_page.calendar_page(request, object_id, self.admin_site.each_context(request))


def calendar_draft(request: HttpRequest, pk: int, site_context: dict[str, Any]) -> HttpResponse:
    return CalendarDraft(request, pk, site_context).answer()


@admin.register(BackTest)
class BackTestAdmin(ConsoleAdmin):
    """Back-tests are started and read on pages of their own, and never changed."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(change_url(self.model(pk=object_id)))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return backtests.backtest_list(request, self.admin_site.each_context(request))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return backtests.new_backtest(request, self.admin_site.each_context(request))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return backtests.backtest_page(request, object_id, self.admin_site.each_context(request))
