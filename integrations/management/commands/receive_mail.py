"""The pipe: a mail server hands over one mail on standard input."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseError

from integrations.email.incoming.parsing import BYTES_MOST
from integrations.email.incoming.storing import store

TRY_AGAIN = os.EX_TEMPFAIL  # 75: the mail server keeps the mail and comes again
REFUSED = os.EX_DATAERR  # 65: it tells the sender


class Command(BaseCommand):
    help = "Store one mail from standard input. Exit status 75 asks the mail server to come again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recipient", default="", help="The envelope's recipient, where the mail server knows it.")

    def handle(self, *_args: Any, recipient: str, **_options: Any) -> None:
        raw = sys.stdin.buffer.read(BYTES_MOST + 1)
        if len(raw) > BYTES_MOST:
            self.stderr.write(f"The mail is larger than {BYTES_MOST // 1_000_000} MB.")
            sys.exit(REFUSED)
        if not raw.strip():
            self.stderr.write("There is no mail on standard input.")
            sys.exit(REFUSED)
        try:
            row = store(raw, way="pipe", recipient=recipient)
        except (DatabaseError, OSError) as error:
            self.stderr.write(f"It could not be stored now: {type(error).__name__}")
            sys.exit(TRY_AGAIN)
        self.stdout.write(f"Stored as {row.pk}." if row else "It was stored before.")
