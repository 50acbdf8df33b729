import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.time


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_assignment"),
        ("tickets", "0010_working"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AssignmentWish",
            fields=[
                (
                    "ticket",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="tickets.ticket",
                    ),
                ),
                (
                    "strategy",
                    models.CharField(
                        choices=[
                            ("SKILL_BASED", "By skills"),
                            ("ROUND_ROBIN", "In turn"),
                            ("LOAD_BALANCED", "Whoever has the fewest open tickets"),
                        ],
                        max_length=16,
                    ),
                ),
                ("wanted_at", models.DateTimeField(default=common.time.now)),
            ],
            options={
                "db_table": "assignment_wishes",
                "ordering": ["wanted_at", "ticket_id"],
            },
        ),
        migrations.CreateModel(
            name="AssignmentTurn",
            fields=[
                ("scope", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("taken_at", models.DateTimeField(null=True)),
                (
                    "agent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.team"
                    ),
                ),
            ],
            options={
                "db_table": "assignment_turns",
            },
        ),
    ]
