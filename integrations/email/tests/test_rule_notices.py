"""What rules let the team and the customer know by mail."""

import pytest
from django.core import mail

from integrations.services import deliver_due
from tickets import services
from tickets.tests.rules import act, trigger
from tickets.vocabulary import Channel


def opened(rita):
    return services.open_ticket(subject="Graph <empty>", description="d", requester=rita, by=rita, channel=Channel.WEB)


@pytest.mark.parametrize("to", ["assignee", "team", "agent"])
def test_a_rule_notifies_whom_it_names(rita, agnes, bruno, to):
    team = agnes.teams.get()
    notice = {"to": {"person": agnes.pk} if to == "agent" else to, "text": "Look at {{ ticket.reference }}, & soon."}
    steps = [act("set_team", team.pk), act("set_assignee", agnes.pk), act("notify", notice)]
    trigger("Watch", ["ticket.opened"], steps)
    ticket = opened(rita)
    deliver_due()
    (message,) = [one for one in mail.outbox if "Notice" in one.subject]
    assert (message.to, message.subject) == ([agnes.email], f"[{ticket.reference}] Notice: Graph <empty>")
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert f"Look at {ticket.reference}, & soon." in message.body
    assert "the rule “Watch” names you" in message.body
    html = message.alternatives[0][0]
    assert f"Look at {ticket.reference}, &amp; soon." in html
    assert f"/tickets/ticket/{ticket.pk}/change/" in message.body


def test_a_notice_that_reaches_nobody_says_so(rita):
    trigger("Watch", ["ticket.opened"], [act("notify", {"to": "assignee", "text": "Look."})])
    assert opened(rita).rule_runs.get().deeds == ["Notified nobody: nobody is assigned."]


def test_an_answer_of_a_rule_is_mailed_as_one_that_no_machine_answers(rita):
    trigger("Thanks", ["ticket.opened"], [act("public_reply", "Thank you, {{ requester.first_name }}.")])
    opened(rita)
    deliver_due()
    (message,) = [one for one in mail.outbox if "Thank you, Rita." in one.body]
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert "The support team wrote" in message.body
