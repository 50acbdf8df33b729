"""Ticket numbers start at 1001, so that a first ticket does not look like one."""

from django.db import migrations

BEFORE_FIRST = 1000


def start_at_1001(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"SELECT setval(pg_get_serial_sequence('tickets', 'id'), {BEFORE_FIRST})")
    else:
        schema_editor.execute("DELETE FROM sqlite_sequence WHERE name = 'tickets'")
        schema_editor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", ["tickets", BEFORE_FIRST])


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]
    operations = [migrations.RunPython(start_at_1001, migrations.RunPython.noop)]
