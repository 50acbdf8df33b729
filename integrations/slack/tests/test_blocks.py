"""Every message and form is what Slack takes, whatever people wrote."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.slack import blocks, modals
from integrations.slack.blocks import Message, Metrics, TicketFacts
from integrations.slack.commands import help_message
from tests.vendors.slack import SPECS, validator

NAUGHTY = SPECS.parent / "data" / "malicious" / "naughty_strings.json"
pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason="../shared/vendor-specs is not here")

TEXT = st.text(max_size=400) | st.text(alphabet="<>&|@!#C0\n`*_~", max_size=4000) | st.just("&" * 11_000)
URL = st.just("https://support.example/admin/tickets/ticket/1/change/")
OWN_LINK = re.compile(r"<https://support\.example/[^<>|]*\|[^<>|]*>")


def facts(text: str, *, is_open: bool = True) -> TicketFacts:
    url = "https://support.example/admin/tickets/ticket/1/change/"
    return TicketFacts(1, "ODG-1", text, url, text, text, text, text, text, is_open=is_open)


def metrics(text: str, number: float | None) -> Metrics:
    return Metrics("Daily", text, 1, 2, 3, number, 95, 90, number and 4.2, text, 7, [(text, 1)] * 12)


def messages(text: str) -> list[Message]:
    return [
        blocks.critical_ticket(facts(text)),
        blocks.ticket_card(facts(text, is_open=False), heading=text, mark="blue"),
        blocks.ticket_card(facts(text), heading="Your ticket", mark="blue", is_internal=False),
        *(
            blocks.sla_notice(facts(text), metric=text, percent=percent, due=text, escalation=text)
            for percent in (10, 80, 130)
        ),
        *(blocks.resolved(facts(text), by=text, hours=1.25, is_within_sla=kept) for kept in (True, False, None)),
        blocks.note(text, body=text),
        blocks.team_metrics(metrics(text, 91.5)),
        blocks.team_metrics(metrics("", None)),
        blocks.alert(title=text, message=text, url="https://support.example/x"),
        blocks.ticket_list([facts(text)] * 8, has_more=True),
        blocks.joined([blocks.critical_ticket(facts(text))] * 30),
        help_message(),
    ]


def check(message: Message) -> None:
    faults = [
        f"{error.json_path} {error.message[:200]}" for error in validator("message_blocks").iter_errors(message.blocks)
    ]
    assert not faults, faults
    assert 0 < len(message.text) <= 3000
    for words in [message.text, *texts(message.blocks)]:
        assert not re.search(r"[<]", OWN_LINK.sub("", words)), words


def texts(value):
    """Yield every text that Slack reads as markup."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        for inside in value.values():
            yield from texts(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from texts(inside)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXT)
def test_every_message_is_within_block_kit_and_escaped(text):
    for message in messages(text):
        check(message)


@pytest.mark.skipif(not NAUGHTY.is_file(), reason="../shared/data is not here")
def test_naughty_strings_are_harmless():
    """Each string in one message, every message in turn: all in all would take half a minute and find no more."""
    for number, text in enumerate(json.loads(Path(NAUGHTY).read_text(encoding="utf-8"))):
        made = list(messages(text))
        check(made[number % len(made)])


@settings(max_examples=60, deadline=None)
@given(TEXT)
def test_every_form_is_within_block_kit(text):
    forms = [
        modals.reply_form(number=1, reference=f"ODG-{2**62}", channel="C1", thread="1.2"),
        modals.ticket_form(subject=text, description=text, channel="C1", source=text),
    ]
    subject, description = modals.from_message(text)
    forms.append(modals.ticket_form(subject=subject, description=description))
    for form in forms:
        faults = [error.message[:200] for error in validator("view").iter_errors(form)]
        assert not faults, faults


def test_a_mention_in_a_subject_stays_text():
    message = blocks.critical_ticket(facts("<!channel> & <@U123>"))
    assert "&lt;!channel&gt; &amp; &lt;@U123&gt;" in message.blocks[1]["text"]["text"]
    assert "<!channel>" not in json.dumps(message.blocks)


def test_the_buttons_of_a_ticket():
    action_ids = [one["action_id"] for one in blocks.critical_ticket(facts("x")).blocks[-1]["elements"]]
    assert action_ids == ["view_ticket", "assign_ticket", "reply_ticket", "escalate_ticket", "solve_ticket"]
    closed = blocks.ticket_card(facts("x", is_open=False), heading="x", mark="blue")
    assert [one["action_id"] for one in closed.blocks[-1]["elements"]] == ["view_ticket"]
    customers = blocks.ticket_card(facts("x"), heading="x", mark="blue", is_internal=False)
    assert [one["action_id"] for one in customers.blocks[-1]["elements"]] == ["view_ticket"]
    assert "Assignee" not in json.dumps(customers.blocks)


@pytest.mark.parametrize(
    ("percent", "word", "has_buttons"),
    [(79, "OK", False), (80, "WARNING", True), (99, "WARNING", True), (100, "BREACHED", True)],
)
def test_how_far_a_promise_is(percent, word, has_buttons):
    message = blocks.sla_notice(facts("x"), metric="First response", percent=percent, due="")
    assert f"*{word}: {percent} %*" in message.blocks[0]["text"]["text"]
    assert (message.blocks[-1]["type"] == "actions") == has_buttons


def test_what_was_typed_is_read():
    view = {
        "callback_id": modals.REPLY_FORM,
        "private_metadata": '{"ticket": 1}',
        "state": {
            "values": {
                "body": {"value": {"type": "plain_text_input", "value": " "}},
                "visibility": {"value": {"type": "radio_buttons", "selected_option": {"value": "public"}}},
                "priority": {"value": {"type": "static_select", "selected_option": None}},
            }
        },
    }
    assert modals.typed(view) == {"body": " ", "visibility": "public", "priority": ""}
    assert modals.known(view) == {"ticket": 1}
    assert modals.mistakes(view) == {"body": "Write a message first."}
    with pytest.raises(TypeError):
        modals.known({"private_metadata": "[]"})
    assert set(modals.mistakes({"callback_id": modals.TICKET_FORM})) == {"subject", "description"}
