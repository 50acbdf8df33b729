"""Words of articles that were taken over with their HTML entities still in them (`&amp;`): read them again.

What has changed is marked, so that the upkeep takes it in.
"""

import re
from html import unescape

from django.db import migrations
from django.utils.html import strip_tags

BATCH = 500


def words_of(rendered):
    return " ".join(unescape(strip_tags(re.sub(r"</(p|li|h\d|tr|pre|blockquote)>|<br>", " ", rendered))).split())


def read_again(apps, schema_editor):
    articles, marks = apps.get_model("knowledgebase", "Article"), apps.get_model("knowledgebase", "IndexMark")
    last = 0
    while True:
        rows = list(articles.objects.filter(pk__gt=last).order_by("pk")[:BATCH])
        if not rows:
            return
        changed = [row for row in rows if row.text != words_of(row.body_html)]
        for row in changed:
            row.text = words_of(row.body_html)
        articles.objects.bulk_update(changed, ["text"])
        marks.objects.bulk_create((marks(article_id=row.pk) for row in changed), ignore_conflicts=True)
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("knowledgebase", "0006_reading")]
    operations = [migrations.RunPython(read_again, migrations.RunPython.noop)]
