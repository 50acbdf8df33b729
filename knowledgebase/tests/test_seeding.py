"""The articles a portal starts with, and articles from files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import resolve

from accounts.models import ProductArea
from common.actors import SYSTEM
from common.errors import Invalid
from knowledgebase.models import Article, Category
from knowledgebase.seeding import FOLDER, add_article, read_folder, read_line, read_markdown, seed_articles
from knowledgebase.vocabulary import Audience

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "articles.jsonl"


def test_every_seeded_article_is_whole(db):
    written = list(read_folder(FOLDER))
    slugs = {one.slug for one in written}
    areas = set(ProductArea.objects.values_list("key", flat=True))
    assert len(written) >= 30
    for one in written:
        assert one.area in areas, one.slug
        assert 0 < len(one.summary) <= 160, one.slug
        for link in re.findall(r"\]\(/help/([^)#?]+)\)", one.body):
            assert link in slugs, (one.slug, link)
            resolve(f"/help/{link}")


def test_seeding_twice_makes_them_once(db):
    made = seed_articles()
    assert Article.objects.published().count() == len(made) >= 30
    assert seed_articles() == []
    assert Category.objects.filter(parent__slug="catalog").exists()
    assert {article.audience for article in made} >= {Audience.PUBLIC, Audience.STAFF}


def test_a_folder_is_imported_and_what_is_wrong_is_named(db, tmp_path, capsys):
    (tmp_path / "deep").mkdir()
    (tmp_path / "plain.md").write_text("# A plain title\n\nWords.", encoding="utf-8")
    (tmp_path / "deep" / "headed.md").write_text(
        "---\ntitle: With a head\ncategory: api\ncategory_name: Use the API\ntags: one, two\n---\nWords.",
        encoding="utf-8",
    )
    (tmp_path / "broken.md").write_text("No title at all.", encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("import_articles", tmp_path)
    told = capsys.readouterr()
    assert "2 articles made, 0 known already, 1 refused." in told.out
    assert "broken.md: begin with a head" in told.err
    headed = Article.objects.get(slug="headed")
    assert (headed.title, headed.category.name, headed.tags) == ("With a head", "Use the API", ["one", "two"])
    assert Article.objects.get(slug="plain").title == "A plain title"


def test_lines_of_json_are_imported_once(db, tmp_path, capsys):
    rows = [
        {"slug": "first", "title": "First", "category": "Guides", "body_markdown": "# Words"},
        {"id": "faq-1", "title": "Second", "text": "Words."},
    ]
    file = tmp_path / "articles.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    call_command("import_articles", file)
    call_command("import_articles", file)
    assert "0 articles made, 2 known already" in capsys.readouterr().out
    assert set(Article.objects.values_list("slug", flat=True)) == {"first", "faq-1-second"}


@pytest.mark.parametrize(
    "line",
    [
        *("{", "[]", '{"title": "x"}', '{"text": "x"}', '{"title": 5, "text": "x"}'),
        '{"title": "x", "text": "x", "category": 5}',
        '{"title": "x", "text": "x", "slug": []}',
    ],
)
def test_a_line_that_is_no_article_is_refused(line):
    with pytest.raises(Invalid, match=r"JSON|title|category|slug"):
        read_line(line)


@pytest.mark.parametrize(("head", "field"), [("audience: friends", "audience"), ("area: NOWHERE", "product_area")])
def test_an_audience_or_area_that_there_is_not_is_refused(db, tmp_path, head, field):
    path = tmp_path / "odd.md"
    path.write_text(f"---\ntitle: Odd\n{head}\n---\nWords.", encoding="utf-8")
    with pytest.raises(Invalid) as refusal:
        add_article(read_markdown(path), by=SYSTEM)
    assert refusal.value.field == field
    assert not Article.objects.exists()


def test_a_file_that_is_not_text_is_named(db, tmp_path):
    file = tmp_path / "articles.jsonl"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(CommandError, match=r"articles\.jsonl cannot be read"):
        call_command("import_articles", file)


def test_a_broken_head_is_named(tmp_path):
    path = tmp_path / "odd.md"
    path.write_text("---\ntitle\n---\nWords.", encoding="utf-8")
    with pytest.raises(Exception, match=r"odd\.md"):
        read_markdown(path)


def test_the_command_says_what_is_not_there():
    with pytest.raises(CommandError, match="not there"):
        call_command("import_articles", "nowhere")


def test_images_of_imported_articles_stay_behind_and_are_named(db, tmp_path, capsys):
    body = "# Parts\n\n![](img/a.png) ![The parts](img/b.png 'Parts') ![](https://e.example/c.png)\n\n![](file:own.png)"
    (tmp_path / "own.md").write_text(body, encoding="utf-8")
    (tmp_path / "parts.md").write_text(body.replace("![](file:own.png)", "Words."), encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("import_articles", tmp_path)
    told = capsys.readouterr()
    assert "parts.md: these images stay behind, add them in the console: img/a.png, img/b.png" in told.err
    assert "own.md: Say in words what the image own.png shows" in told.err
    assert Article.objects.get().body == "![The parts](img/b.png 'Parts') \n\nWords."


@pytest.mark.skipif(not SHARED.exists(), reason="the real articles lie beside the checkout, where there are any")
def test_real_articles_are_imported(db, capsys):
    call_command("import_articles", SHARED)
    assert "537 articles made" in capsys.readouterr().out
