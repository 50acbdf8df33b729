import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sla.rules.hours import MICROSECONDS_PER_MINUTE, CalendarError, read_hours
from sla.rules.timetable import NoWorkingTime, Timetable


class Refused(Exception):
    """An argument that cannot be used. code: the `error` that is printed."""

    def __init__(self, code: str, **details: str) -> None:
        super().__init__(code)
        self.answer = {"error": code, **details}


class CalendarCommand(BaseCommand):
    """Counts in the calendar of a file and prints one line of JSON; what is wrong comes as JSON too, with status 1.

    Touches no database, so that it can be asked anywhere.
    """

    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--calendar", required=True, metavar="FILE.json", help="See docs/sla.md.")
        parser.add_argument("--start", required=True, metavar="ISO", help="ISO 8601 with an offset or Z.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(self.answer(self.timetable(Path(options["calendar"])), options))
        except (CalendarError, NoWorkingTime, Refused) as error:
            self.stdout.write(json.dumps(_refusal(error)))
            raise SystemExit(1) from error

    def answer(self, timetable: Timetable, options: dict[str, Any]) -> str:
        """Return the line to print."""
        raise NotImplementedError

    def timetable(self, path: Path) -> Timetable:
        try:
            data = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_each_member_once)
        except OSError as error:
            raise CalendarError(f"The file {path} cannot be read: {error.strerror or error}.") from error
        except CalendarError:
            raise
        except (ValueError, RecursionError) as error:
            raise CalendarError(f"The file {path} is not JSON: {error}.") from error
        return Timetable(read_hours(data), path.name)

    def instant(self, options: dict[str, Any], name: str) -> dt.datetime:
        """Return the option as an instant in UTC."""
        code, text = f"invalid_{name}", options[name]
        try:
            instant = dt.datetime.fromisoformat(text.strip().upper())
            if instant.utcoffset() is None:
                problem = f"{text} could be any of a day's instants; end it in Z or in an offset such as +01:00."
                raise Refused(code, detail=problem, where=f"--{name}")
            return instant.astimezone(dt.UTC)
        except (ValueError, OverflowError) as error:
            problem = f"{text[:40]!r} is not an instant: {error}. Write it like 2026-02-08T03:00:00Z."
            raise Refused(code, detail=problem, where=f"--{name}") from error


def _refusal(error: CalendarError | NoWorkingTime | Refused) -> dict[str, str]:
    if isinstance(error, CalendarError):
        return {"error": "invalid_calendar", "detail": error.message, "where": error.where}
    return error.answer if isinstance(error, Refused) else {"error": "no_working_time"}


def _each_member_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        twice = next(name for name in names if names.count(name) > 1)
        raise CalendarError(f"The member {twice[:40]!r} is there twice; only one of them can hold.")
    return found


class Command(CalendarCommand):
    help = "Print the instant by which so many working minutes have passed, as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--minutes", required=True, metavar="N", help="Working minutes, a whole number >= 0.")

    def answer(self, timetable: Timetable, options: dict[str, Any]) -> str:
        start, text = self.instant(options, "start"), str(options["minutes"])
        if not (text.isascii() and text.isdigit() and len(text) <= 20):
            raise Refused("invalid_minutes", detail=f"{text[:40]!r} is not a whole number >= 0.", where="--minutes")
        due = timetable.add(start, int(text) * MICROSECONDS_PER_MINUTE)
        return json.dumps({"due": due.isoformat().replace("+00:00", "Z")})
