"""Tickets that were about the same, in the console."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from common.time import now
from tickets import services, similar, tasks
from tickets.models import Ticket, TicketVector
from tickets.vocabulary import Channel

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(rita):
    def file(subject, description="Words."):
        return services.open_ticket(
            subject=subject, description=description, requester=rita, by=rita, channel=Channel.WEB
        )

    return file


def ready():
    while similar.make_vectors():
        pass
    similar.nearest.forget()


def subjects(ticket, user):
    return [one.ticket.subject for one in similar.similar_to(ticket, user)]


def panel(client, ticket, **headers):
    return client.get(reverse("admin:tickets_ticket_similar", args=[ticket.pk]), headers=headers)


class TestByMeaning:
    @pytest.fixture(autouse=True)
    def _on(self, semantic_search):
        """All of these ask the model itself."""

    def test_what_was_asked_in_other_words_is_found(self, file, ticket, agnes):
        file("No edges between tables", "After we installed the new version, column lineage shows nothing at all.")
        file("Wrong tax on our invoice", "The last invoice has the wrong tax.")
        ready()
        assert subjects(ticket, agnes) == ["No edges between tables"]

    def test_a_note_is_not_what_a_ticket_asks_for(self, file, ticket, agnes):
        other = file("A question", "Our invoice has the wrong tax.")
        services.add_internal_note(other, body="Their lineage graph is empty since the upgrade.", by=agnes)
        ready()
        assert subjects(ticket, agnes) == []

    def test_a_subject_that_changes_is_read_again(self, file, ticket, agnes):
        other = file("A question", "Since the upgrade every graph of it is empty.")
        ready()
        made = TicketVector.objects.get(pk=other.pk).digest
        services.change_ticket(other, by=agnes, subject="Lineage graphs are empty")
        ready()
        assert TicketVector.objects.get(pk=other.pk).digest != made
        services.change_ticket(other, by=agnes, environment="PRODUCTION")
        assert similar.make_vectors() == 0

    def test_what_ended_long_ago_is_left_out(self, file, ticket):
        old = file("Lineage is empty")
        Ticket.objects.filter(pk=old.pk).update(status="CLOSED", closed_at=now() - dt.timedelta(days=400))
        ready()
        assert list(TicketVector.objects.values_list("pk", flat=True)) == [ticket.pk]
        assert not similar.has_wishes()

    def test_the_task_reads_what_is_new(self, ticket, monkeypatch):
        assert tasks.make_vectors.run() == 1


def test_without_meaning_two_words_in_common_are_needed(file, ticket, agnes):
    file("Empty lineage graphs everywhere")
    file("The disk is empty")
    assert subjects(ticket, agnes) == ["Empty lineage graphs everywhere"]


@pytest.mark.parametrize("subject", ["%_%", "'; DROP TABLE tickets", "(((", "🙂🙂🙂", "的中文字符", "a" * 200])
def test_any_subject_is_safe(file, agnes, subject):
    assert subjects(file(subject), agnes) == []


def test_the_panel_tells_what_became_of_them(client, file, ticket, agnes):
    other = file("Empty lineage graphs <b>everywhere</b>")
    services.post_public_reply(other, body="Run the scan again.", by=agnes)
    services.solve_ticket(other, by=agnes)
    client.force_login(agnes)
    page = panel(client, ticket, HX_Request="true").content.decode()
    assert "Solved, with an answer · City of Aarlund" in page
    assert "&lt;b&gt;everywhere" in page
    assert "<html" not in page
    assert "<html" in panel(client, ticket).content.decode()
    assert (
        reverse("admin:tickets_ticket_similar", args=[ticket.pk])
        in client.get(reverse("admin:tickets_ticket_change", args=[ticket.pk])).content.decode()
    )


def test_cancelled_and_merged_ones_are_no_help(file, ticket, agnes):
    services.cancel_ticket(file("Lineage graph empty again"), by=agnes)
    services.merge_tickets(file("My lineage graph is empty"), into=ticket, by=agnes)
    assert subjects(ticket, agnes) == []


def test_only_the_support_team_sees_it(client, ticket, rita):
    client.force_login(rita)
    assert panel(client, ticket).status_code in (302, 403)


def test_queries_do_not_grow(client, file, ticket, agnes, django_assert_max_num_queries):
    for number in range(8):
        file(f"Lineage graph {number} is empty")
    client.force_login(agnes)
    with django_assert_max_num_queries(8):
        assert panel(client, ticket, HX_Request="true").content.decode().count("<li") == similar.SHOWN_MOST
