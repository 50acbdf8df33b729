"""One pass of the monitor: what the CronJob runs. Any number of passes may overlap."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sla.services import check_zones, run_monitor, take_steps
from sla.services.monitor import BATCH


class Command(BaseCommand):
    help = "Pass the levels that clocks have reached, record breaches, and let escalation steps come due."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=25, help="How long the pass may take (25).")
        parser.add_argument("--batch", type=int, default=BATCH, help=f"How many clocks a transaction takes ({BATCH}).")

    def handle(self, *args: Any, **options: Any) -> None:
        check_zones()
        seen = run_monitor(seconds=options["seconds"], batch=options["batch"])
        taken = take_steps()
        self.stdout.write(
            f"sla_monitor: {seen.clock_count} clock{'' if seen.clock_count == 1 else 's'} moved, "
            f"{seen.event_count} levels passed, {taken} steps taken, at most {seen.lag_seconds:.1f} s late"
            + ("" if seen.is_complete else "; the time was spent, more is due")
        )
