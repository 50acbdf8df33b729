"""What articles mean. Those that are there already are marked, so that the upkeep asks for their vectors."""

import django.db.models.deletion
from django.db import migrations, models

import common.time


def mark(apps, schema_editor):
    marks, articles = apps.get_model("knowledgebase", "IndexMark"), apps.get_model("knowledgebase", "Article")
    keys = articles.objects.filter(published=True).values_list("pk", flat=True)
    marks.objects.bulk_create((marks(article_id=key) for key in keys), batch_size=500, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("knowledgebase", "0007_plain_text")]
    operations = [
        migrations.CreateModel(
            name="ArticleVector",
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
                        to="knowledgebase.article",
                    ),
                ),
            ],
            options={
                "db_table": "kb_article_vectors",
                "indexes": [
                    models.Index(
                        condition=models.Q(("vector", None)), fields=["-changed_at"], name="article_vector_wanted"
                    )
                ],
            },
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
