"""The staff console's frame: Django admin dressed by unfold, its colours, its navigation, and its own policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse

PETROL = {
    **{"50": "#f0f9fc", "100": "#def2f7", "200": "#c2e6ef", "300": "#9ad3e1", "400": "#68b7ca", "500": "#3c9aaf"},
    **{"600": "#00697c", "700": "#005767", "800": "#004450", "900": "#03343d", "950": "#032229"},
}
INK = {
    **{"50": "#f7fafb", "100": "#f0f4f6", "200": "#e1e8ea", "300": "#cbd6d9", "400": "#94a1a5", "500": "#647176"},
    **{"600": "#47555a", "700": "#344247", "800": "#1d292d", "900": "#101b1e", "950": "#081013"},
}

# What an address says of how a page is shown, not of which it is.
LOOKS = frozenset({"from", "to", "sort", "column", "q", "period"})


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the side bar's groups with the entries that the person may open.

    Shape: [{"title", "separator", "items": [{"title", "icon", "link", "active", "badge"}]}].
    """
    groups = [
        ("Tickets", _queues(request)),
        (
            "Reports",
            [
                {**_page("Dashboard", "dashboard", "admin:index", "tickets.view_ticket"), "query": {}},
                _page("Ratings", "star_half", "admin:tickets_ratings", "tickets.work_ticket"),
                _page("Weekly report", "calendar_view_week", "admin:tickets_weekly", "tickets.view_ticket"),
            ],
        ),
        (
            "People",
            [
                _table("Organizations", "domain", "accounts", "organization"),
                _table("People", "person", "accounts", "user"),
                _table("Teams", "groups", "accounts", "team"),
                _table("Skills", "school", "accounts", "skill"),
                _table("Product areas", "category", "accounts", "productarea"),
                _table("Roles", "admin_panel_settings", "auth", "group"),
                _page("Out of office", "event_busy", "admin:accounts_out_of_office", "tickets.work_ticket"),
            ],
        ),
        (
            "Knowledge base",
            [
                _table("Articles", "article", "knowledgebase", "article"),
                _table("Categories", "folder", "knowledgebase", "category"),
                _page(
                    "What readers look for", "query_stats", "admin:knowledgebase_readers", "knowledgebase.view_article"
                ),
                _table("Synonyms", "compare_arrows", "knowledgebase", "searchsynonym"),
                _table("Stop words", "do_not_disturb_on", "knowledgebase", "searchstopword"),
                _page("Search status", "troubleshoot", "admin:knowledgebase_search", "knowledgebase.change_article"),
                _page("Deflection", "alt_route", "admin:tickets_deflection", "tickets.view_deflectionday"),
            ],
        ),
        (
            "Service levels",
            [
                _table("SLA policies", "timer", "sla", "slapolicy"),
                _table("Calendars", "calendar_month", "sla", "businesscalendar"),
                _page("Monitor", "monitor_heart", "admin:sla_monitor", "sla.view_monitorpass"),
                _page("Reports", "monitoring", "admin:sla_reports", "sla.view_clock"),
                _table("Back-test", "science", "sla", "backtest"),
            ],
        ),
        (
            "Settings",
            [
                _table("Custom fields", "tune", "tickets", "customfield"),
                _table("Request forms", "dynamic_form", "tickets", "requestform"),
                _table("Status labels", "flag", "tickets", "statuslabel"),
                _table("Triage rules", "bolt", "tickets", "triagerule"),
                _table("Automation rules", "rule_settings", "tickets", "automationrule"),
                _table("Macros", "playlist_add_check", "tickets", "macro"),
                _table("Saved replies", "quickreply", "tickets", "savedreply"),
                _table("Blocked senders", "block", "tickets", "blockedsender"),
                _table("Tags", "label", "tickets", "tag"),
            ],
        ),
        (
            "Operations",
            [
                {
                    **_page("Integrations", "hub", "admin:integrations_overview", "integrations.view_circuit"),
                    "query": {},
                },
                _table("Incoming", "inbox", "integrations", "inboundevent"),
                _table("Mailbox addresses", "alternate_email", "integrations", "mailboxaddress"),
                _table("Deliveries", "outbox", "integrations", "delivery"),
                _page("Mails", "mail", "admin:integrations_mails", "integrations.view_mailtemplate"),
                _table("Addresses held back", "unsubscribe", "integrations", "suppressedaddress"),
                _page("Webhooks", "webhook", "admin:integrations_webhooks", "integrations.view_webhooksubscription"),
                _table("Slack channels", "tag", "integrations", "slackchannel"),
                _table("Journal", "history", "common", "event"),
            ],
        ),
    ]
    allowed = [
        (title, [_placed(entry, request) for entry in entries if _may(request, entry)]) for title, entries in groups
    ]
    return [{"title": title, "separator": bool(n), "items": items} for n, (title, items) in enumerate(allowed) if items]


