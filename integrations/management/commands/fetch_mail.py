from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from integrations.email.incoming.imap import MailboxTrouble
from integrations.email.incoming.polling import fetch_mail
from integrations.redaction import redacted


class Command(BaseCommand):
    help = "Store what is new in the IMAP mailbox. The schedule does so every minute."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.IMAP_URL:
            self.stderr.write("IMAP_URL is not set.")
            sys.exit(1)
        try:
            self.stdout.write(f"{fetch_mail()} new mails were stored.")
        except MailboxTrouble as trouble:
            self.stderr.write(redacted(str(trouble)))
            sys.exit(1)
