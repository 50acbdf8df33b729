import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from accounts.seeding import create_customers, create_staff_users, seed_organizations
from knowledgebase.seeding import seed_articles
from tickets.seeding import FILE, seed_tickets


class Command(BaseCommand):
    help = "Fill the portal with people, organizations and about 200 tickets to try it with. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts-file", type=Path, help="Write who can sign in there (JSON), not to the screen.")

    def handle(self, *args: Any, **options: Any) -> None:
        seed_organizations()
        seed_articles()
        accounts = [*create_staff_users(), *create_customers()]
        with FILE.open(encoding="utf-8") as lines:
            total = sum(1 for _ in lines)
        made = sum(ticket is not None for ticket in tqdm(seed_tickets(), total=total, desc="Tickets", unit=""))
        self.stdout.write(self.style.SUCCESS(f"{made} tickets made."))
        if options["accounts_file"] is not None:
            path: Path = options["accounts_file"]
            path.touch(mode=0o600)
            path.write_text(json.dumps([vars(account) for account in accounts], indent=1), encoding="utf-8")
            return
        for account in accounts:
            self.stdout.write(f"{account.email}  {account.password}  {account.name}, {account.role}")
