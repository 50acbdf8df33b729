"""Pictures and files of articles: who gets them, and what an image must say before others see it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from common.errors import Invalid, NotAllowed
from common.tests.api import client_of
from common.time import now
from knowledgebase import services
from knowledgebase.models import ArticleFile, Category
from knowledgebase.services import add_file, remove_file
from knowledgebase.services.files import FILES_MOST
from knowledgebase.tests.files import PNG, picture, rows
from knowledgebase.vocabulary import Audience, State

SHOWN = "See ![the three parts](file:diagram.png)."
pytestmark = pytest.mark.django_db


@pytest.fixture
def write(sofia):
    category = Category.objects.create(slug="lineage", name="Lineage")

    def write(body=SHOWN, **fields):
        return services.create_article(title="Rebuild the index", body=body, category=category, by=sofia, **fields)

    return write


@pytest.fixture
def article(write, sofia):
    article = write()
    add_file(article, picture(), by=sofia)
    add_file(article, rows(), by=sofia)
    return services.publish_article(article, by=sofia)


def url(name="diagram.png") -> str:
    return ArticleFile.objects.get(name=name).url


def get(client, address):
    """Fetch a file whole, which closes it."""
    response = client.get(address)
    response.whole = b"".join(response)
    return response


def page_of(client, article) -> str:
    return client.get(reverse("kb-article", args=[article.slug])).content.decode()


# --- reading ---


def test_article_shows_its_pictures_and_lists_its_other_files(client, article):
    page = page_of(client, article)
    picture = f'<img src="{url()}" alt="the three parts" width="640" height="480" loading="lazy" decoding="async">'
    assert picture in page
    assert f'<a class="name" href="{url("rows.csv")}">rows.csv</a>' in page
    assert "8 bytes" in page
    response = get(client, url())
    assert response.whole == PNG
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"].startswith("inline")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert get(client, url("rows.csv"))["Content-Disposition"] == 'attachment; filename="rows.csv"'


def test_file_is_for_whoever_may_read_its_article(client, article, rita, agnes, sofia):
    address = url()
    assert get(client, address)["Cache-Control"] == "private, max-age=3600"
    services.change_article(article, by=sofia, audience=Audience.STAFF)
    assert get(client, address).status_code == 404
    client.force_login(rita)
    assert get(client, address).status_code == 404
    client.force_login(agnes)
    assert get(client, address)["Cache-Control"] == "private, no-store"
    services.archive_article(article, by=sofia)
    assert get(client, address).status_code == 404
    client.force_login(sofia)
    assert get(client, address).status_code == 200


def test_file_is_found_by_its_whole_address_alone(client, article):
    file = ArticleFile.objects.get(name="diagram.png")
    assert client.get(f"/help/files/{file.uid}/other.png").status_code == 404
    assert client.get(f"/help/files/{file.uid}").status_code == 404
    assert client.post(file.url).status_code == 405
    default_storage.delete(file.file.name)
    assert get(client, file.url).status_code == 404


def test_files_cost_one_query_whatever_their_number(client, article, sofia, django_assert_max_num_queries):
    for number in range(10):
        add_file(article, rows(f"{number}.csv"), by=sofia)
    client.get(f"/help/{article.slug}")
    with django_assert_max_num_queries(9):
        assert "9.csv" in page_of(client, article)


# --- writing ---


def test_name_can_stand_in_markdown(write, sofia):
    article = write("![x](file:Übersicht-2-final.png)")
    file = add_file(article, picture("Übersicht (2) [final].PNG"), by=sofia)
    assert file.name == "Übersicht-2-final.png"
    article.refresh_from_db()
    assert f'src="{file.url}"' in article.body_html


def test_file_of_the_same_name_takes_the_others_place(article, sofia, django_capture_on_commit_callbacks):
    old = ArticleFile.objects.get(name="diagram.png")
    with django_capture_on_commit_callbacks(execute=True):
        new = add_file(article, picture(), by=sofia)
    article.refresh_from_db()
    assert new.uid != old.uid
    assert f'src="{new.url}"' in article.body_html
    assert not default_storage.exists(old.file.name)


def test_what_is_refused_leaves_nothing(article, sofia, agnes, monkeypatch):
    for upload in (rows("page.html", b"<html>"), rows("drawing.svg", b"<svg/>"), rows("empty.csv", b"")):
        with pytest.raises(Invalid):
            add_file(article, upload, by=sofia)
    with pytest.raises(NotAllowed):
        add_file(article, rows("mine.csv"), by=agnes)
    monkeypatch.setattr("knowledgebase.services.files.FILES_MOST", 2)
    with pytest.raises(Invalid, match="at most 2"):
        add_file(article, rows("third.csv"), by=sofia)
    assert FILES_MOST > 2
    assert {file.name for file in article.files.all()} == {"diagram.png", "rows.csv"}


def test_file_is_removed_once_and_for_all(article, sofia, agnes, django_capture_on_commit_callbacks):
    file = ArticleFile.objects.get(name="rows.csv")
    with pytest.raises(NotAllowed):
        remove_file(file, by=agnes)
    with django_capture_on_commit_callbacks(execute=True):
        remove_file(file, by=sofia)
        remove_file(file, by=sofia)
    assert not default_storage.exists(file.file.name)
    with pytest.raises(Invalid, match=r"shows diagram\.png"):
        remove_file(ArticleFile.objects.get(), by=sofia)
    assert ArticleFile.objects.exists()


# --- what an image must say ---


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("![](file:diagram.png)", r"what the image diagram\.png shows"),
        ("![ ](file:diagram.png)", r"what the image diagram\.png shows"),
        ("![diagram.png](file:diagram.png)", r"what the image diagram\.png shows"),
        ("![](https://e.example/far.png)", r"what the image https://e\.example/far\.png shows"),
        ("![parts](file:gone.png)", r"shows gone\.png, which is not among"),
        ("![rows](file:rows.csv)", r"shows rows\.csv, which is not among"),
    ],
)
def test_image_without_words_is_not_published(write, sofia, body, words):
    article = write(body)
    add_file(article, picture(), by=sofia)
    add_file(article, rows(), by=sofia)
    for deed in (
        services.publish_article,
        services.submit_article,
        lambda article, by: services.publish_article(article, by=by, at=now() + dt.timedelta(days=1)),
    ):
        with pytest.raises(Invalid, match=words) as refused:
            deed(article, by=sofia)
        assert refused.value.field == "body"
    article.refresh_from_db()
    assert article.state == State.DRAFT


def test_what_is_published_stays_whole(article, sofia):
    first = article.revisions.get()
    with pytest.raises(Invalid, match="what the image"):
        services.change_article(article, by=sofia, body="![](file:diagram.png)")
    services.change_article(article, by=sofia, body="No image.")
    remove_file(ArticleFile.objects.get(name="diagram.png"), by=sofia)
    with pytest.raises(Invalid, match="not among"):
        services.restore_revision(first, by=sofia)


def test_api_refuses_too(write, sofia):
    article = write("![](file:diagram.png)")
    add_file(article, picture(), by=sofia)
    for verb in ("publish", "submit"):
        answer = client_of(sofia).post(f"/api/v1/kb/articles/{article.slug}/{verb}", {}, format="json")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "body"
        assert "diagram.png" in answer.json()["errors"][0]["detail"]


# --- in the console ---


def change(article) -> str:
    return reverse("admin:knowledgebase_article_change", args=[article.pk])


def form(article, **changed) -> dict:
    fields = {"title": article.title, "slug": article.slug, "summary": "", "body": article.body, "tags": ""}
    return fields | {"category": article.category_id, "language": "en", "audience": "PUBLIC"} | changed


def test_files_are_added_and_removed_with_the_form(client, sofia, write):
    article = write()
    client.force_login(sofia)
    page = client.get(change(article)).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert "None yet" in page
    client.post(change(article), form(article, added_files=[picture(), rows()], knowledgebase_article_publish="1"))
    article.refresh_from_db()
    assert article.published
    page = client.get(change(article)).content.decode()
    assert "<code>![](file:diagram.png)</code>" in page
    assert "<code>[rows.csv](file:rows.csv)</code>" in page
    assert "640 × 480 pixels" in page
    assert "not shown in the text" not in page
    client.post(change(article), form(article, removed_files=[ArticleFile.objects.get(name="rows.csv").pk]))
    assert [file.name for file in article.files.all()] == ["diagram.png"]


def test_refused_publication_keeps_what_was_saved_and_sent(client, sofia, write):
    article = write("Words.")
    client.force_login(sofia)
    sent = form(article, body="![](file:diagram.png)", added_files=[picture()], knowledgebase_article_publish="1")
    answer = client.post(change(article), sent, follow=True)
    assert answer.redirect_chain[-1][0] == change(article)
    page = answer.content.decode()
    assert "“Save and publish” was refused" in page
    assert "what the image diagram.png shows" in page
    article.refresh_from_db()
    assert (article.state, article.body) == (State.DRAFT, "![](file:diagram.png)")
    assert article.files.count() == 1


def test_new_article_takes_files_and_a_refused_file_says_why(client, sofia, write):
    article = write()
    client.force_login(sofia)
    add = reverse("admin:knowledgebase_article_add")
    sent = form(article, title="Another", slug="")
    page = client.post(add, sent | {"added_files": [rows("page.html", b"<html>")]}).content.decode()
    assert "page.html: programs and web pages cannot be attached" in page
    assert client.post(add, sent | {"added_files": [picture()]}).status_code == 302
    assert ArticleFile.objects.get().article.title == "Another"


def test_file_of_another_article_is_not_removed(client, sofia, article, write):
    other = services.create_article(title="Other", body="Words.", category=article.category, by=sofia)
    client.force_login(sofia)
    client.post(change(other), form(other, removed_files=[ArticleFile.objects.get(name="rows.csv").pk]))
    assert article.files.count() == 2


def test_reader_of_the_console_sees_names_only(client, agnes, article):
    client.force_login(agnes)
    page = client.get(change(article)).content.decode()
    assert "diagram.png, rows.csv" in page
    assert "removed_files" not in page
    assert "added_files" not in page
