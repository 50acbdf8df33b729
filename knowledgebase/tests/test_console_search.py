"""The console's pages of what the search is told, and of how it is."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse

from common.time import now
from knowledgebase import tasks
from knowledgebase.console.status_page import standing_of
from knowledgebase.models import Category, IndexMark, SearchStopWord, SearchSynonym
from knowledgebase.search import upkeep
from knowledgebase.search.engines import database_engine
from knowledgebase.services import create_article, publish_article

pytestmark = pytest.mark.django_db
SYNONYMS = reverse("admin:knowledgebase_searchsynonym_changelist")
ADD_SYNONYM = reverse("admin:knowledgebase_searchsynonym_add")
STOP_WORDS = reverse("admin:knowledgebase_searchstopword_changelist")
ADD_STOP_WORD = reverse("admin:knowledgebase_searchstopword_add")
STATUS = reverse("admin:knowledgebase_search")


@pytest.fixture
def article(sofia):
    topic = Category.objects.create(slug="access", name="Access")
    made = create_article(title="Sign in with SAML", body="Of the directory.", category=topic, by=sofia)
    return publish_article(made, by=sofia)


@pytest.fixture
def writing(client, sofia):
    client.force_login(sofia)
    return client


@pytest.fixture
def asked(monkeypatch):
    """Collect the calls that have everything indexed again."""
    calls: list[int] = []
    monkeypatch.setattr(tasks.reindex, "delay", lambda: calls.append(1))
    cache.delete("nudge:reindex")
    return calls


def words(response) -> str:
    return " ".join(response.content.decode().split())


# --- synonyms and stop words ------------------------------------------------------------------------------------------


def test_synonyms_lead_the_very_next_search(writing, client, article):
    assert client.get("/help/search?q=entra").context["answer"].total == 0
    response = writing.post(ADD_SYNONYM, {"terms": "  Entra\nSAML\n\nsaml, single   sign-on"})
    assert response.status_code == 302
    row = SearchSynonym.objects.get()
    assert row.terms == "entra, saml, single sign-on"
    assert client.get("/help/search?q=entra").context["answer"].total == 1
    change = reverse("admin:knowledgebase_searchsynonym_change", args=[row.pk])
    assert "entra\nsaml\nsingle sign-on</textarea>" in writing.get(change).content.decode()
    writing.post(change, {"terms": "azure\nsaml"})
    assert client.get("/help/search?q=azure").context["answer"].total == 1
    assert client.get("/help/search?q=entra").context["answer"].total == 0
    page = words(writing.get(SYNONYMS))
    assert "azure" in page
    assert "Readers use words of their own." in page
    writing.post(reverse("admin:knowledgebase_searchsynonym_delete", args=[row.pk]), {"post": "yes"})
    assert client.get("/help/search?q=azure").context["answer"].total == 0


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ("", "Give at least two words or phrases, one a line."),
        ("   \n , ", "Give at least two words or phrases, one a line."),
        ("sso", "Give at least two words or phrases that differ"),
        ("SSO\nsso", "Give at least two words or phrases that differ"),
        ("café\ncafe", "Give at least two words or phrases that differ"),
        ("sso\n!!!", "“!!!” has no letter or digit."),
        ("sso\n" + "x" * 81, "to 80 characters."),
        ("sso\n" + "a b " * 7, "to 12 words."),
        ("\n".join(f"w{n}" for n in range(21)), "Give at most 20."),
        ("\n".join("abcdefgh " * 5 + f"w{n}" for n in range(15)), "Shorten them to 500 characters in all."),
        ("kubernetes\nK8S", "“k8s” has synonyms already: k8s, kube. Add your words there."),
    ],
)
def test_synonyms_that_cannot_be_are_refused_in_words(writing, terms, reason):
    SearchSynonym.objects.create(terms="k8s, kube")
    response = writing.post(ADD_SYNONYM, {"terms": terms})
    assert response.status_code == 200
    assert reason in words(response)
    assert SearchSynonym.objects.count() == 1


def test_synonyms_are_shown_as_they_were_typed(writing):
    writing.post(ADD_SYNONYM, {"terms": "<b>x</b>\n<i>y</i>"})
    page = words(writing.get(SYNONYMS))
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>x</b>" not in page


def test_a_line_may_keep_its_own_words(writing):
    row = SearchSynonym.objects.create(terms="k8s, kube")
    change = reverse("admin:knowledgebase_searchsynonym_change", args=[row.pk])
    assert writing.post(change, {"terms": "kube\nk8s\nkubernetes"}).status_code == 302
    row.refresh_from_db()
    assert row.terms == "kube, k8s, kubernetes"


def test_stop_words_count_from_the_next_search_on(writing, client, article, sofia):
    other = create_article(title="Portal", body="Of the portal.", category=article.category, by=sofia)
    publish_article(other, by=sofia)
    assert client.get("/help/search?q=portal+saml").context["answer"].total == 2
    assert writing.post(ADD_STOP_WORD, {"word": " Pörtal "}).status_code == 302
    assert SearchStopWord.objects.get().word == "portal"
    assert client.get("/help/search?q=portal+saml").context["answer"].total == 1
    assert client.get("/help/search?q=portal").context["answer"].total == 1  # alone it counts
    page = words(writing.get(STOP_WORDS))
    assert "portal" in page
    assert "Words that say nothing here" in page


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("", "Give a word."),
        ("!!!", "A word needs a letter or a digit."),
        ("two words", "Give one word at a time."),
        ("The", "“the” is left out everywhere already."),
        ("OpenDataGov", "“opendatagov” is in the list already."),
        ("x" * 61, "Shorten it to 60 letters."),
    ],
)
def test_stop_words_that_cannot_be_are_refused_in_words(writing, word, reason):
    SearchStopWord.objects.create(word="opendatagov")
    response = writing.post(ADD_STOP_WORD, {"word": word})
    assert response.status_code == 200
    assert reason in words(response)
    assert SearchStopWord.objects.count() == 1


def test_what_the_search_is_told_is_for_supervisors(client, rita, agnes, sofia, ada):
    for address in (SYNONYMS, ADD_SYNONYM, STOP_WORDS, ADD_STOP_WORD, STATUS):
        client.logout()
        assert "/accounts/login/" in client.get(address).url
        for person, status in ((rita, 403), (agnes, 403), (sofia, 200), (ada, 200)):
            client.force_login(person)
            assert client.get(address).status_code == status, (address, person)
    client.force_login(agnes)
    assert client.post(ADD_SYNONYM, {"terms": "a\nb"}).status_code == 403
    assert STATUS not in words(client.get(reverse("admin:index")))


# --- how it is --------------------------------------------------------------------------------------------------------


def test_the_status_says_what_answers_and_how_far_it_is(writing, article):
    page = words(writing.get(STATUS))
    assert "The database answers, and every published article can be found." in page
    assert "1<small>in the database</small>" in page
    assert "1<small>the oldest since" in page
    assert "no search server is set" in page
    upkeep.index_marked()
    assert "nothing is to be indexed" in words(writing.get(STATUS))
    database_engine().forget([article.pk])
    assert "Out of step" in words(writing.get(STATUS))
    upkeep.reindex()
    page = words(writing.get(STATUS))
    assert "Well" in page
    assert "The last time was" in page


def test_what_waits_too_long_is_told(writing, article):
    IndexMark.objects.update(marked_at=now() - dt.timedelta(minutes=12))
    page = words(writing.get(STATUS))
    assert "Late" in page
    assert "A change has been waiting for 12 minutes." in page


def test_a_server_that_is_away_is_told_with_since_and_why(writing, article, away, settings, capsys):
    upkeep.index_marked()
    page = words(writing.get(STATUS))
    assert "The search server is away" in page
    assert "What the server said" in page
    assert "It has been away for" in page
    assert standing_of(upkeep.status(), now()).tone == "red"
    call_command("search_status")
    told = capsys.readouterr().out
    assert "Away since:" in told
    assert f"Answering now:          {database_engine().name}" in told
    settings.ELASTICSEARCH_URL = ""
    upkeep.index_marked()
    assert upkeep.status().away_since is None


def test_a_server_that_answers_is_told(writing, search_server, article):
    assert "There is no index yet." in words(writing.get(STATUS))
    upkeep.index_marked()
    page = words(writing.get(STATUS))
    assert "The search server answers, and every published article can be found." in page
    assert upkeep.status().answering == "elasticsearch"


def test_everything_is_indexed_again_in_the_background(writing, asked, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = writing.post(STATUS, {"deed": "reindex"})
    assert (response.status_code, response.url) == (302, STATUS)
    assert "All articles are being indexed again" in str(next(iter(get_messages(response.wsgi_request))))
    with django_capture_on_commit_callbacks(execute=True):
        writing.post(STATUS, {"deed": "reindex"})  # pressed twice
    assert asked == [1]
    assert writing.post(STATUS, {"deed": "other"}).status_code == 404


def test_looking_indexes_nothing_and_agents_may_not_ask(client, agnes, sofia, asked):
    client.force_login(agnes)
    assert client.post(STATUS, {"deed": "reindex"}).status_code == 403
    client.force_login(sofia)
    client.get(STATUS, {"deed": "reindex"})
    assert asked == []
