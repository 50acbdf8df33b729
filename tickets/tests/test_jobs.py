"""Many tickets in one request: taken in at once, done by a worker, each item once."""

from __future__ import annotations

import datetime as dt

import pytest

from common.tests.api import client_of, code_of
from common.time import now
from tickets import performing, services
from tickets.models import BulkItem, BulkJob, Ticket
from tickets.services.jobs import JOBS_KEPT
from tickets.tasks import run_jobs
from tickets.tests.api import TICKETS, fields
from tickets.tests.console import open_many
from tickets.tests.levels import at_level

BULK, UPDATE = f"{TICKETS}/bulk", f"{TICKETS}/bulk-update"
ONE = {"subject": "Renew the certificate", "description": "It ends in May."}
pytestmark = pytest.mark.django_db


def post(person, url, body, **headers):
    return client_of(person).post(url, body, format="json", **headers)


def job_of(person, response):
    assert response.status_code == 202, response.content
    assert response["Location"].endswith(f"/api/v1/jobs/{response.json()['job_id']}")
    return client_of(person).get(f"/api/v1/jobs/{response.json()['job_id']}").json()


def states(body):
    return [row["status"] for row in body["results"]]


def work():
    return services.run_jobs(performing.perform)


def test_tickets_are_opened_by_a_worker_each_with_its_result(agnes, rita):
    wrong = {**ONE, "priority": "SOON"}
    response = post(agnes, BULK, {"tickets": [{**ONE, "customer_email": rita.email}, wrong, ONE]})
    waiting = job_of(agnes, response)
    assert (waiting["status"], waiting["total"], waiting["done"]) == ("QUEUED", 3, 0)
    assert not Ticket.objects.exists()
    assert work() == 3
    done = job_of(agnes, response)
    assert (done["status"], done["done"], done["kind"]) == ("FINISHED", 3, "CREATE") and done["finished_at"]
    assert states(done) == ["CREATED", "FAILED", "CREATED"]
    assert done["results"][1]["problem"]["errors"][0]["field"] == "priority"
    first = Ticket.objects.get(requester=rita)
    assert (done["results"][0]["ticket_id"], first.submitter) == (first.reference, agnes)


def test_the_same_change_for_many_with_what_became_of_each(agnes, rita):
    changed, already, closed = open_many(rita, 3)
    services.change_ticket(already, by=agnes, status="ON_HOLD")
    services.close_ticket(closed, by=agnes)
    references = [changed.reference, already.reference, closed.reference, "ODG-999999"]
    response = post(agnes, UPDATE, {"ticket_ids": references, "changes": {"status": "ON_HOLD"}})
    work()
    body = job_of(agnes, response)
    assert states(body) == ["CHANGED", "SKIPPED", "SKIPPED", "FAILED"]
    assert [row["reason"] for row in body["results"][1:3]] == [
        "It is so already.",
        "A ticket that is closed cannot become on hold.",
    ]
    assert [(row["problem"] or {}).get("status") for row in body["results"]] == [None, None, 409, 404]


def test_each_its_own_change_and_version(agnes, rita):
    one, other = open_many(rita, 2)
    services.change_ticket(other, by=agnes, product_version="2")
    updates = [
        {"ticket_id": one.reference, "assignee": agnes.email, "reason": "Hers."},
        {"ticket_id": other.reference, "priority": "P1", "version": 1},
    ]
    response = post(agnes, UPDATE, {"updates": updates})
    work()
    body = job_of(agnes, response)
    assert states(body) == ["CHANGED", "FAILED"] and body["results"][1]["problem"]["status"] == 412
    assert Ticket.objects.get(pk=one.pk).assignee == agnes


def test_what_one_may_not_is_asked_when_it_is_done(bruno, agnes, rita):
    tickets = open_many(rita, 2)
    services.change_ticket(tickets[0], by=agnes, team=agnes.teams.get())
    bruno = at_level(bruno, "sees all")
    body = {"ticket_ids": [one.reference for one in tickets], "changes": {"priority": "P1"}}
    response = post(bruno, UPDATE, body)
    work()
    done = job_of(bruno, response)
    assert states(done) == ["FAILED", "CHANGED"] and done["results"][0]["problem"]["status"] == 403


