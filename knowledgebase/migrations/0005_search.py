"""What the search keeps: the tables of the database's own full text, and the words beside it.

Articles that are there already are marked, so that the upkeep takes them in.
"""

import django.db.models.deletion
from django.db import migrations, models

import common.time

TABLES = {
    "sqlite": (
        "CREATE VIRTUAL TABLE kb_search USING fts5 (title, tags, body, tokenize = 'porter unicode61')",
        "CREATE VIRTUAL TABLE kb_search_titles USING fts5 (title, tokenize = 'porter unicode61')",
        "CREATE VIRTUAL TABLE kb_search_beginnings USING fts5 (title, tokenize = 'unicode61', prefix = '1 2 3 4')",
    ),
    "postgresql": (
        """
        CREATE TABLE kb_search (
          article_id bigint PRIMARY KEY, configuration text NOT NULL, vector tsvector NOT NULL, titles tsvector NOT NULL
        )
        """,
        "CREATE INDEX kb_search_vector ON kb_search USING gin (vector)",
        "CREATE INDEX kb_search_title ON kb_search USING gin (titles)",
        # Kept in the row, and the row in its page: reading a vector from elsewhere takes longer than ranking it.
        "ALTER TABLE kb_search ALTER COLUMN vector SET STORAGE MAIN",
        "CREATE TABLE kb_search_configurations (name text PRIMARY KEY)",
        "CREATE TABLE kb_search_lexemes (lexeme text PRIMARY KEY, article_count integer NOT NULL)",
    ),
}
DROPPED = {
    "sqlite": ("kb_search", "kb_search_titles", "kb_search_beginnings"),
    "postgresql": ("kb_search", "kb_search_lexemes", "kb_search_configurations"),
}


def add(apps, schema_editor):
    for statement in TABLES[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for table in DROPPED[schema_editor.connection.vendor]:
        schema_editor.execute(f"DROP TABLE {table}")


def mark(apps, schema_editor):
    marks, articles = apps.get_model("knowledgebase", "IndexMark"), apps.get_model("knowledgebase", "Article")
    keys = articles.objects.filter(published=True).values_list("pk", flat=True)
    marks.objects.bulk_create((marks(article_id=key) for key in keys), batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("knowledgebase", "0004_article_rules")]
    operations = [
        migrations.CreateModel(
            name="SearchSynonym",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "terms",
                    models.CharField(
                        help_text="Words or short phrases, separated by commas: sso, single sign-on", max_length=500
                    ),
                ),
            ],
            options={"db_table": "kb_search_synonyms", "ordering": ["terms"]},
        ),
        migrations.CreateModel(
            name="SearchStopWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=60, unique=True)),
            ],
            options={"db_table": "kb_search_stop_words", "ordering": ["word"]},
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("word", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("first", models.CharField(max_length=1)),
                ("length", models.PositiveSmallIntegerField()),
                ("article_count", models.PositiveIntegerField(default=1)),
            ],
            options={
                "db_table": "kb_search_words",
                "indexes": [models.Index(fields=["first", "length"], name="search_word_like")],
            },
        ),
        migrations.CreateModel(
            name="IndexMark",
            fields=[
                ("article_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("marked_at", models.DateTimeField(db_index=True, default=common.time.now)),
            ],
            options={"db_table": "kb_search_marks"},
        ),
        migrations.CreateModel(
            name="SearchTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tag", models.CharField(max_length=60)),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="knowledgebase.article"
                    ),
                ),
            ],
            options={
                "db_table": "kb_search_tags",
                "indexes": [models.Index(fields=["tag", "article"], name="search_tag")],
            },
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["published", "audience", "tiers", "id"], name="article_readable"),
        ),
        migrations.RunPython(add, remove),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
