from django.urls import path

from integrations.slack import views

urlpatterns = [
    path("webhooks/slack/events", views.events, name="slack-events"),
    path("webhooks/slack/commands", views.slash_command, name="slack-commands"),
    path("webhooks/slack/interactions", views.interactivity, name="slack-interactions"),
]
