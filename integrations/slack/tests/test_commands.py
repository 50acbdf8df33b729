"""The slash command."""

from __future__ import annotations

import json

import pytest

from integrations.slack.tests.calls import command, said
from tests.vendors.slack import refusal


@pytest.mark.parametrize(
    ("text", "begins"), [("", "*/ticket create*"), ("help", "*/ticket create*"), ("sing", "There is no")]
)
def test_help(send, people, text, begins):
    told = send("commands", command(text)).json()
    assert told["response_type"] == "ephemeral"
    assert told["blocks"][0]["text"]["text"].startswith(begins)
    assert "!public" in told["blocks"][0]["text"]["text"]


def test_create_opens_a_form(send, people):
    assert send("commands", command("create Lineage is empty")).content == b""
    assert people.views[0]["blocks"][0]["element"]["initial_value"] == "Lineage is empty"


def test_a_form_that_does_not_open_is_told(send, people):
    people.script("views.open", refusal("expired_trigger_id"))
    assert "Try again" in send("commands", command("create x")).json()["text"]


def test_show_and_search_show_what_one_may_see(send, people, ticket, slack):
    url = f"{people.url}/response/2"
    for by, verb in (("U0AGNES", "show"), ("U0RITA", "show"), ("U0RITA", "search"), ("U0MALLORY", "show")):
        text = f"{verb} {ticket.reference if verb == 'show' else 'lineage'}"
        send("commands", command(text, user_id=by, response_url=url, trigger_id=f"{by}{verb}"))
    agents, customers, found, outsiders = (json.dumps(body) for _, body in people.answers)
    assert "Assign to me" in agents
    assert "Assign to me" not in customers + found
    assert ticket.subject in customers
    assert ticket.reference in found
    assert ticket.reference not in outsiders


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("show ODG-9", "no such ticket"),
        ("show", "no such ticket"),
        ("search x", "Say what"),
        ("search zebra", "No ticket"),
    ],
)
def test_what_is_not_found_is_said(send, people, ticket, text, words):
    send("commands", command(text, response_url=f"{people.url}/response/3"))
    assert words in said(people)
