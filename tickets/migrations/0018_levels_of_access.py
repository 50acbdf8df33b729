"""Two rights more, to see and to work the tickets of every team; whoever saw and worked tickets before has them."""

from django.db import migrations

FOLLOWS = (("view_ticket", "see_every_ticket"), ("work_ticket", "work_every_ticket"))
WORDS = {
    "work_ticket": "Can answer and change tickets",
    "see_every_ticket": "Can see the tickets of every team, not only of their own",
    "work_every_ticket": "Can answer and change the tickets of every team, not only of their own",
}


def add(apps, schema_editor):
    """Where nobody has the older right yet (a new portal), roles are given theirs when all migrations are done."""
    Permission = apps.get_model("auth", "Permission")
    Type = apps.get_model("contenttypes", "ContentType")
    for before, after in FOLLOWS:
        old = Permission.objects.filter(content_type__app_label="tickets", codename=before).first()
        if old is None:
            continue
        kind = Type.objects.get(app_label="tickets", model="ticket")
        new, _ = Permission.objects.get_or_create(content_type=kind, codename=after, defaults={"name": WORDS[after]})
        for group in old.group_set.all():
            group.permissions.add(new)
        for user in old.user_set.all():
            user.user_permissions.add(new)


def remove(apps, schema_editor):
    Permission = apps.get_model("auth", "Permission")
    names = [after for _, after in FOLLOWS]
    Permission.objects.filter(content_type__app_label="tickets", codename__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_assignment"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("tickets", "0017_reporting"),
    ]

    operations = [
        migrations.AlterModelOptions(name="ticket", options={"ordering": ["-id"], "permissions": list(WORDS.items())}),
        migrations.RunPython(add, remove),
    ]
