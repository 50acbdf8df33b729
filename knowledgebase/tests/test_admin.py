"""Articles in the console."""

from __future__ import annotations

import pytest
from django.urls import reverse

from common import journal
from knowledgebase.models import Article, Category
from knowledgebase.services import change_article, create_article, publish_article

pytestmark = pytest.mark.django_db
ADD = reverse("admin:knowledgebase_article_add")
LIST = reverse("admin:knowledgebase_article_changelist")


@pytest.fixture
def category():
    return Category.objects.create(slug="lineage", name="Lineage")


@pytest.fixture
def article(category, sofia):
    return create_article(title="Rebuild the index", body="Run **it**.", category=category, by=sofia)


def change(article) -> str:
    return reverse("admin:knowledgebase_article_change", args=[article.pk])


def written(article, **changed) -> dict:
    fields = {"title": article.title, "slug": article.slug, "summary": "", "body": article.body}
    place = {"category": article.category_id, "tags": "", "product_area": "", "language": "en", "audience": "PUBLIC"}
    return fields | place | changed


def test_article_is_written_by_the_service(client, sofia, category):
    client.force_login(sofia)
    form = {"title": "Why lineage is empty", "body": "Run **it**.", "category": category.pk, "tags": "index\nlineage"}
    form |= {"language": "en", "audience": "PUBLIC"}
    assert client.post(ADD, form).status_code == 302
    article = Article.objects.get()
    assert (article.slug, article.author, article.tags) == ("why-lineage-is-empty", sofia, ["index", "lineage"])
    assert "<strong>it</strong>" in article.body_html
    assert not article.published
    again = client.post(ADD, form | {"body": "Typed in vain?"})
    assert "There is an article at the address" in again.content.decode()
    assert "Typed in vain?" in again.content.decode()


def test_article_is_changed_by_the_service(client, sofia, article):
    client.force_login(sofia)
    client.post(change(article), written(article, body="Run _that_.", tags="new"))
    article.refresh_from_db()
    assert "<em>that</em>" in article.body_html
    assert article.tags == ["new"]
    assert journal.timeline(article).get(kind="article.changed").actor_id == sofia.pk


def test_article_is_published_and_taken_down_with_its_save(client, sofia, article):
    client.force_login(sofia)
    page = client.get(change(article)).content.decode()
    assert "Save and publish" in page
    assert "Save and take down" not in page
    client.post(change(article), written(article, title="Rebuild it", knowledgebase_article_publish="1"))
    article.refresh_from_db()
    assert (article.published, article.title) == (True, "Rebuild it")
    assert "Save and take down" in client.get(change(article)).content.decode()
    client.post(change(article), written(article, knowledgebase_article_archive="1"))
    article.refresh_from_db()
    assert not article.published


def test_what_is_published_is_confirmed_with_its_next_date(client, sofia, article):
    publish_article(article, by=sofia)
    client.force_login(sofia)
    assert "it is right as it is" in client.get(change(article)).content.decode()
    client.post(change(article), written(article, review_on="2027-05-01", knowledgebase_article_confirm="1"))
    article.refresh_from_db()
    assert (article.reviewer, str(article.review_on)) == (sofia, "2027-05-01")


def test_a_translation_that_fell_behind_is_marked_complete(client, sofia, article, category):
    german = create_article(
        title="Index neu bauen", body="Los.", category=category, language="de", source=article, by=sofia
    )
    change_article(article, body="Run **that**.", by=sofia)
    client.force_login(sofia)
    assert "the translation is complete" in client.get(change(german)).content.decode()
    form = written(german, language="de", source=article.pk, knowledgebase_article_translated="1")
    client.post(change(german), form)
    german.refresh_from_db()
    assert not german.is_behind
    assert "the translation is complete" not in client.get(change(german)).content.decode()


def test_reading_never_publishes(client, sofia, article):
    client.force_login(sofia)
    client.get(change(article), {"knowledgebase_article_publish": "1"})
    assert client.get(f"{change(article)}../publish/").status_code in (302, 404)
    article.refresh_from_db()
    assert not article.published


def test_articles_are_for_supervisors_to_write(client, agnes, rita, sofia, article):
    publish_article(article, by=sofia)
    assert client.post(change(article), written(article)).url.startswith(reverse("account_login"))
    client.force_login(rita)
    assert client.post(change(article), written(article)).status_code == 403
    client.force_login(agnes)
    assert client.post(change(article), written(article, knowledgebase_article_archive="1")).status_code == 403
    assert client.get(change(article)).status_code == 200
    assert "Save and take down" not in client.get(change(article)).content.decode()
    assert client.get(ADD).status_code == 403
    assert "Published" in client.get(LIST).content.decode()
    article.refresh_from_db()
    assert article.published


def test_categories(client, sofia, category):
    client.force_login(sofia)
    form = {"name": "Upgrades", "slug": "upgrades", "parent": category.pk, "position": 2}
    client.post(reverse("admin:knowledgebase_category_add"), form)
    made = Category.objects.get(slug="upgrades")
    assert made.parent == category
    form = {"name": category.name, "slug": category.slug, "parent": made.pk, "position": 1}
    page = client.post(reverse("admin:knowledgebase_category_change", args=[category.pk]), form)
    assert "cannot stand below itself" in page.content.decode()
    assert "Upgrades" in client.get(reverse("admin:knowledgebase_category_changelist")).content.decode()
