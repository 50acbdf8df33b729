import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("knowledgebase", "0010_counted_articles"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="searchstopword", options={"ordering": ["word"], "verbose_name": "stop word"}
        ),
        migrations.AlterModelOptions(
            name="searchsynonym",
            options={"ordering": ["terms"], "verbose_name": "synonyms", "verbose_name_plural": "synonyms"},
        ),
        migrations.CreateModel(
            name="SearchDay",
            fields=[
                ("count", models.PositiveIntegerField(default=0)),
                ("empty_count", models.PositiveIntegerField(default=0)),
                ("offered_count", models.PositiveIntegerField(default=0)),
                ("opened_count", models.PositiveIntegerField(default=0)),
                ("result_count", models.PositiveIntegerField(default=0)),
                ("day", models.DateField(primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "kb_search_days",
            },
        ),
        migrations.CreateModel(
            name="DailySearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("count", models.PositiveIntegerField(default=0)),
                ("empty_count", models.PositiveIntegerField(default=0)),
                ("offered_count", models.PositiveIntegerField(default=0)),
                ("opened_count", models.PositiveIntegerField(default=0)),
                ("result_count", models.PositiveIntegerField(default=0)),
                ("text", models.CharField(max_length=100)),
            ],
            options={
                "db_table": "kb_daily_searches",
                "constraints": [models.UniqueConstraint(fields=("day", "text"), name="daily_search_once")],
            },
        ),
        migrations.CreateModel(
            name="SearchOpening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("text", models.CharField(max_length=100)),
                ("place", models.PositiveSmallIntegerField()),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_openings",
                        to="knowledgebase.article",
                    ),
                ),
            ],
            options={
                "db_table": "kb_search_openings",
                "constraints": [
                    models.UniqueConstraint(fields=("day", "text", "article", "place"), name="search_opening_once")
                ],
            },
        ),
    ]
