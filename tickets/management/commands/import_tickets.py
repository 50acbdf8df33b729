import json
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from tickets.importing import import_row, read_rows


class Command(BaseCommand):
    help = (
        "Import tickets from a CSV or JSON Lines file. A row is known by its external_id, or by what it says where it "
        "has none, so an import that was interrupted goes on where it stopped when it is run again. Nobody is mailed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Judge every row and write nothing.")
        parser.add_argument(
            "--rejected", type=Path, help="Write the rejected rows' lines and reasons there (JSON Lines)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        total = sum(1 for _ in read_rows(path))
        rows = tqdm(read_rows(path), total=total, desc="Tickets", unit="")
        outcomes = [import_row(line, row, is_trial=options["dry_run"]) for line, row in rows]
        counts = Counter(outcome.state for outcome in outcomes)
        rejected = [outcome for outcome in outcomes if outcome.state == "rejected"]
        for outcome in rejected:
            self.stdout.write(f"line {outcome.line}: {outcome.reason}")
        if options["rejected"] is not None:
            lines = (json.dumps({"line": outcome.line, "reason": outcome.reason}) + "\n" for outcome in rejected)
            options["rejected"].write_text("".join(lines), encoding="utf-8")
        verb = "would be imported" if options["dry_run"] else "imported"
        self.stdout.write(
            self.style.SUCCESS(f"{counts['imported']} {verb}, {counts['known']} known, {counts['rejected']} rejected.")
        )
