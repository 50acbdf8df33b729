from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from integrations.email.incoming.imap import MailboxTrouble, sequence
from integrations.email.incoming.polling import Count, reconcile_mail
from integrations.redaction import redacted


class Command(BaseCommand):
    help = "Compare the mails on the IMAP server with those stored, and name any gap. Exit status 1 where there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="Store what is missing.")

    def handle(self, *_args: Any, repair: bool, **_options: Any) -> None:
        if not settings.IMAP_URL:
            self.stderr.write("IMAP_URL is not set.")
            sys.exit(1)
        try:
            counts = reconcile_mail(is_repairing=repair)
        except MailboxTrouble as trouble:
            self.stderr.write(redacted(str(trouble)))
            sys.exit(1)
        for count in counts:
            self.stdout.write(_line(count, is_repaired=repair))
        if any(count.gaps for count in counts) and not repair:
            sys.exit(1)


def _line(count: Count, *, is_repaired: bool) -> str:
    words = f"{count.folder}: {count.on_server} on the server, {count.stored} stored, {count.waiting} not fetched yet"
    if not count.gaps:
        return f"{words}, no gap."
    deed = "were missing and are stored now" if is_repaired else "are missing"
    return f"{words}; {len(count.gaps)} {deed}: UID {sequence(count.gaps)}."
