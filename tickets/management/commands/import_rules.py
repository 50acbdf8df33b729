from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.actors import SYSTEM
from common.errors import Invalid
from tickets import services
from tickets.automation.sharing import imported


class Command(BaseCommand):
    help = "Makes and changes automation rules from a file that export_rules wrote: all of them, or none."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, **options: Any) -> None:
        try:
            text = options["file"].read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The file cannot be read: {error}") from error
        try:
            made, changed = services.import_rules(imported(text), by=SYSTEM)
        except Invalid as refusal:
            raise CommandError(f"{refusal.field}: {refusal.message} Nothing was imported.") from refusal
        self.stdout.write(f"{made} made, {changed} changed.")
