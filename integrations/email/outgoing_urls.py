from django.urls import path

from integrations.email import tracking_view, unsubscribing

urlpatterns = [
    path("webhooks/email/sendgrid/tracking/", tracking_view.tracking, name="sendgrid-tracking"),
    path("unsubscribe/<str:token>", unsubscribing.unsubscribe, name="unsubscribe"),
]
