"""What tickets ask for, as vectors. The task makes them."""

import django.db.models.deletion
from django.db import migrations, models

import common.time


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0003_triage_and_severity"),
    ]

    operations = [
        migrations.CreateModel(
            name="TicketVector",
            fields=[
                ("digest", models.CharField(max_length=64)),
                ("vector", models.BinaryField(null=True)),
                ("changed_at", models.DateTimeField(db_index=True, default=common.time.now)),
                (
                    "subject",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "db_table": "ticket_vectors",
                "indexes": [
                    models.Index(
                        condition=models.Q(("vector", None)), fields=["-changed_at"], name="ticket_vector_wanted"
                    )
                ],
            },
        ),
    ]
