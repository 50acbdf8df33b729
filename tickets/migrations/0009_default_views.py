"""The views that every support team needs, shared by all."""

from django.db import migrations

VIEWS = [
    ("Unassigned", "person_add", {"assignee": ["nobody"]}, "", []),
    ("Mine", "person", {"assignee": ["me"]}, "", []),
    ("My team", "groups", {"team": ["mine"]}, "", []),
    ("Breaching soon", "timer", {"due": ["soon"]}, "", []),
    ("Waiting for customer", "hourglass_empty", {"status": ["PENDING"]}, "quiet", ["requester", "assignee", "updated"]),
    (
        *("Recently solved", "check_circle", {"status": ["SOLVED", "CLOSED"], "solved": ["7"]}, "updated"),
        ["requester", "status", "assignee", "updated"],
    ),
    ("Spam", "report", {"status": ["all"], "tag": ["spam"]}, "newest", ["requester", "status", "channel", "created"]),
]


def add(apps, schema_editor):
    for position, (name, glyph, filters, sort, columns) in enumerate(VIEWS, start=1):
        apps.get_model("tickets", "SavedView").objects.create(
            name=name, glyph=glyph, filters=filters, sort=sort, columns=columns, position=position * 10
        )


def remove(apps, schema_editor):
    names = [name for name, *_ in VIEWS]
    apps.get_model("tickets", "SavedView").objects.filter(owner=None, team=None, name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [("tickets", "0008_saved_views")]
    operations = [migrations.RunPython(add, remove)]
