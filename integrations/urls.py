"""The doors for other systems' messages, one map a channel."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("integrations.email.urls")),
    path("", include("integrations.email.outgoing_urls")),
    path("", include("integrations.slack.urls")),
]
