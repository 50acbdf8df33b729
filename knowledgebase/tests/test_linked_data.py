"""What search engines read of public pages, and what other rooms show on the help centre's."""

from __future__ import annotations

import json
import re

import pytest

from common.slots import PageSlot, Slot
from knowledgebase.models import Category
from knowledgebase.services import add_file, change_article, create_article, publish_article, unused_address
from knowledgebase.tests.files import picture
from knowledgebase.vocabulary import Audience

SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
HOST = "http://localhost:8000"
pytestmark = pytest.mark.django_db


@pytest.fixture
def article(sofia):
    above = Category.objects.create(slug="lineage", name="Lineage")
    graphs = Category.objects.create(slug="graphs", name="Graphs", parent=above)
    hostile = "</script><script>alert(1)</script>"
    return create_article(
        title=f"Rebuild {hostile}",
        slug="rebuild",
        body="![parts](file:diagram.png)",
        summary="A & B <!--",
        tags=["index"],
        category=graphs,
        by=sofia,
    )


def data_of(client, address: str) -> list:
    return [json.loads(found) for found in SCRIPT.findall(client.get(address).content.decode())]


def test_public_article_tells_itself_and_the_way_to_it(client, article, sofia):
    file = add_file(article, picture(), by=sofia)
    article = publish_article(article, by=sofia)
    page = client.get("/help/rebuild").content.decode()
    assert "<script>alert" not in page
    ((told, crumbs),) = (data["@graph"] for data in data_of(client, "/help/rebuild"))
    assert told["headline"] == article.title
    assert told["description"] == "A & B <!--"
    assert (told["@id"], told["inLanguage"], told["keywords"]) == (f"{HOST}/help/rebuild", "en", ["index"])
    assert told["image"] == [f"{HOST}{file.url}"]
    assert told["dateModified"] == article.updated_at.isoformat()
    assert [(item["position"], item["name"], item["item"]) for item in crumbs["itemListElement"]] == [
        (1, "Help articles", f"{HOST}/help"),
        (2, "Lineage", f"{HOST}/help/topics/lineage"),
        (3, "Graphs", f"{HOST}/help/topics/graphs"),
        (4, article.title, f"{HOST}/help/rebuild"),
    ]
    assert "sofia" not in json.dumps(told).lower()


def test_what_not_everybody_may_read_tells_nothing(client, article, sofia):
    client.force_login(sofia)
    assert data_of(client, "/help/rebuild") == []
    add_file(article, picture(), by=sofia)
    publish_article(article, by=sofia)
    for audience in (Audience.SIGNED_IN, Audience.STAFF):
        change_article(article, audience=audience, by=sofia)
        assert data_of(client, "/help/rebuild") == []


@pytest.mark.parametrize("address", ["/", "/help"])
def test_start_pages_tell_of_the_search(client, address):
    (site,) = data_of(client, address)
    assert (site["@type"], site["url"]) == ("WebSite", f"{HOST}/")
    assert site["potentialAction"]["target"]["urlTemplate"] == f"{HOST}/help/search?q={{search_term_string}}"


def test_address_is_found_that_no_article_has_or_had(article, sofia):
    assert unused_address("Rebuild") == "rebuild-2"
    change_article(article, slug="rebuild-2", by=sofia)
    assert unused_address("Rebuild") == "rebuild-3"
    assert unused_address("数据") == "article"


# --- slots ---


def test_state_of_the_service_stands_under_the_header_of_the_start_page(client, monkeypatch):
    slot: PageSlot = PageSlot("state", shape="")
    monkeypatch.setattr("knowledgebase.views.browsing.STATE", slot)
    assert 'class="banner' not in client.get("/").content.decode()
    slot.sign_in(lambda _reader: {"strong": "Graphs are <slow>.", "text": "Since 08:40.", "url": "/s", "link": "See"})
    page = client.get("/").content.decode()
    assert '<div class="banner tone-amber" role="status">' in page
    assert "<strong>Graphs are &lt;slow&gt;.</strong> Since 08:40." in page


def test_reply_time_stands_beside_the_way_to_ask(client, monkeypatch):
    slot: PageSlot = PageSlot("reply times", shape="")
    monkeypatch.setattr("knowledgebase.views.browsing.REPLY_TIMES", slot)
    slot.sign_in(lambda reader: "We reply to <guests> soon." if reader.is_anonymous else None)
    assert "<p>We reply to &lt;guests&gt; soon.</p>" in client.get("/").content.decode()


def test_incident_stands_before_the_article(client, article, sofia, monkeypatch):
    slot: Slot = Slot("incidents", shape="")
    monkeypatch.setattr("knowledgebase.views.articles.INCIDENTS", slot)
    add_file(article, picture(), by=sofia)
    publish_article(article, by=sofia)
    assert 'role="note"' not in client.get("/help/rebuild").content.decode()
    slot.sign_in(lambda rows: {row.pk: {"strong": "Graphs are slow.", "text": "We are on it."} for row in rows})
    page = client.get("/help/rebuild").content.decode()
    assert page.index("<strong>Graphs are slow.</strong> We are on it.") < page.index("<h1>")
    assert "tone-amber" in page


def test_writers_read_how_hard_their_text_is(client, article, sofia):
    change_article(article, body="The cat sat on the mat. " * 10, by=sofia)
    client.force_login(sofia)
    page = client.get(f"/admin/knowledgebase/article/{article.pk}/change/").content.decode()
    assert "Easy to read (" in page
