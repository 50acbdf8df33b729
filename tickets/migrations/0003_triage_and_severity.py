"""The triage words of the field (matched as whole words) and the customer's view of severity (decision C36)."""

from django.db import migrations

RULES = [
    ("Critical words", ["down", "outage", "crash", "data loss", "security breach", "cannot access"], "P1_CRITICAL"),
    ("High words", ["error", "bug", "urgent", "asap", "critical", "important"], "P2_HIGH"),
]
SEVERITY = [
    ["blocking", "Blocking", "Work has stopped or data is at risk"],
    ["major", "Major", "An important part does not work, there is a way around it"],
    ["minor", "Minor", "A nuisance, or a question"],
    ["cosmetic", "Cosmetic", "It works, it only looks wrong"],
]


def add(apps, schema_editor):
    for position, (name, words, priority) in enumerate(RULES, start=1):
        apps.get_model("tickets", "TriageRule").objects.create(
            name=name, words=words, priority=priority, position=position * 10
        )
    apps.get_model("tickets", "CustomField").objects.create(
        key="severity", label="How much does it hold you up?", kind="CHOICE", choices=SEVERITY, position=10
    )


def remove(apps, schema_editor):
    apps.get_model("tickets", "TriageRule").objects.filter(name__in=[name for name, *_ in RULES]).delete()
    apps.get_model("tickets", "CustomField").objects.filter(key="severity").delete()


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_first_number")]
    operations = [migrations.RunPython(add, remove)]
