"""An article as its reader gets it, and what readers leave behind: votes, reasons, views."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser

from common.errors import Invalid, NotFound
from common.time import now
from knowledgebase import spool
from knowledgebase.models import Article, Category, DailyView, Reason, SearchTag, Vote
from knowledgebase.reading import body_of, minutes_to_read, related_to, translations_of
from knowledgebase.services import (
    archive_article,
    cast_vote,
    change_article,
    create_article,
    explain_vote,
    flush_views,
    note_view,
    publish_article,
)
from knowledgebase.tasks import flush_views as flush_task
from knowledgebase.topics import most_read, topics
from knowledgebase.vocabulary import language_name

pytestmark = pytest.mark.django_db
GUEST = AnonymousUser()


@pytest.fixture
def api(db) -> Category:
    return Category.objects.create(slug="api", name="Use the API")


@pytest.fixture
def write(api, sofia):
    def write(title: str, body: str = "Words.", category: Category = api, **fields: object) -> Article:
        return publish_article(create_article(title=title, body=body, category=category, by=sofia, **fields), by=sofia)

    return write


@pytest.fixture
def article(write) -> Article:
    return write("Rotate a token")


def test_headings_get_ids_of_their_own_words(write):
    body = "# Steps\n\n## Café & more\n\n# Steps\n\n# Main\n\n# [Elsewhere](/help)\n\n# !!!\n\n### Deep"
    found = body_of(write("Headings", body))
    assert [heading.id for heading in found.contents][:5] == ["steps", "café-more", "steps-2", "main-2", "elsewhere"]
    assert [heading.level for heading in found.contents] == [2, 3, 2, 2, 2, 2]
    assert found.contents[1].link == "#caf%C3%A9-more"
    assert found.contents[1].text == "Café & more"
    assert '<h2 id="steps-2"><a class="anchor" href="#steps-2">Steps</a></h2>' in found.html
    assert '<h2 id="elsewhere"><a href="/help"' in found.html
    assert '<h2 id="section">' in found.html
    assert "<h4>Deep</h4>" in found.html


def test_contents_are_for_more_than_three_headings(write):
    assert body_of(write("Three", "# A\n\n# B\n\n# C")).contents == []
    assert len(body_of(write("Four", "# A\n\n# B\n\n# C\n\n# D")).contents) == 4


def test_an_id_that_looks_like_another_ones_second_stays_unique(write):
    found = body_of(write("Twice", "# A\n\n# A 2\n\n# A\n\n# A\n\n# A 2"))
    ids = [heading.id for heading in found.contents]
    assert len(set(ids)) == len(ids) == 5


@pytest.mark.parametrize(("count", "minutes"), [(1, 1), (200, 1), (201, 2), (1000, 5)])
def test_minutes_to_read(write, count, minutes):
    assert minutes_to_read(write("Long", "word " * count)) == minutes


def test_related_are_near_visible_and_helpful(write, article, rita):
    other = Category.objects.create(slug="other", name="Other")
    ranked = [write(f"Near {n}") for n in range(4)]
    for n, near in enumerate(ranked):
        Article.objects.filter(pk=near.pk).update(helpful_votes=n)
    write("Far", category=other)
    hidden = write("For staff", audience="STAFF")
    Article.objects.filter(pk=hidden.pk).update(helpful_votes=99)
    assert [one.title for one in related_to(article, GUEST)] == ["Near 3", "Near 2", "Near 1"]
    assert "For staff" not in [one.title for one in related_to(article, rita)]


def test_related_share_a_tag_across_categories(write):
    other = Category.objects.create(slug="other", name="Other")
    first, second = write("First", tags=["Token"]), write("Second", category=other, tags=["token"])
    SearchTag.objects.all().delete()
    SearchTag.objects.create(article=second, tag="token")
    assert [one.title for one in related_to(first, GUEST)] == ["Second"]


def test_translations_say_which_is_behind(write, article, sofia):
    spanish = write("Rotar un token", language="es", source=article)
    french = write("Changer de jeton", language="fr", source=article)
    archive_article(french, by=sofia)
    change_article(article, body="Other words.", by=sofia)
    (found,) = translations_of(article, GUEST)
    assert (found.article, found.language, found.is_behind, found.source_language) == (
        spanish,
        "Español",
        True,
        "English",
    )
    (back,) = translations_of(spanish, GUEST)
    assert (back.article, back.is_behind) == (article, False)
    assert language_name("xx-unknown") == "xx-unknown"


def test_a_visitor_votes_once_and_may_change_their_mind(article):
    first = cast_vote(article, visitor="reader:one", is_helpful=True)
    assert cast_vote(article, visitor="reader:one", is_helpful=True) == first
    cast_vote(article, visitor="reader:two", is_helpful=True)
    article.refresh_from_db()
    assert (article.helpful_votes, article.unhelpful_votes, Vote.objects.count()) == (2, 0, 2)
    cast_vote(article, visitor="reader:one", is_helpful=False)
    explain_vote(article, visitor="reader:one", reason="WRONG", comment="Step 2.")
    article.refresh_from_db()
    assert (article.helpful_votes, article.unhelpful_votes, Vote.objects.count()) == (1, 1, 2)
    changed = cast_vote(article, visitor="reader:one", is_helpful=True)
    assert (changed.pk, changed.reason, changed.comment) == (first.pk, "", "")
    article.refresh_from_db()
    assert (article.helpful_votes, article.unhelpful_votes) == (2, 0)


def test_a_vote_names_nobody_and_cannot_be_put_beside_another(write, article):
    one = cast_vote(article, visitor="user:7", is_helpful=True)
    two = cast_vote(write("Another"), visitor="user:7", is_helpful=True)
    assert one.visitor != two.visitor
    assert "7" not in (one.visitor, two.visitor)


def test_what_is_not_published_takes_no_votes(article, sofia):
    archive_article(article, by=sofia)
    with pytest.raises(NotFound):
        cast_vote(article, visitor="reader:one", is_helpful=True)


def test_a_reason_belongs_to_a_no(article):
    with pytest.raises(NotFound):
        explain_vote(article, visitor="reader:one", reason="WRONG")
    cast_vote(article, visitor="reader:one", is_helpful=True)
    with pytest.raises(Invalid, match="Choose"):
        explain_vote(article, visitor="reader:one", reason="WRONG")
    assert explain_vote(article, visitor="reader:one", reason="", comment="Good.").comment == "Good."
    cast_vote(article, visitor="reader:one", is_helpful=False)
    with pytest.raises(Invalid, match="Choose"):
        explain_vote(article, visitor="reader:one", reason="BORING")
    with pytest.raises(Invalid, match=r"1,000 characters"):
        explain_vote(article, visitor="reader:one", reason="WRONG", comment="x" * 1001)
    vote = explain_vote(article, visitor="reader:one", reason="OUTDATED", comment=" Since 1.8.\x00 ")
    assert (vote.reason, vote.comment) == (Reason.OUTDATED, "Since 1.8.")
    assert str(vote) == "It did not help"


def test_views_count_a_visitor_once_a_day(article):
    for visitor in ("one", "two", "one"):
        note_view(article, visitor=visitor)
    assert not DailyView.objects.exists()
    assert (flush_views(), flush_views(), flush_task()) == (2, 0, 0)
    note_view(article, visitor="three")
    note_view(article, visitor="one", at=now() - dt.timedelta(days=1))
    assert flush_views() == 2
    article.refresh_from_db()
    assert article.view_count == 4
    assert [view.count for view in DailyView.objects.order_by("day")] == [1, 3]
    assert "one" not in "".join(spool.VIEWS.read(now().date()))


def test_views_of_what_is_gone_and_lines_of_nobody_are_no_failure(article):
    note_view(article, visitor="one")
    Article.objects.all().delete()
    spool.VIEWS.append(now().date(), "nonsense")
    assert flush_views() == 0


def test_the_days_before_are_forgotten(article, settings):
    if settings.REDIS_URL:
        pytest.skip("Redis forgets by itself")
    old = now() - dt.timedelta(days=3)
    note_view(article, visitor="one", at=old)
    assert spool.VIEWS.read(old.date())
    flush_views()
    assert not spool.VIEWS.read(old.date())


def test_a_store_that_is_away_costs_no_page(article, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.MEDIA_ROOT, settings.REDIS_URL = tmp_path / "file" / "uploads", ""
    note_view(article, visitor="one")
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    note_view(article, visitor="one")


def test_a_full_file_takes_no_more(article, settings, monkeypatch):
    settings.REDIS_URL = ""
    monkeypatch.setattr(spool, "VIEWS", spool.Spool(spool.VIEWS.name, bytes_most=1))
    note_view(article, visitor="one")
    note_view(article, visitor="two")
    assert flush_views() == 1


def test_most_read_is_of_the_last_thirty_days_and_for_its_reader(write, article, rita):
    inside = write("For those inside", audience="SIGNED_IN")
    today = now().date()
    DailyView.objects.create(article=article, day=today, count=2)
    DailyView.objects.create(article=article, day=today - dt.timedelta(days=40), count=90)
    DailyView.objects.create(article=inside, day=today, count=3)
    assert most_read(GUEST) == [article]
    assert most_read(rita) == [inside, article]
    note_view(article, visitor="one")
    note_view(article, visitor="two")
    note_view(article, visitor="three")
    DailyView.objects.filter(article=inside).update(count=1)
    flush_views()
    assert most_read(rita) == [article, inside]


def test_topics_reach_to_any_depth(write, api):
    deep = Category.objects.create(
        slug="deep", name="Deep", parent=Category.objects.create(slug="mid", name="Mid", parent=api)
    )
    write("Down there", category=deep)
    write("Up here")
    (topic,) = topics(GUEST)
    assert (topic.category, topic.count, topic.glyph) == (api, 2, "code")
    (below,) = topics(GUEST, below=api)
    assert (below.category.slug, [article.title for article in below.articles]) == ("mid", ["Down there"])
    assert topics(GUEST, below=deep) == []
