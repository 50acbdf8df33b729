"""Words of messages and subjects, for the search. Only PostgreSQL: in SQLite the texts themselves are read."""

from django.db import migrations

INDEXES = {
    "message_words": "messages USING gin (to_tsvector('simple', \"left\"(body, 100000)))",
    "ticket_words": "tickets USING gin (to_tsvector('simple', subject))",
}


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, on in INDEXES.items():
            schema_editor.execute(f"CREATE INDEX {name} ON {on}")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("tickets", "0014_default_rules")]
    operations = [migrations.RunPython(make, drop)]
