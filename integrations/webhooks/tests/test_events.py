"""Which event of the journal a webhook hears of, what it is told, and what no payload ever holds."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import ProductArea, Team, User
from common import context, journal
from common.actors import SYSTEM
from common.time import now
from integrations.webhooks import services as webhooks
from integrations.webhooks.catalogue import BY_NAME, EVENT_TYPES, PING
from integrations.webhooks.tests.receiver import ALL, names, queued
from knowledgebase.models import Category
from knowledgebase.services import create_article, publish_article
from sla.events import BREACHED
from sla.models import Clock
from sla.services import begin_maintenance, end_maintenance
from tickets import services
from tickets.models import CustomField
from tickets.vocabulary import Channel, Priority, Status


def told(webhook, name):
    """Return the envelope of the latest event of that name."""
    return json.loads([one for one in queued(webhook) if one.template == name][-1].payload["body"])


def open_ticket(rita, **facts):
    facts = {"subject": "Lineage graph is empty", "description": "Since the upgrade.", **facts}
    return services.open_ticket(requester=rita, by=rita, channel=Channel.WEB, **facts)


def act_out_everything(rita, otto, agnes, bruno):
    """Let everything happen that may be told, with addresses and a secret wherever a person can write."""
    mails = " ".join(person.email for person in (rita, otto, agnes, bruno))
    ticket = open_ticket(rita, subject=f"Ask {mails}", description=f"BETWEEN-US {mails}", priority=Priority.P3_NORMAL)
    services.change_ticket(ticket, by=agnes, assignee=agnes, priority=Priority.P1_CRITICAL, tags=["vip"])
    services.change_ticket(ticket, by=agnes, team=Team.objects.get(name="Beta"), subject=f"Again {mails}")
    services.change_ticket(ticket, by=agnes, custom_fields={"churn_risk": f"BETWEEN-US {mails}"})
    services.change_ticket(ticket, by=agnes, status=Status.PENDING, product_version=otto.email)
    services.add_internal_note(ticket, body=f"BETWEEN-US {mails}", by=agnes)
    services.attach_file(ticket, SimpleUploadedFile("a.log", b"BETWEEN-US\n"), by=agnes, is_internal=True)
    services.post_public_reply(ticket, body=f"BETWEEN-US {mails}", by=agnes)
    services.post_customer_message(ticket, body=f"BETWEEN-US {mails}", by=rita, channel=Channel.WEB)
    begin_maintenance(ticket, window=f"Upgrade by {bruno.email}", by=SYSTEM)
    end_maintenance(ticket, window="Upgrade", by=SYSTEM)
    services.solve_ticket(ticket, by=agnes)
    services.reopen_ticket(ticket, by=rita)
    services.close_ticket(ticket, by=agnes)
    services.rate_ticket(ticket, rating=2, comment=f"Call {mails}", by=rita, via="API")
    survivor, merged = open_ticket(rita), open_ticket(rita)
    services.merge_tickets(merged, into=survivor, by=agnes)
    services.cancel_ticket(open_ticket(rita), by=rita)
    clock = Clock.objects.filter(ticket=survivor).first()
    data = {"clock": clock.pk if clock else 1, "metric": "FIRST_RESPONSE", "percent": 100, "due_at": now()}
    journal.record(BREACHED, subject=survivor, by=SYSTEM, data={**data, "breached_at": now()})
    category = Category.objects.get_or_create(slug="troubleshooting", defaults={"name": "Troubleshooting"})[0]
    publish_article(create_article(title=f"Ask {mails}", body="BETWEEN-US", category=category, by=SYSTEM), by=SYSTEM)


@pytest.fixture
def everything(webhook, rita, otto, agnes, bruno):
    CustomField.objects.create(key="churn_risk", label="Churn risk", is_customer_visible=False)
    act_out_everything(rita, otto, agnes, bruno)
    return queued(webhook)


def test_every_event_is_told(everything):
    assert {one.template for one in everything} == set(BY_NAME)


def test_no_address_no_note_and_no_secret_is_in_any_payload(everything, secret, webhook):
    bodies = "\n".join(one.payload["body"] for one in everything)
    for person in User.objects.all():
        assert person.email not in bodies
    assert "@" not in bodies
    assert "BETWEEN-US" not in bodies
    assert "churn_risk" not in bodies
    assert secret not in bodies


def test_what_is_told_looks_like_its_example(everything):
    for one in everything:
        envelope = json.loads(one.payload["body"])
        assert list(envelope) == ["type", "timestamp", "data"]
        assert envelope["type"] == one.template
        assert envelope["data"].keys() == BY_NAME[one.template].example.keys()
        for name, value in BY_NAME[one.template].example.items():
            assert value is None or envelope["data"][name] is None or type(envelope["data"][name]) is type(value), name


def test_an_internal_note_is_no_event(webhook, ticket, agnes):
    before = names(webhook)
    services.add_internal_note(ticket, body="Between us.", by=agnes)
    assert names(webhook) == before


def test_an_update_says_what_changed_and_how_things_stand(webhook, ticket, agnes):
    services.change_ticket(ticket, by=agnes, assignee=agnes, status=Status.PENDING)
    data = told(webhook, "ticket.updated")["data"]
    assert data["changes"] == {"status": {"from": "NEW", "to": "PENDING"}}
    assert data["current_state"] == {"status": "PENDING", "priority": "P3_NORMAL", "assigned_to": agnes.name}


def test_a_solution_says_how_long_it_took_and_whether_promises_were_kept(webhook, ticket, agnes):
    services.solve_ticket(ticket, by=agnes)
    data = told(webhook, "ticket.solved")["data"]
    assert (data["resolved_by"], data["sla_met"]) == (agnes.name, True)
    assert data["resolution_time_seconds"] >= 0
    services.reopen_ticket(ticket, by=agnes)
    Clock.objects.filter(ticket=ticket).update(breached_at=now(), due_at=now())
    services.solve_ticket(ticket, by=agnes)
    assert told(webhook, "ticket.solved")["data"]["sla_met"] is False
    Clock.objects.filter(ticket=ticket).delete()
    services.reopen_ticket(ticket, by=agnes)
    services.solve_ticket(ticket, by=agnes)
    assert told(webhook, "ticket.solved")["data"]["sla_met"] in (None, True)


def test_an_article_for_the_support_team_is_not_told(webhook, db):
    category = Category.objects.get_or_create(slug="troubleshooting", defaults={"name": "Troubleshooting"})[0]
    facts = {"title": "Inside", "body": "Secret.", "category": category, "audience": "STAFF"}
    publish_article(create_article(**facts, by=SYSTEM), by=SYSTEM)
    assert "article.published" not in names(webhook)


def test_the_past_is_not_told(webhook, rita):
    with context.origin(context.Origin(is_backfill=True)):
        open_ticket(rita)
    assert names(webhook) == []


def test_only_events_that_were_asked_for_and_that_no_filter_keeps_back(receiver, ada, rita, aarlund):
    area = ProductArea.objects.first()
    facts = {"by": ada, "url": receiver.url, "event_types": ["ticket.created"]}
    narrow = {"organizations": [aarlund.pk], "priorities": ["P1_CRITICAL"], "product_areas": [area.key]}
    picky, _ = webhooks.create_webhook(**facts, name="Picky", filters=narrow)
    other, _ = webhooks.create_webhook(**facts, name="Other", filters={"tags": ["vip"]})
    ticket = open_ticket(rita, priority=Priority.P1_CRITICAL, product_area=area)
    open_ticket(rita, priority=Priority.P4_LOW, product_area=area)
    services.solve_ticket(ticket, by=SYSTEM)
    assert names(picky) == ["ticket.created"]
    assert names(other) == []


def test_nothing_is_queued_for_what_is_switched_off(webhook, ada, rita):
    webhooks.change_webhook(webhook, by=ada, is_active=False)
    open_ticket(rita)
    assert queued(webhook) == []


def test_what_belongs_to_a_ticket_stays_in_order(webhook, ticket, agnes):
    services.solve_ticket(ticket, by=agnes)
    assert {one.stream for one in queued(webhook)} == {f"ticket:{ticket.pk}"}
    assert {one.circuit for one in queued(webhook)} == {webhook.destination}


def test_names_are_unique_and_no_event_is_two():
    assert len(ALL) == len(set(ALL))
    kinds = [kind.name for one in EVENT_TYPES for kind in one.kinds]
    assert len(kinds) == len(set(kinds))
    assert PING not in ALL


def test_a_rating_is_told_with_what_was_written(webhook, rita, agnes):
    ticket = open_ticket(rita)
    services.solve_ticket(ticket, by=agnes)
    services.rate_ticket(ticket, rating=4, comment="Quick.", by=rita, via="API")
    body = told(webhook, "csat.submitted")
    assert {name: body["data"][name] for name in ("ticket_id", "rating", "feedback")} == {
        "ticket_id": ticket.reference,
        "rating": 4,
        "feedback": "Quick.",
    }
    assert body["data"]["submitted_at"] == body["timestamp"]
