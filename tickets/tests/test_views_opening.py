"""Opening a ticket on the page: guests, customers, refusals, and doing it twice."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse

from accounts.models import User
from common.time import now
from tickets import keeping
from tickets.models import CustomField, Ticket
from tickets.services import block_sender
from tickets.tests.pages import filled, text_file, token, words

NEW = "/tickets/new"
pytestmark = pytest.mark.django_db


def test_guest_opens_a_ticket_and_sees_the_link_once(client):
    response = client.post(NEW, filled(attachments=[text_file()]))
    assert (response.status_code, response["Location"]) == (302, reverse("ticket-sent"))
    ticket = Ticket.objects.get()
    assert ticket.requester.email == "gina@guest.example"
    assert ticket.custom_fields == {"severity": "major"}
    assert (ticket.environment, ticket.product_version, ticket.product_area.key) == ("PRODUCTION", "1.8.0", "LINEAGE")
    assert ticket.attachments.get().name == "error.log"

    first = client.get(reverse("ticket-sent"))
    assert ticket.reference in words(first)
    link = re.search(r'href="(http://localhost:8000/t/[\w-]{43})"', words(first))[1]
    assert client.get(link).status_code == 200
    assert first["X-Robots-Tag"] == "noindex"
    assert "no-store" in first["Cache-Control"]

    again = words(client.get(reverse("ticket-sent")))
    assert ticket.reference in again
    assert "/t/" not in again
    assert ticket.subject not in again
    assert "gina@guest.example" not in again


def test_confirmation_without_a_ticket_leads_on(client, rita):
    assert client.get(reverse("ticket-sent"))["Location"] == reverse("ticket-find")
    client.force_login(rita)
    assert client.get(reverse("ticket-sent"))["Location"] == reverse("ticket-list")


def test_confirmation_ends_after_an_hour(client):
    client.post(NEW, filled())
    with time_machine.travel(now() + dt.timedelta(hours=2)):
        assert client.get(reverse("ticket-sent")).status_code == 302


def test_sent_twice_makes_one_ticket(client):
    form = filled()
    client.post(NEW, form)
    assert client.post(NEW, form).status_code == 302
    assert Ticket.objects.count() == 1


def test_going_back_and_asking_something_else_makes_another(client):
    form = filled()
    client.post(NEW, form)
    client.post(NEW, {**form, "subject": "Something else altogether"})
    assert Ticket.objects.count() == 2


def test_refused_form_says_why_and_loses_nothing(client):
    response = client.post(NEW, filled(description="", email="gina@guest", field_severity="minor"))
    page = words(response)
    assert response.status_code == 422
    assert "<title>Error: Open a ticket" in page
    assert "There is a problem" in page
    assert page.count("Describe what happened and what you expected") == 2
    assert page.count("Enter an email address with a domain, like name@example.org") == 2
    assert 'value="Lineage graph is empty"' in page
    assert 'value="gina@guest"' in page
    assert re.search(r'value="minor" id="\w+" checked', page)
    assert Ticket.objects.count() == 0


def test_files_of_a_refused_form_need_not_be_chosen_again(client):
    program = text_file("setup.txt", b"MZ\x90\x00")
    refused = client.post(NEW, filled(subject="", attachments=[text_file(), program]))
    page = words(refused)
    assert "setup.txt: programs and web pages cannot be attached" in page
    assert "error.log, 14 bytes" in page
    reference = re.search(r'name="kept" value="([^"]+)"', page)[1]

    assert client.post(NEW, filled(kept=[reference])).status_code == 302
    attachment = Ticket.objects.get().attachments.get()
    assert (attachment.name, attachment.file.read()) == ("error.log", b"it went wrong\n")
    attachment.file.close()


def test_kept_file_that_is_gone_is_asked_for_again(client):
    page = words(client.post(NEW, filled(subject="", attachments=[text_file()])))
    reference = re.search(r'name="kept" value="([^"]+)"', page)[1]
    assert keeping.purge(now() + dt.timedelta(hours=4)) == 1
    response = client.post(NEW, filled(kept=[reference]))
    assert response.status_code == 422
    assert "choose them again" in words(response)


def test_forged_reference_to_a_file_opens_nothing(client):
    response = client.post(NEW, filled(kept=["attachments/00/secret"]))
    assert response.status_code == 422
    assert Ticket.objects.count() == 0


def test_more_than_five_files_are_refused_by_words(client):
    response = client.post(NEW, filled(attachments=[text_file(f"{n}.log") for n in range(6)]))
    assert response.status_code == 422
    assert "Attach at most 5 files" in words(response)


@pytest.mark.parametrize(
    "trap", [{"website": "https://spam.example"}, {"token": token(seconds_ago=1)}, {"token": ""}, {"token": "forged"}]
)
def test_what_looks_like_a_robot_gets_a_working_path(client, trap):
    if trap.get("token"):
        trap = {"token": token(seconds_ago=0)}
    response = client.post(NEW, filled(**trap))
    page = words(response)
    assert response.status_code == 422
    assert "I am a person" in page
    assert 'value="Lineage graph is empty"' in page
    assert "spam.example" not in page
    assert Ticket.objects.count() == 0
    assert client.post(NEW, filled(**trap, is_person="on")).status_code == 302
    assert Ticket.objects.count() == 1


def test_person_is_not_asked_whether_they_are_one(client):
    page = words(client.get(NEW))
    assert "I am a person" not in page
    assert 'class="trap" aria-hidden="true"' in page


def test_guests_are_slowed_down_by_network_and_by_address(client, settings):
    settings.PORTAL_RATES = {**settings.PORTAL_RATES, "guest-ticket-ip": (2, 3600), "guest-ticket-email": (1, 3600)}
    assert client.post(NEW, filled()).status_code == 302
    by_address = client.post(NEW, filled(subject="Another one"))
    assert by_address.status_code == 429
    assert "Too many tries in a short time" in words(by_address)
    assert int(by_address["Retry-After"]) > 0
    other = filled(subject="A third", email="other@guest.example")
    responses = [client.post(NEW, {**other, "subject": f"Number {n}", "email": f"{n}@guest.example"}) for n in range(3)]
    assert responses[-1].status_code == 429


def test_blocked_sender_is_told_at_the_form(client, sofia):
    block_sender("guest.example", by=sofia)
    response = client.post(NEW, filled())
    assert response.status_code == 403
    assert "Messages from this address are not accepted." in words(response)


def test_guest_with_a_known_address_is_that_person(client, rita):
    client.post(NEW, filled(email="RITA@aarlund.example", name="Somebody"))
    assert Ticket.objects.get().requester == rita
    rita.refresh_from_db()
    assert rita.name == "Rita Lindqvist"


def test_customer_is_asked_neither_name_nor_trap(client, rita):
    client.force_login(rita)
    page = words(client.get(NEW))
    assert 'name="email"' not in page
    assert 'name="website"' not in page
    response = client.post(NEW, filled(token=token(seconds_ago=0), priority="P2_HIGH"), follow=True)
    ticket = Ticket.objects.get()
    assert (ticket.requester, ticket.priority, ticket.priority_source) == (rita, "P2_HIGH", "SUBMITTED")
    assert reverse("ticket-detail", args=[ticket.reference]) in words(response)
    assert "/t/" not in words(response)


def test_community_is_not_offered_what_it_would_not_get(client, mallory):
    client.force_login(mallory)
    page = words(client.get(NEW))
    assert "P3_NORMAL" in page
    assert "P1_CRITICAL" not in page
    assert client.post(NEW, filled(priority="P1_CRITICAL")).status_code == 422


def test_custom_fields_are_asked_by_kind_and_stored_by_type(client):
    kinds = CustomField.Kind
    rows = [
        ("note", kinds.TEXT, []),
        ("seats", kinds.NUMBER, []),
        ("cloud", kinds.BOOLEAN, []),
        ("since", kinds.DATE, []),
        ("region", kinds.CHOICE, [[f"r{n}", f"Region {n}"] for n in range(9)]),
        ("parts", kinds.CHOICES, [["a", "Part A"], ["b", "Part B"]]),
    ]
    for key, kind, choices in rows:
        CustomField.objects.create(key=key, label=key.title(), kind=kind, choices=choices)
    CustomField.objects.create(key="secret", label="Team only", is_customer_editable=False)
    page = words(client.get(NEW))
    assert "Team only" not in page
    assert 'type="date"' in page
    values = {"field_note": "n", "field_seats": "12", "field_cloud": "on", "field_since": "2026-02-08"}
    client.post(NEW, filled(**values, field_region="r3", field_parts=["b", "a"]))
    assert Ticket.objects.get().custom_fields == {
        **{"severity": "major", "note": "n", "seats": 12, "cloud": True},
        **{"since": "2026-02-08", "region": "r3", "parts": ["a", "b"]},
    }


def test_required_custom_field_is_asked_for(client):
    CustomField.objects.create(key="cost", label="Cost centre", is_required=True)
    response = client.post(NEW, filled())
    assert response.status_code == 422
    assert "Answer: Cost centre" in words(response)


def test_topic_can_be_chosen_by_the_address(client):
    assert re.search(r'value="LINEAGE" selected', words(client.get(NEW + "?topic=LINEAGE")))


def test_find_answers_alike_whether_or_not_both_belong_together(client, ticket):
    find = reverse("ticket-find")
    right = client.post(find, {"reference": ticket.reference, "email": ticket.requester.email})
    wrong = client.post(find, {"reference": ticket.reference, "email": "mallory@outside.example"})
    none = client.post(find, {"reference": "ODG-999999", "email": "nobody@outside.example"})
    assert {response.status_code for response in (right, wrong, none)} == {302}
    assert len({response["Location"] for response in (right, wrong, none)}) == 1
    assert "If reference and address belong together" in words(client.get(right["Location"]))
    assert client.post(find, {"reference": "", "email": "x"}).status_code == 422


def test_find_is_rate_limited(client, settings, ticket):
    settings.PORTAL_RATES = {**settings.PORTAL_RATES, "find-ticket-email": (1, 3600)}
    form = {"reference": ticket.reference, "email": "rita@aarlund.example"}
    assert client.post(reverse("ticket-find"), form).status_code == 302
    assert client.post(reverse("ticket-find"), form).status_code == 429
    assert User.objects.filter(email="rita@aarlund.example").exists()
