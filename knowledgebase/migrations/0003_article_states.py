"""Articles from before states and versions: give each its state, its words in plain text, and its first revision."""

from django.db import migrations
from django.utils.html import strip_tags

BATCH = 500


def add(apps, schema_editor):
    article_model, revision_model = (
        apps.get_model("knowledgebase", "Article"),
        apps.get_model("knowledgebase", "Revision"),
    )
    last = 0
    while True:
        rows = list(article_model.objects.filter(pk__gt=last).order_by("pk")[:BATCH])
        if not rows:
            return
        for row in rows:
            row.state = "PUBLISHED" if row.published else "ARCHIVED" if row.published_at else "DRAFT"
            row.text = " ".join(strip_tags(row.body_html).split())
        article_model.objects.bulk_update(rows, ["state", "text"], batch_size=BATCH)
        revision_model.objects.bulk_create(
            revision_model(
                article=row,
                number=1,
                title=row.title,
                summary=row.summary,
                body=row.body,
                author_id=row.author_id,
                created_at=row.updated_at,
            )
            for row in rows
        )
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("knowledgebase", "0002_article_life")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
