"""Names of one's own within the seven statuses."""

from __future__ import annotations

import pytest

from common import journal
from common.errors import Invalid, InvalidTransition
from common.tests.api import client_of
from tickets.models import StatusLabel, Ticket
from tickets.services import change_ticket, post_customer_message, solve_ticket
from tickets.tests.console import do, told, url
from tickets.vocabulary import Channel

pytestmark = pytest.mark.django_db
QUEUE = "/admin/tickets/ticket/"


@pytest.fixture
def vendor(db):
    return StatusLabel.objects.create(name="With the vendor", status="ON_HOLD", customer_name="We asked the maker")


@pytest.fixture
def quiet(db):
    return StatusLabel.objects.create(name="Later", status="ON_HOLD")


def fresh(ticket):
    return Ticket.objects.get(pk=ticket.pk)


def test_a_label_brings_its_status_and_leaves_with_it(ticket, vendor, agnes, rita):
    changed = change_ticket(ticket, by=agnes, label=vendor)
    assert (changed.status, changed.status_words) == ("ON_HOLD", "With the vendor")
    assert changed.status_look.customer_words == "We asked the maker"
    (told_of,) = (e.data for e in journal.timeline(ticket) if "status_label" in str(e.data))
    assert told_of["changes"]["status_label"] == {"from": None, "to": "With the vendor"}
    post_customer_message(ticket, body="Any news?", by=rita, channel=Channel.EMAIL)
    assert (fresh(ticket).label, fresh(ticket).status_words) == (vendor, "With the vendor")
    solve_ticket(ticket, by=agnes)
    assert (fresh(ticket).label, fresh(ticket).status_words) == (None, "Solved")


def test_one_label_follows_another_and_is_taken_off(ticket, vendor, quiet, agnes):
    for label in (vendor, quiet, None):
        changed = change_ticket(fresh(ticket), by=agnes, label=label)
        assert (changed.status, fresh(ticket).label) == ("ON_HOLD", label)
    before = fresh(ticket).version
    assert change_ticket(fresh(ticket), by=agnes, label=None).version == before


def test_what_does_not_go_together_is_refused(ticket, vendor, agnes):
    with pytest.raises(Invalid):
        change_ticket(ticket, by=agnes, label=vendor, status="PENDING")
    StatusLabel.objects.filter(pk=vendor.pk).update(is_active=False)
    with pytest.raises(Invalid):
        change_ticket(ticket, by=agnes, label=StatusLabel.objects.get(pk=vendor.pk))
    new = StatusLabel.objects.create(name="Just in", status="NEW")
    change_ticket(ticket, by=agnes, status="OPEN")
    with pytest.raises(InvalidTransition):
        change_ticket(fresh(ticket), by=agnes, label=new)
    assert fresh(ticket).label is None


def test_it_is_chosen_shown_and_filtered_by(client, ticket, vendor, quiet, agnes, rita, django_assert_max_num_queries):
    client.force_login(agnes)
    assert told(do(client, ticket, "set", field="status", value=f"label-{vendor.pk}")) == "Status: With the vendor."
    client.get(QUEUE)
    with django_assert_max_num_queries(13):
        assert "With the vendor" in client.get(QUEUE).content.decode()
    page = client.get(url(ticket)).content.decode()
    assert [words in page for words in ("With the vendor", "Later")] == [True, True]
    assert [len(client.get(f"{QUEUE}?label={one.pk}").context["rows"]) for one in (vendor, quiet)] == [1, 0]
    do(client, ticket, "set", field="status", value="ON_HOLD")
    assert fresh(ticket).label is None
    change_ticket(fresh(ticket), by=agnes, label=vendor)
    client.force_login(rita)
    for shown in (client.get(f"/tickets/{ticket.reference}"), client.get("/tickets")):
        assert ("We asked the maker" in shown.content.decode(), "With the vendor" in shown.content.decode()) == (
            True,
            False,
        )


def test_the_api_gives_and_takes_it(ticket, vendor, agnes, rita):
    address = f"/api/v1/tickets/{ticket.reference}"
    changed = client_of(agnes).patch(address, {"status_label": "with the VENDOR"}, format="json").json()
    assert (changed["status"], changed["status_label"]) == ("ON_HOLD", "With the vendor")
    assert client_of(agnes).patch(address, {"status_label": "No such"}, format="json").status_code == 422
    assert client_of(rita).patch(address, {"status_label": None}, format="json").status_code == 403
    assert client_of(rita).get(address).json()["status_label"] == "We asked the maker"
    cleared = client_of(agnes).patch(address, {"status_label": None}, format="json").json()
    assert (cleared["status"], cleared["status_label"]) == ("ON_HOLD", "On hold")


def test_labels_are_kept_in_the_console(client, ada, agnes, vendor):
    page = "/admin/tickets/statuslabel/"
    client.force_login(ada)
    made = {"name": "Being tested", "status": "OPEN", "customer_name": "", "position": 5, "is_active": "on"}
    assert client.post(f"{page}add/", made).status_code == 302
    client.post(f"{page}{vendor.pk}/change/", {**made, "name": "At the vendor's", "status": "OPEN"})
    assert (StatusLabel.objects.get(pk=vendor.pk).name, StatusLabel.objects.get(pk=vendor.pk).status) == (
        "At the vendor's",
        "ON_HOLD",
    )
    client.force_login(agnes)
    assert client.post(f"{page}add/", made).status_code == 403
