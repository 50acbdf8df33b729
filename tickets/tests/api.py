"""What the tests of the tickets' API share."""

from __future__ import annotations

from common.tests.api import problem_of

TICKETS = "/api/v1/tickets"
GUIDE = {
    "subject": "Production deployment test",
    "description": "Testing post-deployment",
    "customer_name": "Test User",
    "customer_email": "test@opendatagov.io",
    "priority": "P4_LOW",
}
STAFF_ONLY = {"team", "priority_source", "submitter"}


def url(ticket, *rest):
    return "/".join([TICKETS, ticket.reference, *rest])


def ids(response):
    assert response.status_code == 200, response.content
    return [row["ticket_id"] for row in response.json()["results"]]


def fields(response):
    return [error["field"] for error in problem_of(response)["errors"]]
