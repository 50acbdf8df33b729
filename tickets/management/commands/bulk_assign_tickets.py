from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import Strategy, Team
from common.actors import SYSTEM
from common.errors import PortalError
from tickets import services
from tickets.models import Ticket


class Command(BaseCommand):
    help = (
        "Give open tickets without an assignee to agents, the most urgent first and the oldest of those, and say of "
        "each who has it and why, or why nobody. Safe to run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--strategy",
            type=str.lower,
            choices=[strategy.lower() for strategy in Strategy.values],
            default=Strategy.SKILL_BASED.lower(),
        )
        parser.add_argument("--team", help="Only tickets of the team of this name.")
        parser.add_argument("--limit", type=int, default=500, help="Look at no more tickets than these (500).")
        parser.add_argument("--dry-run", action="store_true", help="Say what would be done, and do nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["limit"] < 1:
            raise CommandError("--limit: must be at least 1.")
        tickets = Ticket.objects.open().filter(assignee=None).order_by("priority", "created_at", "pk")
        if options["team"]:
            tickets = tickets.filter(team=self._team(options["team"]))
        chosen = list(tickets[: options["limit"]])
        strategy = options["strategy"].upper()
        if options["dry_run"]:
            with transaction.atomic():  # each choice counts for the next ones, and all are taken back
                counts = self._assign(chosen, strategy)
                transaction.set_rollback(True)
        else:
            counts = self._assign(chosen, strategy)
        verb = "would be assigned" if options["dry_run"] else "assigned"
        self.stdout.write(self.style.SUCCESS(f"{counts['assigned']} {verb}, {counts['skipped']} skipped."))

    def _team(self, name: str) -> Team:
        team = Team.objects.filter(name__iexact=name.strip()).first()
        if team is None:
            names = ", ".join(Team.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"--team: there is no team {name}. There is: {names}.")
        return team

    def _assign(self, tickets: list[Ticket], strategy: str) -> Counter[str]:
        counts: Counter[str] = Counter()
        for ticket in tickets:
            try:
                assigned = services.assign_ticket(ticket, strategy=strategy, by=SYSTEM)
            except PortalError as refusal:
                self.stdout.write(f"{ticket.reference} skipped: {refusal.message}")
                counts["skipped"] += 1
                continue
            words = "assigned to" if assigned.is_new else "skipped:"  # the reason begins with the name
            self.stdout.write(f"{ticket.reference} {words} {assigned.reason}")
            counts["assigned" if assigned.is_new else "skipped"] += 1
        return counts
