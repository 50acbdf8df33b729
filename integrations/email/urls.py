from django.urls import path

from integrations.email.incoming import webhook

urlpatterns = [path("webhooks/email/sendgrid/inbound/", webhook.inbound, name="sendgrid-inbound")]
