import csv
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from tickets.exporting import COLUMNS, csv_cells, exported_tickets
from tickets.models import Ticket


class Command(BaseCommand):
    help = "Export all tickets to a file: CSV (one line a ticket) or JSON Lines (with the conversation)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=["csv", "jsonl"], help="By default what the file's name ends in.")
        parser.add_argument("--internal", action="store_true", help="With the internal notes (JSON Lines).")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        is_csv = (options["format"] or path.suffix.lower().lstrip(".")) == "csv"
        rows = exported_tickets(with_internal_notes=options["internal"], with_messages=not is_csv)
        count = 0
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            if is_csv:
                writer.writerow(COLUMNS)
            for row in tqdm(rows, total=Ticket.objects.count(), desc="Tickets", unit=""):
                if is_csv:
                    writer.writerow(csv_cells(row))
                else:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
                count += 1
        self.stdout.write(self.style.SUCCESS(f"{count} tickets written to {path}."))
