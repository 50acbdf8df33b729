"""allauth's mails go through the outbox, and their secret does not stay there."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from accounts.services import find_or_create_person
from integrations import services as outbox
from integrations.models import Delivery


@pytest.mark.django_db
def test_a_guest_signs_in_by_a_code_and_the_outbox_forgets_it(client):
    find_or_create_person(email="guest@example.org", name="A Guest")
    client.post(reverse("account_request_login_code"), {"email": "guest@example.org"})
    delivery = Delivery.objects.get()
    assert delivery.is_secret
    outbox.deliver_due()
    (message,) = mail.outbox
    assert message.to == ["guest@example.org"]
    code = re.search(r"^\s*([A-Z0-9-]{6,9})\s*$", message.body, re.MULTILINE)[1]
    delivery.refresh_from_db()
    assert delivery.payload == {}
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert client.get(reverse("profile")).status_code == 200


@pytest.mark.django_db
def test_an_unknown_address_is_answered_the_same_way(client):
    known = find_or_create_person(email="guest@example.org")
    first = client.post(reverse("account_request_login_code"), {"email": known.email})
    second = client.post(reverse("account_request_login_code"), {"email": "nobody@example.org"})
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])


@pytest.mark.django_db
def test_nobody_signs_up_by_hand(client):
    client.post(reverse("account_signup"), {"email": "new@example.org", "password1": "correct horse battery"})
    assert not Delivery.objects.exists()