def _queues(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the views of the queue that the person may open, each with the number of its tickets."""
    from tickets.console.shared import entries

    table = _table("All open", "inbox", "tickets", "ticket") | {"query": {}}
    if not _may(request, table):
        return []
    views = [
        table | {"title": one.name, "icon": one.glyph, "query": {"view": str(one.pk)}, "badge": one.count}
        for one in entries(request)
    ]
    return [table, *views, table | {"title": "All tickets", "icon": "list", "query": {"status": "all"}}]


def _table(title: str, icon: str, app: str, model: str) -> dict[str, Any]:
    return _page(title, icon, f"admin:{app}_{model}_changelist", f"{app}.view_{model}")


def _page(title: str, icon: str, name: str, permission: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "permission_name": permission, "name": name}


def _may(request: HttpRequest, entry: dict[str, Any]) -> bool:
    return request.user.has_perm(entry["permission_name"])


def _placed(entry: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    """Return unfold's item for `entry`, marked where it is the page at hand."""
    path, query = reverse(entry["name"]), entry.get("query", {})
    is_here = request.path.startswith(path)
    if "query" in entry:
        told = {name: value for name, value in request.GET.items() if name not in LOOKS}
        told = {"view": told["view"]} if "view" in told else told
        is_here = request.path == path and told == query
    link = f"{path}?{'&'.join(f'{key}={value}' for key, value in query.items())}" if query else path
    item = {"title": entry["title"], "icon": entry["icon"], "link": link, "active": is_here}
    return item | ({"badge": entry["badge"]} if "badge" in entry else {})


def _asset(path: str) -> Callable[[HttpRequest], str]:
    """Return what unfold calls for the address of a static file, once the storage knows it."""
    return lambda request: static(path)


UNFOLD = {
    "SITE_TITLE": "Support Portal",
    "SITE_HEADER": "Support Portal",
    "SITE_SUBHEADER": "OpenDataGov",
    "SITE_URL": "/",
    "SITE_ICON": _asset("logo.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _asset("favicon.svg")}],
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {"primary": PETROL, "base": INK},
    "STYLES": [
        _asset("css/tokens.css"),
        _asset("css/console.css"),
        _asset("css/console-composer.css"),
        _asset("css/console-queue.css"),
        _asset("css/console-keys.css"),
        _asset("css/console-sla.css"),
        _asset("css/console-integrations.css"),
        _asset("css/console-charts.css"),
        _asset("css/console-mail.css"),
        _asset("css/console-webhooks.css"),
        _asset("css/console-rules.css"),
        _asset("css/console-dashboard.css"),
    ],
    "SIDEBAR": {"show_search": True, "command_search": True, "navigation": navigation},
    "COMMAND": {"search_callback": "supportportal.console_site.find"},
}


class ConsoleConfig(AdminConfig):
    default_site = "supportportal.console_site.ConsoleSite"


class ConsolePolicyMiddleware:
    """Give the console's pages, and no others, what unfold's scripts and colours need of the content policy.

    Stands below csp.middleware.CSPMiddleware, which reads what is left on the answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A page that shows what strangers wrote brings a stricter policy of its own.
        is_own = hasattr(response, "_csp_replace")
        if not is_own and request.resolver_match is not None and "admin" in request.resolver_match.app_names:
            response._csp_update = settings.CONSOLE_CONTENT_SECURITY_POLICY  # type: ignore[attr-defined]
        return response
