"""Names of one's own within the seven statuses."""

from __future__ import annotations

import pytest
from django.utils.html import strip_tags

from common import journal
from common.actors import SYSTEM
from common.errors import Invalid, InvalidTransition, NotAllowed
from common.tests.api import client_of
from tickets.models import StatusLabel, Ticket
from tickets.services import (
    change_status_label,
    change_ticket,
    create_status_label,
    delete_status_label,
    post_customer_message,
    solve_ticket,
)
from tickets.tests.api import fields
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


def labels_told(ticket):
    """Return the labels that the timeline tells of, each (old, new), the oldest first."""
    changes = (event.data.get("changes", {}) for event in journal.timeline(ticket).order_by("pk"))
    told = (one["status_label"] for one in changes if "status_label" in one)
    return [(label["from"], label["to"]) for label in told]


def test_a_label_brings_its_status_and_leaves_with_it(ticket, vendor, agnes, rita):
    changed = change_ticket(ticket, by=agnes, label=vendor)
    assert (changed.status, changed.status_words) == ("ON_HOLD", "With the vendor")
    assert changed.status_look.customer_words == "We asked the maker"
    post_customer_message(ticket, body="Any news?", by=rita, channel=Channel.EMAIL)
    assert (fresh(ticket).label, fresh(ticket).status_words) == (vendor, "With the vendor")
    solve_ticket(ticket, by=agnes)
    assert (fresh(ticket).label, fresh(ticket).status_words) == (None, "Solved")
    assert labels_told(ticket) == [(None, "With the vendor"), ("With the vendor", None)]


def test_one_label_follows_another_and_is_taken_off(ticket, vendor, quiet, agnes):
    for label in (vendor, quiet, None):
        changed = change_ticket(fresh(ticket), by=agnes, label=label)
        assert (changed.status, fresh(ticket).label) == ("ON_HOLD", label)
    assert labels_told(ticket) == [(None, "With the vendor"), ("With the vendor", "Later"), ("Later", None)]
    before = fresh(ticket).version
    assert change_ticket(fresh(ticket), by=agnes, label=None).version == before


def test_the_timeline_tells_of_a_label_that_goes_with_its_status_and_customers_read_nothing(
    client, ticket, vendor, agnes, rita
):
    testing = StatusLabel.objects.create(name="Being tested", status="PENDING")
    change_ticket(ticket, by=agnes, label=vendor)
    change_ticket(fresh(ticket), by=agnes, label=testing, status="PENDING")
    assert labels_told(ticket)[1:] == [("With the vendor", "Being tested")], "one label follows the other in one line"
    client.force_login(agnes)
    do(client, ticket, "set", field="status", value="OPEN")
    page = " ".join(strip_tags(client.get(url(ticket)).content.decode()).split())
    assert "Status label: Being tested → nothing" in page
    address = f"/api/v1/tickets/{ticket.reference}/events"
    told_to = {person: client_of(person).get(address).content.decode() for person in (agnes, rita)}
    assert ["Being tested" in words for words in told_to.values()] == [True, False]


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


def test_what_the_api_answers_can_be_sent_back(ticket, vendor, agnes):
    address = f"/api/v1/tickets/{ticket.reference}"
    patch = lambda **body: client_of(agnes).patch(address, body, format="json")  # noqa: E731
    for _labelled in (False, True):
        read = client_of(agnes).get(address).json()
        same = patch(status=read["status"], status_label=read["status_label"])
        assert (same.status_code, same.json()) == (200, read)
        assert patch(status_label=read["status_label"]).json() == read
        patch(status_label="With the vendor")
    taken_off = patch(status_label="on hold").json()
    assert (taken_off["status"], taken_off["status_label"]) == ("ON_HOLD", "On hold")
    assert patch(status_label="Pending").json()["status"] == "PENDING", "the words of a status bring it, as labels do"
    assert fields(patch(status="OPEN", status_label="On hold")) == ["status_label"]


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
    told_of = [(e.kind, e.actor_label) for e in journal.Event.objects.filter(kind__startswith="status_label.")]
    assert sorted(told_of) == [("status_label.changed", ada.name), ("status_label.created", ada.name)]
    for name, why in (("being TESTED", "already"), ("On hold", "what a status itself is called")):
        refused = client.post(f"{page}add/", {**made, "name": name})
        assert (refused.status_code, why in refused.content.decode()) == (200, True)
    client.force_login(agnes)
    assert client.post(f"{page}add/", made).status_code == 403


def test_a_label_that_tickets_have_is_not_deleted(client, ada, ticket, vendor, quiet):
    change_ticket(ticket, by=ada, label=vendor)
    client.force_login(ada)
    page = "/admin/tickets/statuslabel/"
    refused = client.post(f"{page}{vendor.pk}/delete/", {"post": "yes"}, follow=True).content.decode()
    assert ("1 ticket has it" in refused, "Switch it off instead" in refused) == (True, True)
    many = {"action": "delete_selected", "_selected_action": [vendor.pk, quiet.pk], "post": "yes"}
    assert "1 ticket has it" in client.post(page, many, follow=True).content.decode()
    assert StatusLabel.objects.count() == 2, "all or none"
    assert fresh(ticket).label == vendor
    change_ticket(fresh(ticket), by=ada, label=None)
    assert client.post(f"{page}{vendor.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(StatusLabel.objects.all()) == [quiet]
    assert journal.Event.objects.filter(kind="status_label.deleted").count() == 1


def test_services_ask_for_the_right(agnes, vendor):
    for refused in (
        lambda: create_status_label(name="Mine", status="OPEN", by=agnes),
        lambda: change_status_label(vendor, name="Mine", by=agnes),
        lambda: delete_status_label(vendor, by=agnes),
    ):
        with pytest.raises(NotAllowed):
            refused()
    with pytest.raises(Invalid):
        create_status_label(name="Over", status="CLOSED", by=SYSTEM)
    assert change_status_label(vendor, name="With  the vendor", by=SYSTEM).name == "With the vendor"
    assert not journal.Event.objects.filter(kind="status_label.changed").exists(), "what is so already leaves no trace"
