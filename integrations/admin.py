"""The console's pages of this room; each is named here so that it signs in."""

from common.console import add_pages
from integrations.console import deliveries, incoming
from integrations.console.overview import overview_page
from integrations.email import console as mail
from integrations.email import template_pages
from integrations.email.incoming import console as incoming_mail
from integrations.slack import console as slack
from integrations.webhooks import pages as webhooks

__all__ = ["deliveries", "incoming", "incoming_mail", "mail", "slack"]

add_pages([*webhooks.PAGES, *template_pages.PAGES, ("integrations/overview/", overview_page, "integrations_overview")])
