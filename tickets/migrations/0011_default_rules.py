"""Two rules on time: solved tickets close by themselves, and their requesters are told two days before."""

from django.db import migrations

REMINDER = """Hello {{ requester.first_name }},

we marked {{ ticket.reference }} as solved and have not heard from you since. It will be closed in about two days.

If something is still not right, answer this message: that opens your request again. Else there is nothing to do."""
SOLVED = {"field": "status", "op": "is", "value": "SOLVED"}
RULES = [
    {
        "key": "auto-close-reminder",
        "name": "reminder before closing",
        "description": "Tells the requester of a solved ticket that it closes soon, two days before it does.",
        "conditions": {
            "all": [
                SOLVED,
                {"field": "since_solved", "op": "longer_than", "value": "auto_close_reminder"},
                {"field": "since_solved", "op": "shorter_than", "value": "auto_close"},
                {"field": "since_updated", "op": "longer_than", "value": 48},
            ]
        },
        "actions": [{"action": "public_reply", "value": REMINDER}],
    },
    {
        "key": "auto-close",
        "name": "automatic closing",
        "description": "Closes what stayed solved for the time that the setting PORTAL_AUTO_CLOSE_DAYS says.",
        "conditions": {"all": [SOLVED, {"field": "since_solved", "op": "longer_than", "value": "auto_close"}]},
        "actions": [{"action": "set_status", "value": "CLOSED"}],
    },
]


def add(apps, schema_editor):
    for position, rule in enumerate(RULES, start=1):
        apps.get_model("tickets", "AutomationRule").objects.create(**rule, kind="SCHEDULED", position=position * 10)


def remove(apps, schema_editor):
    keys = [rule["key"] for rule in RULES]
    apps.get_model("tickets", "AutomationRule").objects.filter(key__in=keys).delete()


class Migration(migrations.Migration):
    dependencies = [("tickets", "0010_automation")]
    operations = [migrations.RunPython(add, remove)]
