"""`sla_backtest`: a back-test in the foreground, which writes nothing."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from common.journal import Event
from sla.models import BackTest, CalendarVersion, Clock, SlaPolicy
from sla.tests.console import OFFICE, drafted_policy
from tickets.services import change_ticket, post_public_reply

pytestmark = pytest.mark.django_db
OPEN_NEVER = {"tz": "UTC", "weekly": {}, "special_days": []}


@pytest.fixture
def draft(db):
    return drafted_policy(SlaPolicy.objects.get(name="Enterprise"))


@pytest.fixture
def answered_late(ticket, agnes):
    """Answered after three hours: four are in force, the draft promises two."""
    change_ticket(ticket, by=agnes, priority="P1_CRITICAL", team=agnes.teams.get(), at=ticket.created_at)
    post_public_reply(ticket, body="Please reindex.", by=agnes, at=ticket.created_at + dt.timedelta(hours=3))
    return ticket


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a calendar file, or text as it is, and gives its path."""

    def write(content) -> str:
        path = tmp_path / "calendar.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    return write


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("sla_backtest", *arguments, stdout=out)
    return out.getvalue()


def test_prints_a_table_for_priority_and_team(draft, answered_late):
    printed = run("--policy", "Enterprise")
    assert "Enterprise, draft, on tickets opened from" in printed
    assert "Under the draft 1 promise would have been broken instead of 0." in printed
    lines = [line.split() for line in printed.splitlines()]
    assert ["P1", "Critical", "0", "1", "1", "more", "100", "%", "0", "%"] in lines
    assert ["Alpha", "0", "1", "1", "more", "100", "%", "0", "%"] in lines
    assert sum(line[:1] == ["All"] for line in lines) == 2
    assert "Changed verdicts: 2. Replayed tickets: 1 in" in printed
    assert "a second." in printed


def test_columns_stand_under_their_heads(draft, answered_late):
    head, *rows = run("--policy", "Enterprise").split("\n\n")[1].splitlines()
    assert {len(row) for row in rows} == {len(head)}


def test_json_is_the_result(draft, answered_late):
    told = json.loads(run("--policy", "Enterprise", "--json"))
    assert told["tried"] == "Enterprise, draft"
    assert told["ticket_count"] == 1
    assert told["tickets_per_second"] >= 0
    assert told["totals"]["draft"] == {"met": 0, "breached": 1, "pending": 0}
    assert told["changed"][0] == [answered_late.pk, "FIRST_RESPONSE", 1, "met", "breached"]


def test_writes_nothing(draft, answered_late, file):
    before = (Event.objects.count(), Clock.objects.count(), CalendarVersion.objects.count())
    run("--policy", "Enterprise")
    run("--calendar", "Day and night", "--file", file(OPEN_NEVER | {"weekly": OFFICE}))
    assert (Event.objects.count(), Clock.objects.count(), CalendarVersion.objects.count()) == before
    assert not BackTest.objects.exists()


def test_all_tickets_in_batches(draft, answered_late, rita, monkeypatch):
    from tickets.services import open_ticket
    from tickets.vocabulary import Channel

    for n in range(4):
        open_ticket(subject=f"More {n}", description="More.", requester=rita, by=rita, channel=Channel.WEB)
    whole = json.loads(run("--policy", "Enterprise", "--json"))
    monkeypatch.setattr("sla.management.commands.sla_backtest.BATCH", 2)
    parts = json.loads(run("--policy", "Enterprise", "--json"))
    assert whole["ticket_count"] == parts["ticket_count"] == 5
    assert whole["totals"] == parts["totals"]


def test_a_calendar_file_is_tried_without_a_draft(answered_late, file):
    shut = {"tz": "UTC", "weekly": {}, "special_days": [{"date": "2999-01-01", "hours": [["09:00", "17:00"]]}]}
    path = file(shut)
    printed = run("--calendar", "Day and night", "--file", path)
    assert f"Day and night, as in {path}, on tickets opened from" in printed
    told = json.loads(run("--calendar", "Day and night", "--file", path, "--json"))
    assert told["totals"]["draft"] == told["totals"]["live"], "answered before an hour of that calendar had come"


def test_days_are_taken_with_both_ends(draft, answered_late):
    day = answered_late.created_at.date()
    only = ("--from", day.isoformat(), "--to", day.isoformat(), "--json")
    assert json.loads(run("--policy", "Enterprise", *only))["ticket_count"] == 1
    before = (day - dt.timedelta(days=1)).isoformat()
    assert json.loads(run("--policy", "Enterprise", "--to", before, "--json"))["ticket_count"] == 0


def test_no_tickets_is_no_failure(draft):
    printed = run("--policy", "Enterprise")
    assert "Under the draft no promise would have been broken, and none was." in printed
    assert "Replayed tickets: 0 in" in printed


def test_no_bar_where_nobody_watches(draft, answered_late, capsys):
    run("--policy", "Enterprise")
    assert "Tickets" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--policy", "Gold"], "There is no policy Gold. There are: Enterprise, Professional."),
        (["--policy", "Professional"], "Professional has no draft. Write one in the console."),
        (["--calendar", "Moon"], "There is no calendar Moon. There are: Day and night, Eastern office hours."),
        (["--calendar", "Day and night"], "or name a file with --file."),
        (["--policy", "Enterprise", "--file", "x.json"], "name it with --calendar"),
        (["--calendar", "Day and night", "--file", "/nowhere/x.json"], "cannot be read: No such file or directory."),
        (["--policy", "Enterprise", "--from", "9 Feb"], "--from: “9 Feb” is not a date. Write it like 2026-02-09."),
        (["--policy", "Enterprise", "--to", "9999-12-31"], "no ticket was opened in the year 9999"),
        (["--policy", "Enterprise", "--from", "2026-02-02", "--to", "2026-02-01"], "The period ends before it begins."),
        ([], "one of the arguments --policy --calendar is required"),
        (["--policy", "Enterprise", "--calendar", "Day and night"], "not allowed with argument"),
    ],
)
def test_what_cannot_be_tried_is_told(draft, arguments, why):
    with pytest.raises(CommandError, match=r".*") as refused:
        run(*arguments)
    assert why in str(refused.value)
    assert refused.value.returncode == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("not json", "is not JSON"),
        ([], "must be an object"),
        ({"tz": "Europe/Atlantis"}, "tz: There is no time zone"),
        ({"tz": "UTC", "weekly": {"mon": [["17:00", "09:00"]]}}, "weekly.mon"),
        (OPEN_NEVER, "is never open"),
    ],
)
def test_a_calendar_file_at_fault_is_told_by_its_place(file, content, why):
    with pytest.raises(CommandError) as refused:
        run("--calendar", "Day and night", "--file", file(content))
    assert why in str(refused.value)