def test_a_dead_workers_job_goes_on_where_it_stopped(agnes, rita, monkeypatch):
    tickets = open_many(rita, 3)
    body = {"ticket_ids": [one.reference for one in tickets], "changes": {"priority": "P1"}}
    response = post(agnes, UPDATE, body)
    done = []

    def dying(job, asked):
        outcome = performing.perform(job, asked)
        if len(done) == 1:
            raise KeyboardInterrupt  # in the middle of the second item, whose change is undone with it
        done.append(asked["ticket_id"])
        return outcome

    with pytest.raises(KeyboardInterrupt):
        services.run_jobs(dying)
    assert states(job_of(agnes, response)) == ["CHANGED", "WAITING", "WAITING"]
    assert job_of(agnes, response)["status"] == "RUNNING"
    assert Ticket.objects.filter(priority="P1_CRITICAL").count() == 1
    assert work() == 0, "it is still the dead worker's"
    BulkJob.objects.update(due_at=now())
    assert work() == 2
    assert states(job_of(agnes, response)) == ["CHANGED"] * 3
    assert {one.version for one in Ticket.objects.all()} == {tickets[0].version + 1}
    assert run_jobs() == 0


def test_a_fault_in_one_item_is_told_and_keeps_no_other_from_being_done(agnes, rita):
    one, other = open_many(rita, 2)
    body = {"ticket_ids": [one.reference, other.reference], "changes": {"priority": "P1"}}
    response = post(agnes, UPDATE, body)

    def faulty(job, asked):
        if asked["ticket_id"] == one.reference:
            raise ZeroDivisionError
        return performing.perform(job, asked)

    services.run_jobs(faulty)
    body = job_of(agnes, response)
    assert states(body) == ["FAILED", "CHANGED"] and body["results"][0]["problem"]["status"] == 500


def test_the_same_key_makes_one_job(agnes):
    body = {"tickets": [ONE]}
    first, again = (post(agnes, BULK, body, HTTP_IDEMPOTENCY_KEY="bulk-1") for _ in range(2))
    assert first.json()["job_id"] == again.json()["job_id"] and again["Idempotent-Replayed"] == "true"
    assert BulkJob.objects.count() == 1


def test_a_job_is_its_owners_and_kept_for_a_while(agnes, bruno):
    response = post(agnes, BULK, {"tickets": [ONE]})
    url = f"/api/v1/jobs/{response.json()['job_id']}"
    assert client_of(bruno).get(url).status_code == 404
    services.purge_jobs(now())
    assert client_of(agnes).get(url).status_code == 200
    services.purge_jobs(now() + JOBS_KEPT + dt.timedelta(hours=1))
    assert client_of(agnes).get(url).status_code == 404 and not BulkItem.objects.exists()


@pytest.mark.parametrize(
    ("url", "body", "field"),
    [
        (BULK, {"tickets": []}, "tickets"),
        (BULK, {"tickets": [ONE] * 101}, "tickets"),
        (BULK, {"tickets": ["x"]}, "tickets.0"),
        (BULK, {}, "tickets"),
        (UPDATE, {"ticket_ids": ["ODG-1"]}, "changes"),
        (UPDATE, {"ticket_ids": ["ODG-1"], "changes": {}, "updates": [{}]}, "changes"),
        (UPDATE, {"colour": 1, "updates": [{}]}, "colour"),
    ],
)
def test_a_list_that_means_nothing_is_refused_at_once(agnes, url, body, field):
    response = post(agnes, url, body)
    assert response.status_code == 422
    assert field in {name.partition(".0.")[0] for name in fields(response)}
    assert not BulkJob.objects.exists()


def test_customers_open_one_at_a_time(rita):
    assert code_of(post(rita, BULK, {"tickets": [ONE]})) == "not_allowed"


def test_create_job_takes_in_what_is_asked(agnes):
    job = services.create_job(BulkJob.Kind.CREATE, [ONE, ONE], by=agnes)
    assert [item.asked for item in job.items.all()] == [ONE, ONE]
