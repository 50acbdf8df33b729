"""The map of the API, under /api/v1/. Every route and method is named here; none ends in a slash."""

from django.urls import URLPattern, URLResolver, path

from accounts.api import (
    AccessTokenViewSet,
    MeViewSet,
    OrganizationViewSet,
    ProductAreaViewSet,
    SignInViewSet,
    UserViewSet,
)
from integrations.api.health import IntegrationViewSet
from integrations.webhooks.api import WebhookDeliveryViewSet, WebhookViewSet
from knowledgebase.api import ArticleViewSet, CategoryViewSet, RevisionViewSet, SearchViewSet
from sla.api import ComplianceViewSet, MetricsViewSet, PolicyViewSet, TicketSlaViewSet
from supportportal.description import DocsView, ProblemTypeView, SchemaView
from tickets.api.agents import WorkloadViewSet
from tickets.api.changes import ChangesViewSet
from tickets.api.conversation import AttachmentViewSet, CommentViewSet, DownloadView, EventViewSet
from tickets.api.csat import CsatMetricsViewSet, CsatViewSet
from tickets.api.jobs import JobViewSet
from tickets.api.links import LinkViewSet
from tickets.api.macros import MacroViewSet, TicketMacroViewSet
from tickets.api.reports import ReportViewSet
from tickets.api.request_forms import RequestFormViewSet
from tickets.api.tickets import TicketViewSet
from tickets.api.views import SavedViewViewSet, ViewTicketsViewSet

app_name = "api"

TICKET = "tickets/<str:ticket_id>"
MACRO = f"{TICKET}/macros/<int:macro_id>"
VIEW = "views/<int:view_id>"
WEBHOOK = "webhooks/<int:webhook_id>"
ARTICLE = "kb/articles/<slug:slug>"
REVISION = f"{ARTICLE}/revisions/<int:number>"

