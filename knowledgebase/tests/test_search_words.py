"""What is a word, and what a passage."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from knowledgebase.search.engines.base import Filters, attempts, telling
from knowledgebase.search.excerpts import mark_beginnings, marker
from knowledgebase.search.words import WORDS_MOST, read, replace, root, split


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Rotate an API-token!", ["rotate", "an", "api", "token"]),
        ("Größe und Café", ["große", "und", "cafe"]),
        ("ｆｕｌｌ width", ["full", "width"]),
        ("snake_case.py v1.2", ["snake", "case", "py", "v1", "2"]),
        ("й 数据 नमस्ते", ["й", "数据", "नमस्ते"]),
        ("🙂 \x00 -- ''", []),
        ("x" * 100, ["x" * 60]),
    ],
)
def test_split(text, words):
    assert split(text) == words


def test_words_that_say_nothing_count_only_alone():
    assert read("How do I rotate the token").words == ("rotate", "token")
    assert read("what is it").words == ("what", "is", "it")
    assert read("the product token", stop=("product",)).words == ("token",)


def test_a_question_has_an_end():
    assert len(read(" ".join(f"word{n}" for n in range(1000))).words) == WORDS_MOST
    assert read("x" * 20_000).words == ("x" * 60,)


def test_phrases_are_two_words_or_more_in_quotes():
    asked = read('say "broken pipeline" and “stale index” but "one" or "')
    assert asked.phrases == ("broken pipeline", "stale index")
    assert "broken" in asked.words


def test_synonyms_add_what_was_not_said():
    groups = [["SSO", "single sign-on"], ["db", "database", ""]]
    assert read("sso for my db", synonyms=groups).synonyms == ("single sign on", "database")
    assert read("single sign-on", synonyms=groups).synonyms == ("sso", "single sign on")
    assert read("single", synonyms=groups).synonyms == ()


@pytest.mark.parametrize(
    "words",
    [
        ("connect", "connects", "connected", "connecting", "connection", "connections"),
        ("policy", "policies"),
        ("run", "running"),
        ("rotate", "rotates", "rotating", "rotated"),
    ],
)
def test_inflections_share_a_root(words):
    assert len({root(word) for word in words}) == 1


def test_replacing_keeps_the_rest():
    assert replace("Rotate the Tokne, (tokne)!", {"tokne": "token"}) == "Rotate the token, (token)!"


def test_rare_words_find_and_common_ones_only_rank():
    assert telling({"a": 5000, "b": 10, "c": 900}) == ["b", "c"]
    assert telling({"a": 5000, "b": 4000}) == ["b"]
    assert telling({"a": 5000, "b": 0}) == ["b", "a"]
    assert telling({"a": 5}) == ["a"]


def test_within_filters_and_where_rare_words_find_nothing_all_words_find():
    user, counts = AnonymousUser(), {"a": 5000, "b": 10}
    assert list(attempts(counts, Filters(user))) == [["b"], ["a", "b"]]
    assert list(attempts(counts, Filters(user, category="guides"))) == [["a", "b"]]
    assert list(attempts({"b": 10}, Filters(user))) == [["b"]]


def test_the_passage_holds_whole_words_around_the_best_place():
    text = "Alpha " * 60 + "the rotating token " + "omega " * 60
    passage = marker(["rotate", "token"]).excerpt(text)
    assert "the <mark>rotating</mark> <mark>token</mark> omega" in passage
    assert passage.startswith("…Alpha ")
    assert passage.endswith("omega…")


def test_texts_without_a_hit_show_their_beginning():
    assert marker(["zebra"]).excerpt("A <b>short</b> text") == "A &lt;b&gt;short&lt;/b&gt; text"
    assert marker([]).excerpt("word " * 100).endswith("word…")
    assert len(marker(["y"]).excerpt("x" * 5000)) <= 202


def test_many_hits_of_one_word_do_not_beat_two_words():
    text = "token " * 100 + "filler " * 50 + "token gateway"
    assert "<mark>gateway</mark>" in marker(["token", "gateway"]).excerpt(text)


def test_beginnings_are_marked_escaped():
    assert mark_beginnings("Use <Tokens> at töken", ["tok"]) == "Use &lt;<mark>Tokens</mark>&gt; at <mark>töken</mark>"
