from __future__ import annotations

import dataclasses
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.auditing import Account, audit

COLUMNS = ("created", "delivered", "pending", "dead", "skipped", "purged")


class Command(BaseCommand):
    help = (
        "Prove that everything that was to leave the portal is delivered, waits, was given up or was not needed any "
        "more, and name what is missing. Exit status 1 where something is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print one object.")

    def handle(self, **options: Any) -> None:
        accounts = audit()
        is_balanced = all(account.is_balanced for account in accounts)
        if options["json"]:
            books = [{**dataclasses.asdict(one), "is_balanced": one.is_balanced} for one in accounts]
            self.stdout.write(json.dumps({"is_balanced": is_balanced, "circuits": books}))
        else:
            self._print(accounts)
        if not is_balanced:
            raise CommandError("The books do not balance.")

    def _print(self, accounts: list[Account]) -> None:
        if not accounts:
            self.stdout.write("Nothing was ever queued.")
            return
        table = [
            ["circuit", *COLUMNS],
            *([one.circuit, *(f"{getattr(one, c):,}" for c in COLUMNS)] for one in accounts),
        ]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for first, *cells in table:
            figures = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
            self.stdout.write("  ".join([first.ljust(widths[0]), *figures]))
        for one in accounts:
            for words in one.hole_words:
                self.stdout.write(f"{one.circuit}: {words}")
            for pk in one.unproved:
                self.stdout.write(f"{one.circuit}: delivery {pk} is said to be made, and no try of it succeeded")
        if all(one.is_balanced for one in accounts):
            self.stdout.write("created = delivered + pending + dead + skipped + purged, and no number is missing.")
