"""A form that is sent twice does its work once."""

import datetime as dt
import threading
import uuid

import pytest
from django.db import connection

from common.retention import purgers
from common.time import now
from tickets.models import FormPost, Ticket
from tickets.services import once_per_form, open_ticket
from tickets.vocabulary import Channel


def opened(person):
    return open_ticket(subject="Hello", description="World", requester=person, by=person, channel=Channel.WEB)


def test_the_second_time_gives_the_first_ticket(rita):
    token = uuid.uuid4()
    first = once_per_form(token, lambda: opened(rita))
    assert once_per_form(token, lambda: opened(rita)) == first
    assert once_per_form(uuid.uuid4(), lambda: opened(rita)) != first


def test_a_refusal_leaves_the_token_free(rita):
    token = uuid.uuid4()

    def fail():
        opened(rita)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - our own
        once_per_form(token, fail)
    assert not Ticket.objects.exists()
    assert not FormPost.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_ticket(rita):
    token, made, both = uuid.uuid4(), [], threading.Barrier(2)

    def send():
        both.wait()
        try:
            made.append(once_per_form(token, lambda: opened(rita)).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(made) == 2
    assert len(set(made)) == 1
    assert Ticket.objects.count() == 1


def test_forms_are_forgotten_after_a_week(rita):
    once_per_form(uuid.uuid4(), lambda: opened(rita))
    assert purgers()["form posts"](now() + dt.timedelta(days=6)) == 0
    assert purgers()["form posts"](now() + dt.timedelta(days=8)) == 1