urlpatterns: list[URLPattern | URLResolver] = [
    # tickets
    path("tickets", TicketViewSet.as_view({"get": "list", "post": "create"}), name="tickets"),
    path("tickets/bulk", JobViewSet.as_view({"post": "open_many"}), name="tickets-bulk"),
    path("tickets/bulk-update", JobViewSet.as_view({"post": "change_many"}), name="tickets-bulk-update"),
    path("jobs/<int:job_id>", JobViewSet.as_view({"get": "retrieve"}), name="job"),
    path(TICKET, TicketViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="ticket"),
    path(f"{TICKET}/solve", TicketViewSet.as_view({"post": "solve"}), name="ticket-solve"),
    path(f"{TICKET}/reopen", TicketViewSet.as_view({"post": "reopen"}), name="ticket-reopen"),
    path(f"{TICKET}/cancel", TicketViewSet.as_view({"post": "cancel"}), name="ticket-cancel"),
    path(f"{TICKET}/close", TicketViewSet.as_view({"post": "close"}), name="ticket-close"),
    path(f"{TICKET}/assign", TicketViewSet.as_view({"post": "assign"}), name="ticket-assign"),
    path(f"{TICKET}/merge", TicketViewSet.as_view({"post": "merge"}), name="ticket-merge"),
    path(f"{TICKET}/split", TicketViewSet.as_view({"post": "split"}), name="ticket-split"),
    path(f"{TICKET}/comments", CommentViewSet.as_view({"get": "list", "post": "create"}), name="ticket-comments"),
    path(
        f"{TICKET}/attachments", AttachmentViewSet.as_view({"get": "list", "post": "create"}), name="ticket-attachments"
    ),
    path("attachments/<str:token>", DownloadView.as_view(), name="attachment-download"),
    path(f"{TICKET}/sla", TicketSlaViewSet.as_view({"get": "retrieve"}), name="ticket-sla"),
    path(f"{TICKET}/csat", CsatViewSet.as_view({"post": "create"}), name="ticket-csat"),
    path("csat/metrics", CsatMetricsViewSet.as_view({"get": "metrics"}), name="csat-metrics"),
    path(f"{TICKET}/events", EventViewSet.as_view({"get": "list"}), name="ticket-events"),
    path(f"{TICKET}/related", LinkViewSet.as_view({"get": "list", "post": "create"}), name="ticket-related-list"),
    path(f"{TICKET}/related/<int:link_id>", LinkViewSet.as_view({"delete": "destroy"}), name="ticket-related"),
    path("agents/workload", WorkloadViewSet.as_view({"get": "workload"}), name="agents-workload"),
    path("reports", ReportViewSet.as_view({"get": "names"}), name="reports"),
    path("reports/<slug:name>", ReportViewSet.as_view({"get": "retrieve"}), name="report"),
    path("changes", ChangesViewSet.as_view({"get": "changes"}), name="changes"),
    path("views", SavedViewViewSet.as_view({"get": "list", "post": "create"}), name="views"),
    path(
        VIEW,
        SavedViewViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="view",
    ),
    path(f"{VIEW}/tickets", ViewTicketsViewSet.as_view({"get": "list"}), name="view-tickets"),
    path("macros", MacroViewSet.as_view({"get": "list"}), name="macros"),
    path(f"{MACRO}/preview", TicketMacroViewSet.as_view({"get": "preview"}), name="ticket-macro-preview"),
    path(f"{MACRO}/apply", TicketMacroViewSet.as_view({"post": "apply"}), name="ticket-macro-apply"),
    # promises
    path("sla/policies", PolicyViewSet.as_view({"get": "list"}), name="sla-policies"),
    path("sla/metrics", MetricsViewSet.as_view({"get": "metrics"}), name="sla-metrics"),
    path("sla/compliance/<str:ticket_id>", ComplianceViewSet.as_view({"get": "retrieve"}), name="sla-compliance"),
    # other systems
    path("integrations", IntegrationViewSet.as_view({"get": "health"}), name="integrations"),
    # signing in, people
    path("auth/token", SignInViewSet.as_view({"post": "obtain"}), name="token"),
    path("auth/token/refresh", SignInViewSet.as_view({"post": "renew"}), name="token-refresh"),
    path("auth/token/revoke", SignInViewSet.as_view({"post": "revoke"}), name="token-revoke"),
    path("me", MeViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="me"),
    path("me/tokens", AccessTokenViewSet.as_view({"get": "list", "post": "create"}), name="access-tokens"),
    path("me/tokens/<int:token_id>", AccessTokenViewSet.as_view({"delete": "destroy"}), name="access-token"),
    path("organizations", OrganizationViewSet.as_view({"get": "list"}), name="organizations"),
    path("organizations/<int:organization_id>", OrganizationViewSet.as_view({"get": "retrieve"}), name="organization"),
    path("users", UserViewSet.as_view({"get": "list"}), name="users"),
    path("users/<int:user_id>", UserViewSet.as_view({"get": "retrieve"}), name="user"),
    path("request-forms", RequestFormViewSet.as_view({"get": "list"}), name="request-forms"),
    path("product-areas", ProductAreaViewSet.as_view({"get": "list"}), name="product-areas"),
    # webhooks
    path("webhooks", WebhookViewSet.as_view({"get": "list", "post": "create"}), name="webhooks"),
    path(
        WEBHOOK,
        WebhookViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="webhook",
    ),
    path(f"{WEBHOOK}/rotate-secret", WebhookViewSet.as_view({"post": "rotate_secret"}), name="webhook-rotate-secret"),
    path(f"{WEBHOOK}/test", WebhookViewSet.as_view({"post": "test"}), name="webhook-test"),
    path(f"{WEBHOOK}/redeliver", WebhookViewSet.as_view({"post": "redeliver"}), name="webhook-redeliver"),
    path(f"{WEBHOOK}/deliveries", WebhookDeliveryViewSet.as_view({"get": "list"}), name="webhook-deliveries"),
    path(
        "deliveries/<int:delivery_id>/redeliver",
        WebhookDeliveryViewSet.as_view({"post": "redeliver"}),
        name="delivery-redeliver",
    ),
    # knowledge base
    path("kb/search", SearchViewSet.as_view({"get": "search"}), name="kb-search"),
    path("kb/suggest", SearchViewSet.as_view({"get": "suggest"}), name="kb-suggest"),
    path("kb/articles", ArticleViewSet.as_view({"get": "list", "post": "create"}), name="kb-articles"),
    path(
        ARTICLE,
        ArticleViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="kb-article",
    ),
    path(f"{ARTICLE}/feedback", ArticleViewSet.as_view({"post": "feedback"}), name="kb-article-feedback"),
    path(f"{ARTICLE}/submit", ArticleViewSet.as_view({"post": "submit"}), name="kb-article-submit"),
    path(f"{ARTICLE}/review", ArticleViewSet.as_view({"post": "review"}), name="kb-article-review"),
    path(f"{ARTICLE}/publish", ArticleViewSet.as_view({"post": "publish"}), name="kb-article-publish"),
    path(f"{ARTICLE}/archive", ArticleViewSet.as_view({"post": "archive"}), name="kb-article-archive"),
    path(f"{ARTICLE}/revisions", RevisionViewSet.as_view({"get": "list"}), name="kb-article-revisions"),
    path(REVISION, RevisionViewSet.as_view({"get": "retrieve"}), name="kb-article-revision"),
    path(f"{REVISION}/restore", RevisionViewSet.as_view({"post": "restore"}), name="kb-article-restore"),
    path("kb/categories", CategoryViewSet.as_view({"get": "list"}), name="kb-categories"),
    # the API itself
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", DocsView.as_view(), name="docs"),
    path("problems/<slug:code>", ProblemTypeView.as_view(), name="problem-type"),
]
