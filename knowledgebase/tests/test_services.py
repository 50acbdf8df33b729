"""Writing, publishing and finding articles."""

import pytest

from common import journal
from common.errors import Invalid, NotAllowed
from knowledgebase import services
from knowledgebase.models import Article, Category
from knowledgebase.search import search_articles


@pytest.fixture
def category(db):
    return Category.objects.create(slug="troubleshooting", name="Troubleshooting")


@pytest.fixture
def write(category, sofia):
    def write(title, body="Words.", publish=True, **fields):
        article = services.create_article(title=title, body=body, category=category, by=sofia, **fields)
        return services.publish_article(article, by=sofia) if publish else article

    return write


def test_an_article_is_written_as_a_draft_and_published_once(write, sofia, rita):
    article = write("Reset a pipeline", "Run `odg reset`.", publish=False)
    assert (article.slug, article.published, article.author) == ("reset-a-pipeline", False, sofia)
    assert "<code>odg reset</code>" in article.body_html
    assert not Article.objects.visible_to(rita).exists()
    for _ in range(2):
        article = services.publish_article(article, by=sofia)
    assert Article.objects.visible_to(rita).get() == article
    for _ in range(2):
        article = services.archive_article(article, by=sofia)
    kinds = [event.kind for event in journal.timeline(article)]
    assert kinds == ["article.created", "article.published", "article.archived"]


def test_changing_renders_anew_and_records_what(write, sofia):
    article = write("Reset a pipeline")
    services.change_article(article, by=sofia, body="**New**")
    services.change_article(article, by=sofia, body="**New**")
    article.refresh_from_db()
    assert "<strong>New</strong>" in article.body_html
    assert journal.timeline(article).filter(kind="article.changed").count() == 1


def test_two_articles_never_have_one_address(write):
    write("Reset a pipeline")
    with pytest.raises(Invalid) as refused:
        write("Reset a pipeline!")
    assert refused.value.code == "slug_taken"
    with pytest.raises(Invalid):
        write("!!!")


def test_the_title_counts_most_and_any_word_finds(write, rita):
    body = write("About other things", "How to rotate a token.")
    title = write("Rotate an API token", "Nothing here.")
    write("Unrelated", "Nothing here.")
    answer = search_articles("how do I rotate tokens? token", user=rita)
    assert [hit.article for hit in answer.found] == [title, body]
    assert answer.total == 2


def test_drafts_are_not_found_not_even_by_their_writer(write, sofia):
    write("Secret plan", publish=False)
    assert search_articles("secret", user=sofia).total == 0


def test_filters(write, rita, category):
    write("Rotate a token", tags=["API"])
    assert search_articles("token", user=rita, category="troubleshooting").total == 1
    assert search_articles("token", user=rita, category="other").total == 0
    assert search_articles("token", user=rita, tags=("api",)).total == 1
    assert search_articles("token", user=rita, tags=("other",)).total == 0


def test_the_excerpt_marks_the_words_and_escapes_the_rest(write, rita):
    write("Quoting", "Before " * 40 + "use `<script>` and token here " + "after " * 60)
    (hit,) = search_articles("token", user=rita).found
    assert "<mark>token</mark>" in hit.excerpt
    assert "<script>" not in hit.excerpt
    assert hit.excerpt.startswith("…")
    assert hit.excerpt.endswith("…")


@pytest.mark.parametrize(
    "query", ["", "   ", "'; DROP TABLE tickets; --", "%", "_", "a" * 5000, "\x00", '"*(', "🙂", "NEAR("]
)
def test_any_text_is_a_safe_query(write, rita, query):
    write("A title with a word")
    assert search_articles(query, user=rita).total in (0, 1)


def test_only_those_who_may_write_publish_and_take_down(write, category, agnes, rita):
    article = write("Reset a pipeline")
    for person in (agnes, rita):
        with pytest.raises(NotAllowed):
            services.create_article(title="Mine", body="x", category=category, by=person)
        for verb in (services.publish_article, services.archive_article, services.change_article):
            with pytest.raises(NotAllowed):
                verb(article, by=person)
