"""The map of pages; the API has its own in supportportal/api.py."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from common import health, metrics
from common.styleguide import styleguide
from integrations.email import devmail

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/health", health.health, name="health"),
    path("api/health/live", health.live, name="health-live"),
    path("api/health/ready", health.ready, name="health-ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path("api/v1/", include("supportportal.api")),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),  # before allauth's, some of whose pages it takes the place of
    path("accounts/", include("allauth.account.urls")),
    path("dev/mail/", devmail.mail_list, name="dev-mail-list"),
    path("dev/mail/<str:name>", devmail.mail_detail, name="dev-mail"),
    path("dev/mail/<str:name>/html", devmail.mail_html, name="dev-mail-html"),
    path("", include("integrations.urls")),
    path("", include("knowledgebase.urls")),
    path("", include("tickets.urls")),
]
handler400 = "supportportal.refusals.bad_request"
handler403 = "supportportal.refusals.permission_denied"
handler404 = "supportportal.refusals.page_not_found"
handler500 = "supportportal.refusals.server_error"

if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))
