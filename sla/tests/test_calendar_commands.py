"""`sla_due` and `sla_elapsed`: one line of JSON, whatever is asked, and no database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parents[2]
OFFICE = {
    "tz": "America/New_York",
    "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "special_days": [{"date": "2026-02-17", "hours": [], "name": "Holiday"}],
}


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a calendar file, or text as it is, and gives its path."""

    def write(content) -> str:
        path = tmp_path / "calendar.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    return write


def printed(command: str, **options) -> str:
    out, status = StringIO(), 0
    try:
        call_command(command, stdout=out, **options)
    except SystemExit as left:
        status = left.code
    assert status == ('"error"' in out.getvalue())
    assert out.getvalue().count("\n") == 1
    return out.getvalue().strip()


def asked(command: str, **options) -> dict:
    return json.loads(printed(command, **options))


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-02-06T16:00:00-05:00", "120", "2026-02-09T15:00:00Z"),
        ("2026-02-09T14:00:00Z", "480", "2026-02-09T22:00:00Z"),
        ("2026-02-09t14:00:00z", "0", "2026-02-09T14:00:00Z"),
        ("2026-02-09T15:00:00.25Z", "60", "2026-02-09T16:00:00.250000Z"),
        ("2026-02-16T15:00:00-05:00", "600", "2026-02-18T22:00:00Z"),
        ("20260206T210000Z", 120, "2026-02-09T15:00:00Z"),
    ],
)
def test_due_is_printed_in_utc(file, start, minutes, due):
    assert asked("sla_due", calendar=file(OFFICE), start=start, minutes=minutes) == {"due": due}


@pytest.mark.parametrize(
    ("start", "end", "line"),
    [
        ("2026-02-06T16:00:00-05:00", "2026-02-09T10:30:00-05:00", '{"seconds": 9000}'),
        ("2026-02-06T21:00:00.25Z", "2026-02-06T22:00:00Z", '{"seconds": 3599.75}'),
        ("2026-02-06T21:00:00Z", "2026-02-06T21:00:00.000001Z", '{"seconds": 0.000001}'),
        ("1990-01-01T15:00:00.000001Z", "2026-02-06T22:00:00Z", '{"seconds": 271292399.999999}'),
        ("2026-02-09T22:00:00Z", "2026-02-09T21:00:00Z", '{"seconds": 0}'),
    ],
)
def test_elapsed_is_printed_in_seconds_to_the_microsecond(file, start, end, line):
    assert printed("sla_elapsed", calendar=file(OFFICE), start=start, end=end) == line


def test_c12_an_impossible_calendar_is_answered_in_one_word(file):
    start = "2026-02-06T16:00:00Z"
    for closed in (
        {"tz": "UTC"},
        {"tz": "UTC", "special_days": [{"date": "2020-01-01", "hours": [["09:00", "10:00"]]}]},
    ):
        assert asked("sla_due", calendar=file(closed), start=start, minutes="1") == {"error": "no_working_time"}
    assert asked("sla_due", calendar=file(OFFICE), start=start, minutes="9" * 20) == {"error": "no_working_time"}


@pytest.mark.parametrize(
    ("content", "where", "words"),
    [
        ({"tz": "UTC", "weekly": {"mon": [["22:00", "06:00"]]}}, "weekly.mon[0]", "passes midnight"),
        ({"tz": "+02:00"}, "tz", "no time zone"),
        ({**OFFICE, "holidays": []}, "holidays", "no member"),
        ([], "", "must be an object"),
        ('{"tz": "UTC", "weekly": {"mon": [], "mon": [["09:00", "17:00"]]}}', "", "'mon' is there twice"),
        ("{tz: UTC}", "", "is not JSON"),
        ("", "", "is not JSON"),
        ("[" * 100_000, "", "is not JSON"),
    ],
)
def test_a_malformed_calendar_is_named_with_the_place(file, content, where, words):
    for command, options in (("sla_due", {"minutes": "1"}), ("sla_elapsed", {"end": "2026-02-06T16:00:00Z"})):
        answer = asked(command, calendar=file(content), start="2026-02-06T16:00:00Z", **options)
        assert (answer["error"], answer["where"]) == ("invalid_calendar", where)
        assert words in answer["detail"]


def test_a_file_that_cannot_be_read_is_no_calendar(tmp_path):
    for path in (tmp_path / "missing.json", tmp_path):
        answer = asked("sla_due", calendar=str(path), start="2026-02-06T16:00:00Z", minutes="1")
        assert answer["error"] == "invalid_calendar"
        assert "cannot be read" in answer["detail"]


def test_a_file_in_another_encoding_is_no_calendar(tmp_path):
    (tmp_path / "calendar.json").write_bytes('{"tz": "UTC", "é": 1}'.encode("latin-1"))
    answer = asked("sla_due", calendar=str(tmp_path / "calendar.json"), start="2026-02-06T16:00:00Z", minutes="1")
    assert answer["error"] == "invalid_calendar"


def test_a_byte_order_mark_is_read_over(file):
    assert asked(
        "sla_due", calendar=file("\ufeff" + json.dumps(OFFICE)), start="2026-02-09T15:00:00Z", minutes="1"
    ) == {"due": "2026-02-09T15:01:00Z"}


@pytest.mark.parametrize(
    "text", ["2026-02-06T16:00:00", "2026-02-06", "yesterday", "", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+14:00"]
)
def test_an_instant_without_an_offset_or_sense_is_refused(file, text):
    due = asked("sla_due", calendar=file(OFFICE), start=text, minutes="1")
    assert (due["error"], due["where"]) == ("invalid_start", "--start")
    elapsed = asked("sla_elapsed", calendar=file(OFFICE), start="2026-02-06T16:00:00Z", end=text)
    assert (elapsed["error"], elapsed["where"]) == ("invalid_end", "--end")
    assert elapsed["detail"] == due["detail"]


@pytest.mark.parametrize("minutes", ["-1", "1.5", "", "ten", "1_000", "٣", "9" * 5000])
def test_minutes_are_a_whole_number(file, minutes):
    answer = asked("sla_due", calendar=file(OFFICE), start="2026-02-06T16:00:00Z", minutes=minutes)
    assert (answer["error"], answer["where"]) == ("invalid_minutes", "--minutes")


def test_what_is_missing_is_a_usage_error(file):
    with pytest.raises(CommandError, match="--minutes"):
        call_command("sla_due", calendar=file(OFFICE), start="2026-02-06T16:00:00Z")


@pytest.mark.parametrize(
    ("content", "status", "line"),
    [(OFFICE, 0, '{"due": "2026-02-09T15:00:00Z"}\n'), ({"tz": "UTC"}, 1, '{"error": "no_working_time"}\n')],
)
def test_no_database_is_touched(file, tmp_path, content, status, line):
    """Nothing listens on the port of the database that is named."""
    start = ["--start", "2026-02-06T16:00:00-05:00"]
    done = subprocess.run(
        [sys.executable, "manage.py", "sla_due", "--calendar", file(content), *start, "--minutes", "120"],
        cwd=ROOT,
        env={
            **{key: value for key, value in os.environ.items() if not key.startswith(("COV_", "COVERAGE_"))},
            "DATABASE_URL": "postgresql://nobody:nothing@127.0.0.1:9/nowhere",
            "DATA_DIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (status, line, "")
