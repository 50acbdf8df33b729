"""Results are counted by topic and language from an index."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_product_areas"),
        ("knowledgebase", "0009_article_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                fields=["id", "published", "audience", "tiers", "category", "language"], name="article_counted"
            ),
        ),
    ]
