import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_product_areas"),
    ]

    operations = [
        migrations.AddField(
            model_name="team",
            name="strategy",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Nobody by itself"),
                    ("SKILL_BASED", "By skills"),
                    ("ROUND_ROBIN", "In turn"),
                    ("LOAD_BALANCED", "Whoever has the fewest open tickets"),
                ],
                default="",
                help_text="Only agents of the team who are here are chosen.",
                max_length=16,
                verbose_name="new tickets are given to",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="away_until",
            field=models.DateTimeField(blank=True, help_text="Empty: until they come back by themselves.", null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="stand_in",
            field=models.ForeignKey(
                blank=True,
                help_text="Is told of what customers write while this person is away.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                verbose_name="stand-in",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
