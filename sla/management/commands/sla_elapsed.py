from typing import Any

from django.core.management.base import CommandParser

from sla.management.commands.sla_due import CalendarCommand
from sla.rules.hours import MICROSECONDS_PER_SECOND
from sla.rules.timetable import Timetable


class Command(CalendarCommand):
    help = "Print the working seconds between two instants, as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--end", required=True, metavar="ISO", help="ISO 8601 with an offset or Z.")

    def answer(self, timetable: Timetable, options: dict[str, Any]) -> str:
        worked = timetable.elapsed(self.instant(options, "start"), self.instant(options, "end"))
        whole, rest = divmod(worked, MICROSECONDS_PER_SECOND)
        # As digits: a float would not carry the microseconds of a century.
        seconds = f"{whole}.{rest:06}".rstrip("0") if rest else str(whole)
        return f'{{"seconds": {seconds}}}'
