"""What a webhook is told, and what it is never told: decided without a database."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.webhooks.rules import Subject, envelope, is_hopeless, wants, without_addresses

TICKET = Subject("P1_CRITICAL", 7, "DATA_CATALOG", frozenset({"upgrade", "vip"}), is_ticket=True)
ARTICLE = Subject(product_area="DATA_CATALOG", tags=frozenset({"upgrade"}))


@pytest.mark.parametrize(
    ("filters", "subject", "wanted"),
    [
        ({}, TICKET, True),
        ({"priorities": []}, TICKET, True),
        ({"priorities": ["P1_CRITICAL", "P2_HIGH"]}, TICKET, True),
        ({"priorities": ["P2_HIGH"]}, TICKET, False),
        ({"priorities": ["P2_HIGH"]}, ARTICLE, True),
        ({"organizations": [7]}, TICKET, True),
        ({"organizations": [8]}, TICKET, False),
        ({"organizations": [8]}, Subject(is_ticket=True), False),
        ({"organizations": [8]}, ARTICLE, True),
        ({"product_areas": ["DATA_CATALOG"]}, ARTICLE, True),
        ({"product_areas": ["LINEAGE"]}, ARTICLE, False),
        ({"product_areas": ["LINEAGE"]}, Subject(is_ticket=True), False),
        ({"tags": ["vip", "other"]}, TICKET, True),
        ({"tags": ["other"]}, TICKET, False),
        ({"priorities": ["P1_CRITICAL"], "tags": ["other"]}, TICKET, False),
    ],
)
def test_filters(filters, subject, wanted):
    assert wants(["ticket.created"], filters, "ticket.created", subject) is wanted


def test_only_the_events_asked_for():
    assert not wants(["ticket.created"], {}, "ticket.closed", TICKET)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Ask rita@aarlund.example, please", "Ask [address removed], please"),
        ("<rita+tag@sub.aarlund.example>", "<[address removed]>"),
        ("mailto:rita@aarlund.example", "mailto:[address removed]"),
        ("root@localhost", "[address removed]"),
        ("5 @ 3", "5 @ 3"),
        ("nothing", "nothing"),
    ],
)
def test_addresses_are_taken_out(text, clean):
    assert without_addresses(text) == clean


@given(st.text(), st.emails(), st.text())
def test_no_address_leaves_whatever_surrounds_it(before, address, after):
    body = envelope("ticket.created", "", {"a": {"b": [f"{before} {address} {after}"]}})
    assert address not in json.loads(body)["data"]["a"]["b"][0]


@pytest.mark.parametrize(("days", "is_over"), [(None, False), (4.9, False), (5, True)])
def test_five_days_of_nothing_but_failure_are_enough(days, is_over):
    at = dt.datetime(2026, 2, 9, tzinfo=dt.UTC)
    since = None if days is None else at - dt.timedelta(days=days)
    assert is_hopeless(since, at) is is_over
