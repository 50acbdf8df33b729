from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledgebase", "0003_article_states")]
    operations = [
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published", True), ("state", "PUBLISHED")),
                    models.Q(("published", False), models.Q(("state", "PUBLISHED"), _negated=True)),
                    _connector="OR",
                ),
                name="article_published_is_its_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "SCHEDULED"), _negated=True), ("publish_at__isnull", False), _connector="OR"
                ),
                name="article_scheduled_has_a_time",
            ),
        ),
    ]
