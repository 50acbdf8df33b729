"""An article drafted from a ticket: what is in it, who may, and what the ticket shows of it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import ProductArea
from common import journal
from common.errors import Invalid, NotAllowed
from common.tests.api import client_of
from knowledgebase.models import Article, Category, Revision
from knowledgebase.vocabulary import State
from tickets.models import Ticket, TicketArticle
from tickets.services import add_internal_note, draft_article, post_customer_message, post_public_reply
from tickets.tests.console import do, only_looks, other_ticket, told, url
from tickets.vocabulary import Channel

pytestmark = pytest.mark.django_db


@pytest.fixture
def category():
    return Category.objects.create(slug="lineage", name="Lineage")


@pytest.fixture
def answered(ticket, rita, agnes, category):
    post_public_reply(ticket, body="Hi Rita,\n\nRun `odg reindex`.\n\nAgnes Moreau", by=agnes, channel=Channel.CONSOLE)
    add_internal_note(ticket, body="QUOKKA: she called from +45 12 34 56 78.", by=agnes)
    post_customer_message(ticket, body="Thank you, and WOMBAT.", by=rita, channel=Channel.WEB)
    post_public_reply(ticket, body="Then reload it, rita@aarlund.example.", by=agnes, channel=Channel.CONSOLE)
    return ticket


def test_draft_holds_question_and_public_replies_and_nobodys_name(answered, sofia):
    article = draft_article(answered, by=sofia)
    assert (article.state, article.author, article.title) == (State.DRAFT, sofia, answered.subject)
    assert article.product_area == answered.product_area
    assert article.body.startswith("## The question\n\nSince the upgrade")
    assert article.body.endswith("## The answer\n\nRun `odg reindex`.\n\nThen reload it, [email address].")
    for hidden in ("QUOKKA", "WOMBAT", "Rita", "Agnes", "aarlund", answered.reference):
        assert hidden not in article.body
    assert answered.reference in Revision.objects.get().note
    (event,) = journal.timeline(answered).filter(kind="ticket.article_drafted")
    assert (event.actor_id, event.data["title"]) == (sofia.pk, article.title)


def test_twice_leads_to_the_same_draft(answered, sofia, ada):
    assert draft_article(answered, by=sofia) == draft_article(answered, by=ada)
    assert Article.objects.count() == TicketArticle.objects.count() == 1


def test_two_tickets_of_one_subject_make_two_drafts(answered, rita, sofia):
    other = other_ticket(rita, subject=answered.subject)
    first, second = draft_article(answered, by=sofia), draft_article(other, by=sofia)
    assert second.slug == f"{first.slug}-2"
    assert second.body.endswith("## The answer\n\nSay here what helps.")


def test_draft_stands_where_articles_on_its_area_are(answered, sofia, category):
    other = Category.objects.create(slug="api", name="API", position=1)
    assert draft_article(answered, by=sofia).category == other
    TicketArticle.objects.all().delete()
    area = ProductArea.objects.first()
    Article.objects.update(product_area=area, category=category)
    Ticket.objects.update(product_area=area)
    draft = draft_article(answered, by=sofia)
    assert (draft.category, draft.product_area) == (category, area)


def test_writing_is_for_supervisors_who_work_tickets(answered, sofia, agnes, rita):
    for person in (agnes, rita):
        with pytest.raises(NotAllowed):
            draft_article(answered, by=person)
    Category.objects.all().delete()
    with pytest.raises(Invalid, match="Add a category"):
        draft_article(answered, by=sofia)
    assert not Article.objects.exists()


# --- in the console ---


def test_supervisor_presses_once_or_twice_and_lands_in_the_articles_form(client, answered, sofia):
    client.force_login(sofia)
    assert "Write an article from it" in client.get(url(answered)).content.decode()
    first, second = do(client, answered, "draft_article"), do(client, answered, "draft_article")
    article = Article.objects.get()
    assert first.url == second.url == reverse("admin:knowledgebase_article_change", args=[article.pk])
    assert "Read it through" in told(first)
    page = client.get(url(answered)).content.decode()
    assert f'<small>Article: draft</small><a href="{first.url}">{article.title}</a>' in page
    assert 'value="draft_article"' not in page
    assert "drafted an article from the ticket" in page


def test_agents_see_the_article_and_cannot_write_it(client, answered, agnes, sofia, rita):
    client.force_login(agnes)
    assert 'value="draft_article"' not in client.get(url(answered)).content.decode()
    assert do(client, answered, "draft_article").status_code == 403
    article = draft_article(answered, by=sofia)
    assert article.title in client.get(url(answered)).content.decode()
    only_looks(sofia)
    client.force_login(sofia)
    assert do(client, answered, "draft_article").status_code == 403
    assert TicketArticle.objects.count() == 1


def test_customer_never_hears_of_the_draft(client, answered, rita, sofia):
    article = draft_article(answered, by=sofia)
    Article.objects.filter(pk=article.pk).update(title="QUOKKA")
    client.force_login(rita)
    assert "QUOKKA" not in client.get(f"/tickets/{answered.reference}").content.decode()
    events = client_of(rita).get(f"/api/v1/tickets/{answered.reference}/events").content.decode()
    assert "article" not in events


def test_nothing_is_written_by_reading(client, answered, sofia):
    client.force_login(sofia)
    client.get(url(answered), {"deed": "draft_article"})
    assert not Article.objects.exists()
