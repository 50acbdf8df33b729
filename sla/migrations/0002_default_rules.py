"""The policies and calendars that the support tiers come with. Community tickets are promised nothing."""

import datetime as dt

from django.db import migrations

ALWAYS = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
HOUR, DAY = 60, 24 * 60
OFFICE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
NIGHT_AND_DAY = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
CALENDARS = [
    ("Eastern office hours", "America/New_York", OFFICE),
    ("Day and night", "UTC", NIGHT_AND_DAY),
]
PRIORITIES = ("P1_CRITICAL", "P2_HIGH", "P3_NORMAL", "P4_LOW")
# name, tier, calendar, minutes of first response and of resolution by priority, steps of the first response
POLICIES = [
    (
        "Enterprise",
        "ENTERPRISE",
        "Day and night",
        (4 * HOUR, 8 * HOUR, 24 * HOUR, 48 * HOUR),
        (24 * HOUR, 3 * DAY, 7 * DAY, 14 * DAY),
        [
            ("P1_CRITICAL", 80, "NOTIFY_MANAGER"),
            ("P1_CRITICAL", 100, "ESCALATE_TO_VP_ENGINEERING"),
            ("P1_CRITICAL", 120, "PAGE_ON_CALL"),
            ("P2_HIGH", 80, "NOTIFY_MANAGER"),
            ("P2_HIGH", 100, "ESCALATE_TO_DIRECTOR"),
            ("P3_NORMAL", 100, "NOTIFY_MANAGER"),
        ],
    ),
    (
        "Professional",
        "PROFESSIONAL",
        "Eastern office hours",
        (8 * HOUR, 24 * HOUR, 48 * HOUR, 48 * HOUR),
        (16 * HOUR, 40 * HOUR, 80 * HOUR, 80 * HOUR),
        [("P1_CRITICAL", 100, "NOTIFY_MANAGER")],
    ),
]


def add(apps, schema_editor):
    """Add what is not there: a second time, after somebody renamed or changed it, nothing happens."""
    models = {name: apps.get_model("sla", name) for name in ("Rulebook", "BusinessCalendar", "CalendarVersion")}
    models |= {name: apps.get_model("sla", name) for name in ("SlaPolicy", "PolicyVersion", "SlaTarget")}
    step_model = apps.get_model("sla", "EscalationStep")
    if models["SlaPolicy"].objects.exists() or models["BusinessCalendar"].objects.exists():
        return
    models["Rulebook"].objects.get_or_create(pk=1)
    calendars = {}
    for name, zone, weekly in CALENDARS:
        calendars[name] = models["BusinessCalendar"].objects.create(name=name)
        models["CalendarVersion"].objects.create(
            calendar=calendars[name], number=1, effective_from=ALWAYS, time_zone=zone, weekly=weekly
        )
    for position, (name, tier, calendar, responses, resolutions, steps) in enumerate(POLICIES, start=1):
        policy = models["SlaPolicy"].objects.create(name=name, position=position)
        version = models["PolicyVersion"].objects.create(
            policy=policy,
            number=1,
            effective_from=ALWAYS,
            tiers=[tier],
            thresholds=[80, 100, 120],
            pause_statuses=["PENDING"],
        )
        models["SlaTarget"].objects.bulk_create(
            models["SlaTarget"](
                version=version, priority=priority, metric=metric, minutes=minutes, calendar=calendars[calendar]
            )
            for metric, row in (("FIRST_RESPONSE", responses), ("RESOLUTION", resolutions))
            for priority, minutes in zip(PRIORITIES, row, strict=True)
        )
        step_model.objects.bulk_create(
            step_model(version=version, metric="FIRST_RESPONSE", priority=priority, at_percent=percent, action=action)
            for priority, percent, action in steps
        )


class Migration(migrations.Migration):
    dependencies = [("sla", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
