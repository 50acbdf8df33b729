"""A back-test in the foreground, which writes nothing: for large trials, and for a calendar file nobody has saved."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone
from tqdm import tqdm

from common.time import now
from sla import library
from sla.backtest import add_to, compare, empty_result
from sla.library import Drafts
from sla.models import BusinessCalendar, CalendarVersion, PolicyVersion, SlaPolicy
from sla.outcomes import Row, arm_words, rows_of, sentence, totals_of, tried_words
from sla.rules.hours import CalendarError, read_hours, require_working_time, write_hours
from tickets.models import Ticket

BATCH = 500
DAYS = 90
V = TypeVar("V", PolicyVersion, CalendarVersion)
NO_ROW = 0  # the id of a version that is in no table
HEADS = ("", "broken in force", "broken in trial", "difference", "kept in force", "kept in trial")


@dataclass
class Trial:
    """What the command found. result: as sla/backtest.py has it."""

    result: dict[str, Any]
    ticket_count: int = 0
    seconds: float = 0.0

    @property
    def tickets_per_second(self) -> int:
        return round(self.ticket_count / self.seconds) if self.seconds else 0


class Command(BaseCommand):
    help = (
        "Run past tickets through the draft of a policy or a calendar, and tell which promises would have been kept or "
        "broken. Writes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        tried = parser.add_mutually_exclusive_group(required=True)
        tried.add_argument("--policy", metavar="NAME", help="Try the draft of this policy.")
        tried.add_argument("--calendar", metavar="NAME", help="Try the draft of this calendar.")
        parser.add_argument("--file", type=Path, help="Try this calendar file in place of the calendar's draft.")
        parser.add_argument(
            "--from", dest="first", metavar="DATE", help=f"Tickets opened from this day on; {DAYS} days ago."
        )
        parser.add_argument("--to", dest="last", metavar="DATE", help="Tickets opened up to this day, with it; today.")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        drafts = _drafts(options)
        first, last = _days(options)
        trial = run(drafts, _opened(first, last))
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(trial, drafts, first, last), indent=2))
            return
        self.stdout.write(f"{_tried(drafts)}, on tickets opened from {first} to {last}")
        self.stdout.write(sentence(trial.result, arm=arm_words(drafts.policy, drafts.calendar)))
        for group in ("priority", "team"):
            self.stdout.write("\n" + _table(group, [*rows_of(trial.result, group), totals_of(trial.result)]))
        self.stdout.write(
            f"\nChanged verdicts: {trial.result['changed_count']:,}. Replayed tickets: {trial.ticket_count:,} in "
            f"{trial.seconds:.1f} s, {trial.tickets_per_second:,} a second."
        )


def run(drafts: Drafts, tickets: QuerySet[Ticket]) -> Trial:
    """Replay `tickets` under what is in force and under `drafts`, with a progress bar where somebody watches."""
    trial, started = Trial(empty_result()), perf_counter()
    live, draft, at = library.trial(), library.trial(drafts), now()
    with tqdm(total=tickets.count(), desc="Tickets", unit="", disable=None) as bar:
        for ids in _batches(tickets):
            add_to(trial.result, compare(ids, live=live, draft=draft, until=at))
            trial.ticket_count += len(ids)
            bar.update(len(ids))
    trial.seconds = perf_counter() - started
    return trial


def _batches(tickets: QuerySet[Ticket]) -> Iterator[list[int]]:
    after = 0
    while ids := list(tickets.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield ids
        after = ids[-1]


def _drafts(options: dict[str, Any]) -> Drafts:
    if options["policy"]:
        if options["file"]:
            raise CommandError("A calendar file is tried in place of a calendar: name it with --calendar.")
        policy = SlaPolicy.objects.filter(name=options["policy"]).first()
        if policy is None:
            raise CommandError(f"There is no policy {options['policy']}. {_known(SlaPolicy.objects.all())}")
        return Drafts(policy=_found(policy.versions.filter(number=None).prefetch_related("targets", "steps"), policy))
    calendar = BusinessCalendar.objects.filter(name=options["calendar"]).first()
    if calendar is None:
        raise CommandError(f"There is no calendar {options['calendar']}. {_known(BusinessCalendar.objects.all())}")
    if options["file"]:
        return Drafts(calendar=_from_file(calendar, options["file"]))
    return Drafts(calendar=_found(calendar.versions.filter(number=None), calendar, ", or name a file with --file"))


def _found(drafts: QuerySet[V], owner: SlaPolicy | BusinessCalendar, hint: str = "") -> V:
    draft = drafts.first()
    if draft is None:
        raise CommandError(f"{owner} has no draft. Write one in the console{hint}.")
    return draft


def _from_file(calendar: BusinessCalendar, path: Path) -> CalendarVersion:
    try:
        hours = read_hours(json.loads(path.read_text(encoding="utf-8")))
        require_working_time(hours, on=dt.date.min)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except CalendarError as error:
        raise CommandError(f"{path}: {error.where + ': ' if error.where else ''}{error.message}") from error
    except ValueError as error:
        raise CommandError(f"{path} is not JSON: {error}.") from error
    week = write_hours(hours)
    return CalendarVersion(
        pk=NO_ROW,
        calendar=calendar,
        time_zone=week["tz"],
        weekly=week["weekly"],
        special_days=week["special_days"],
        note=str(path),
    )


def _tried(drafts: Drafts) -> str:
    calendar = drafts.calendar
    if calendar is not None and calendar.pk == NO_ROW:
        return f"{calendar.calendar}, as in {calendar.note}"
    return tried_words(drafts.policy, calendar)


def _known(rows: QuerySet[Any]) -> str:
    names = ", ".join(str(row) for row in rows)
    return f"There are: {names}." if names else "There is none at all."


def _days(options: dict[str, Any]) -> tuple[dt.date, dt.date]:
    last = _day(options["last"], "--to") or timezone.localdate()
    first = _day(options["first"], "--from") or last - dt.timedelta(days=DAYS)
    if first > last:
        raise CommandError("The period ends before it begins.")
    return first, last


def _day(text: str | None, option: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise CommandError(f"{option}: “{text}” is not a date. Write it like 2026-02-09.") from error
    if day is not None and not 1970 <= day.year <= 2999:
        raise CommandError(f"{option}: no ticket was opened in the year {day.year}.")
    return day


def _opened(first: dt.date, last: dt.date) -> QuerySet[Ticket]:
    since, until = (
        timezone.make_aware(dt.datetime.combine(day, dt.time())) for day in (first, last + dt.timedelta(days=1))
    )
    return Ticket.objects.filter(created_at__gte=since, created_at__lt=until)


def _table(group: str, rows: list[Row]) -> str:
    """Return rows as a table with aligned columns."""
    cells = [(group, *HEADS[1:]), *(_cells(row) for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(HEADS))]
    return "\n".join(
        "  ".join(
            [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        )
        for line in cells
    )


def _cells(row: Row) -> tuple[str, ...]:
    rates = (f"{rate:g} %" if rate is not None else "-" for rate in (row.live.kept_percent, row.draft.kept_percent))
    return (row.name, f"{row.live.breached:,}", f"{row.draft.breached:,}", row.difference, *rates)


def _as_json(trial: Trial, drafts: Drafts, first: dt.date, last: dt.date) -> dict[str, Any]:
    return {
        "tried": _tried(drafts),
        "from": first.isoformat(),
        "to": last.isoformat(),
        "ticket_count": trial.ticket_count,
        "seconds": round(trial.seconds, 3),
        "tickets_per_second": trial.tickets_per_second,
        **trial.result,
    }
