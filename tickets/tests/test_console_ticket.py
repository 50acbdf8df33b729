"""The console's ticket page: what it shows, and each deed for those who may and those who may not."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import ProductArea
from common.errors import PortalError
from tickets import services
from tickets.console.deeds import DEEDS
from tickets.console.timeline import line
from tickets.models import CustomField, Message, Ticket, TicketLink
from tickets.slots import PANELS
from tickets.vocabulary import Channel, LinkKind, MessageKind, Status

pytestmark = pytest.mark.django_db
LOG = b"2026-02-08 timeout reading batch 4\n"


def url(ticket: Ticket) -> str:
    return reverse("admin:tickets_ticket_change", args=[ticket.pk])


def told(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def do(client, ticket, deed, **fields):
    return client.post(url(ticket), {"deed": deed, **fields})


def answer(client, ticket, deed="answer", **fields):
    return do(client, ticket, deed, **{"token": str(uuid.uuid4()), "body": "Try again, please.", **fields})


def properties(client, ticket, **chosen):
    """Send the properties form as a browser would: every field, beside it the value that was seen."""
    form = client.get(url(ticket)).context["forms"]["properties"]
    data = {"deed": "properties"}
    for bound in form:
        value = bound.value()
        seen = value if isinstance(value, list) else ("" if value is None else value)
        data[bound.name] = seen
        if bound.field.show_hidden_initial:
            data[f"initial-{bound.name}"] = seen
    return data | chosen


def other_ticket(rita, subject="Another matter") -> Ticket:
    return services.open_ticket(subject=subject, description="More.", requester=rita, by=rita, channel=Channel.WEB)


# --- reading ---


def test_page_shows_the_conversation_in_order_and_tells_the_kinds_apart(client, agnes, rita, ticket):
    services.change_ticket(ticket, by=agnes, priority="P2_HIGH", assignee=agnes)
    services.add_internal_note(ticket, body="Same as last week.", by=agnes)
    services.post_public_reply(ticket, body="Which <b>version</b>?", by=agnes)
    client.force_login(agnes)
    page = client.get(url(ticket)).content.decode()
    order = [
        "Since the upgrade every lineage graph",
        "3 changes by Agnes Moreau",
        "Same as last week.",
        "Which &lt;b&gt;",
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert 'class="message note"' in page
    assert 'class="message staff"' in page
    assert "Send public reply" in page
    assert "Add internal note" in page
    assert "Normal</s> → <b>High" in page, "the timeline tells old and new values"


def test_page_of_fifty_messages_needs_few_queries(client, agnes, rita, otto, ticket, django_assert_max_num_queries):
    services.add_follower(ticket, otto, by=agnes)
    services.tracking_token(ticket, rita)
    services.link_tickets(ticket, kind=LinkKind.RELATED, other=other_ticket(rita), by=agnes)
    services.change_ticket(ticket, by=agnes, tags=["slow", "upgrade"], assignee=agnes)
    for n in range(49):
        files = [SimpleUploadedFile("a.log", LOG)] if n % 10 == 0 else []
        services.post_customer_message(ticket, body=f"Message {n}", by=rita, channel=Channel.WEB, files=files)
    client.force_login(agnes)
    client.get(url(ticket))  # fills the cache of the side bar and the choices
    with django_assert_max_num_queries(12):
        page = client.get(url(ticket)).content.decode()
    assert page.count("<article") == 50
    for words in ("Otto Brandt", "Secret link of Rita Lindqvist", "Another matter", "slow, upgrade", "a.log"):
        assert words in page


def test_links_are_told_from_both_sides(client, agnes, rita, ticket):
    other = other_ticket(rita)
    services.link_tickets(ticket, kind=LinkKind.DUPLICATE_OF, other=other, by=agnes)
    client.force_login(agnes)
    assert "A duplicate of" in client.get(url(ticket)).content.decode()
    assert "Has the duplicate" in client.get(url(other)).content.decode()


def test_staff_who_only_look_see_neither_notes_nor_buttons(client, agnes, ticket):
    services.add_internal_note(ticket, body="Only among us.", by=agnes)
    only_looks(agnes)
    client.force_login(agnes)
    page = client.get(url(ticket)).content.decode()
    assert "Since the upgrade" in page
    assert "Only among us." not in page
    assert 'name="deed"' not in page


def only_looks(user):
    user.groups.clear()
    user.user_permissions.set(Permission.objects.filter(codename="view_ticket"))


def test_there_is_no_page_for_what_is_no_ticket(client, agnes):
    client.force_login(agnes)
    for number in ("999999", "abc", "9" * 30):
        assert client.get(reverse("admin:tickets_ticket_change", args=[number])).status_code == 404


def test_history_is_the_timeline(client, agnes, ticket):
    client.force_login(agnes)
    assert client.get(reverse("admin:tickets_ticket_history", args=[ticket.pk])).url == f"{url(ticket)}#timeline"


def test_tickets_cannot_be_deleted(client, ada, ticket):
    client.force_login(ada)
    assert client.post(reverse("admin:tickets_ticket_delete", args=[ticket.pk]), {"post": "yes"}).status_code == 403
    assert Ticket.objects.exists()


def test_other_rooms_show_their_panels_to_who_may_see_them(client, agnes, ticket, monkeypatch):
    def panel(permission):
        return lambda tickets: {
            one.pk: {"title": f"Room of {permission}", "permission": permission, "template": "console/priority.html"}
            for one in tickets
        }

    monkeypatch.setattr(PANELS, "_providers", [panel("tickets.view_ticket"), panel("tickets.delete_ticket")])
    client.force_login(agnes)
    page = client.get(url(ticket)).content.decode()
    assert "Room of tickets.view_ticket" in page
    assert "Room of tickets.delete_ticket" not in page


def test_files_are_handed_to_who_may_read_their_message(client, agnes, rita, ticket):
    services.add_internal_note(ticket, body="The log.", by=agnes, files=[SimpleUploadedFile("our.log", LOG)])
    file = reverse("admin:tickets_attachment_file", args=[ticket.attachments.get().uid])
    assert client.get(file).status_code == 302
    client.force_login(agnes)
    response = client.get(file)
    assert b"".join(response.streaming_content) == LOG
    assert response["Content-Disposition"] == 'attachment; filename="our.log"'
    ticket.attachments.get().file.delete(save=False)
    assert client.get(file).status_code == 404
    assert client.get(reverse("admin:tickets_attachment_file", args=[uuid.uuid4()])).status_code == 404
    client.force_login(rita)
    assert client.get(file).status_code == 403
    only_looks(agnes)
    client.force_login(agnes)
    assert client.get(file).status_code == 404


# --- answering ---


def test_public_reply_with_files_and_a_status_is_one_deed(client, agnes, ticket):
    client.force_login(agnes)
    response = answer(client, ticket, status="PENDING", files=[SimpleUploadedFile("a.log", LOG)])
    message = ticket.messages.get(kind=MessageKind.PUBLIC_REPLY)
    assert response.url == f"{url(ticket)}#message-{message.pk}"
    assert message.attachments.get().name == "a.log"
    assert Ticket.objects.get().status == Status.PENDING


def test_internal_note_is_a_note(client, agnes, ticket):
    client.force_login(agnes)
    answer(client, ticket, "note")
    assert ticket.messages.last().kind == MessageKind.INTERNAL_NOTE
    assert Ticket.objects.get().status == Status.NEW


def test_a_form_sent_twice_answers_once(client, agnes, ticket):
    client.force_login(agnes)
    token = str(uuid.uuid4())
    assert answer(client, ticket, token=token).status_code == answer(client, ticket, token=token).status_code == 302
    assert ticket.messages.count() == 2


def test_refused_answer_leaves_nothing_behind_and_keeps_the_text(client, agnes, ticket):
    client.force_login(agnes)
    program = SimpleUploadedFile("run.exe", b"MZ program")
    response = answer(client, ticket, body="My long answer", status="SOLVED", files=[program])
    assert response.status_code == 422
    assert "My long answer" in response.content.decode()
    assert "programs and web pages cannot be attached" in told(response)
    assert ticket.messages.count() == 1
    assert Ticket.objects.get().status == Status.NEW
    empty = answer(client, ticket, "note", body=" ")
    assert empty.status_code == 422
    assert "Write a message first." in told(empty)


def test_closed_ticket_takes_a_note_and_no_answer(client, agnes, ticket):
    services.close_ticket(ticket, by=agnes)
    client.force_login(agnes)
    assert "Send public reply" not in client.get(url(ticket)).content.decode()
    refused = answer(client, ticket)
    assert refused.status_code == 409
    assert "nobody would see an answer" in told(refused)
    assert answer(client, ticket, "note").status_code == 302


# --- properties ---


def test_properties_are_saved_by_what_was_changed(client, agnes, bruno, ticket):
    area = ProductArea.objects.create(key="PAGE_TEST", name="Page test")
    client.force_login(agnes)
    chosen = {
        **{"status": "OPEN", "priority": "P1_CRITICAL", "assignee": bruno.pk, "team": bruno.teams.get().pk},
        **{"product_area": area.pk, "environment": "STAGING", "product_version": "1.8", "tags": "slow, Lineage graph"},
        "subject": "Lineage is empty",
    }
    response = client.post(url(ticket), properties(client, ticket, **chosen))
    assert response.status_code == 302
    now = Ticket.objects.get()
    assert (now.status, now.priority, now.assignee, now.team) == ("OPEN", "P1_CRITICAL", bruno, bruno.teams.get())
    assert (now.product_area, now.environment, now.product_version) == (area, "STAGING", "1.8")
    assert sorted(tag.name for tag in now.tags.all()) == ["lineage-graph", "slow"]
    assert now.subject == "Lineage is empty"
    client.post(url(ticket), properties(client, ticket, assignee="", team="", product_area=""))
    now.refresh_from_db()
    assert (now.assignee, now.team, now.product_area) == (None, None, None)


def test_custom_fields_are_saved_as_their_kinds(client, agnes, ticket):
    CustomField.objects.all().delete()
    kinds = ["TEXT", "NUMBER", "BOOLEAN", "DATE", "CHOICE", "CHOICES"]
    for kind in kinds:
        choices = [["a", "A", ""], ["b", "B", ""]] if kind.startswith("CHOICE") else []
        CustomField.objects.create(key=kind.lower(), label=kind, kind=kind, choices=choices)
    client.force_login(agnes)
    typed = {"text": "yes", "number": "0", "boolean": "no", "date": "2026-02-08", "choice": "b", "choices": ["a", "b"]}
    sent = {f"custom-{key}": value for key, value in typed.items()}
    assert client.post(url(ticket), properties(client, ticket, **sent)).status_code == 302
    stored = {"text": "yes", "number": 0, "boolean": False, "date": "2026-02-08", "choice": "b", "choices": ["a", "b"]}
    assert Ticket.objects.get().custom_fields == stored
    version = Ticket.objects.get().version
    assert told(client.post(url(ticket), properties(client, ticket))) == "Nothing was changed."
    assert Ticket.objects.get().version == version
    emptied = {f"custom-{key}": [] if key == "choices" else "" for key in typed}
    client.post(url(ticket), properties(client, ticket, **emptied))
    assert Ticket.objects.get().custom_fields == {}


def test_stale_save_tells_what_changed_and_loses_nothing_on_either_side(client, agnes, bruno, ticket):
    client.force_login(agnes)
    data = properties(client, ticket, product_version="1.8.2", tags="mine")
    services.change_ticket(ticket, by=bruno, priority="P1_CRITICAL", environment="PRODUCTION")
    response = client.post(url(ticket), data)
    assert response.status_code == 412
    words = told(response)
    assert "Bruno Costa changed the priority" in words
    assert "Normal → Critical" in words
    assert Ticket.objects.get().product_version == ""
    form = response.context["forms"]["properties"]
    assert form["product_version"].value() == "1.8.2"
    assert form["priority"].value() == "P1_CRITICAL"
    again = {"deed": "properties"}
    for bound in form:
        again[bound.name] = bound.value() if bound.value() is not None else ""
        if bound.field.show_hidden_initial:
            again[f"initial-{bound.name}"] = form.data.getlist(bound.html_initial_name)
    assert client.post(url(ticket), again).status_code == 302
    now = Ticket.objects.get()
    assert (now.product_version, now.priority, now.environment) == ("1.8.2", "P1_CRITICAL", "PRODUCTION")
    assert [tag.name for tag in now.tags.all()] == ["mine"]


def test_refused_properties_say_why_at_their_field(client, agnes, sofia, ticket):
    client.force_login(agnes)
    response = client.post(url(ticket), properties(client, ticket, subject="x", priority="P4_LOW"))
    assert response.status_code == 422
    assert response.context["forms"]["properties"]["priority"].value() == "P4_LOW"
    sofia.groups.clear()
    refused = client.post(url(ticket), properties(client, ticket, assignee=sofia.pk))
    assert refused.status_code == 422
    assert "does not work on tickets" in refused.context["forms"]["properties"].errors["assignee"][0]
    services.close_ticket(ticket, by=agnes)
    final = client.post(url(ticket), properties(client, ticket, status="OPEN"))
    assert final.status_code == 409
    assert "cannot become open" in told(final)


def test_a_choice_that_is_gone_is_refused_in_words(client, agnes, ticket):
    area = ProductArea.objects.create(key="GONE_TEST", name="Soon gone")
    client.force_login(agnes)
    data = properties(client, ticket, product_area=area.pk)
    ProductArea.objects.filter(pk=area.pk).delete()
    response = client.post(url(ticket), data)
    assert response.status_code == 422
    assert "no longer there" in told(response)


# --- verbs ---


def test_verbs_move_the_ticket(client, agnes, ticket):
    client.force_login(agnes)
    for deed, status in [
        ("take", "OPEN"),
        ("solve", "SOLVED"),
        ("reopen", "OPEN"),
        ("solve", "SOLVED"),
        ("close", "CLOSED"),
    ]:
        assert do(client, ticket, deed).status_code == 302, deed
        assert Ticket.objects.get().status == status
    assert Ticket.objects.get().assignee == agnes
    refused = do(client, ticket, "solve")
    assert refused.status_code == 409
    assert "cannot become solved" in told(refused)


def test_cancelling(client, agnes, ticket):
    client.force_login(agnes)
    do(client, ticket, "cancel")
    assert Ticket.objects.get().status == Status.CANCELLED


def test_merging_leads_to_the_survivor(client, agnes, rita, mallory, ticket):
    into = other_ticket(rita)
    client.force_login(agnes)
    assert do(client, ticket, "merge", reference=into.reference).url == url(into)
    page = client.get(url(ticket)).content.decode()
    assert "This ticket was merged." in page
    foreign = other_ticket(mallory, "Somebody else's")
    refused = do(client, into, "merge", reference=foreign.reference)
    assert refused.status_code == 409
    assert "different customers" in told(refused)
    unknown = do(client, into, "merge", reference="ODG-999999")
    assert unknown.status_code == 422
    assert "There is no ticket with this reference." in told(unknown)


def test_splitting_a_customers_message(client, agnes, rita, ticket):
    services.post_customer_message(ticket, body="And the export fails too.", by=rita, channel=Channel.WEB)
    message = ticket.messages.last()
    client.force_login(agnes)
    assert "Split off" in client.get(url(ticket)).content.decode()
    response = do(client, ticket, "split", message=message.pk, subject="Export fails")
    new = Ticket.objects.exclude(pk=ticket.pk).get()
    assert response.url == url(new)
    assert TicketLink.objects.get().kind == LinkKind.SPLIT_FROM
    foreign = do(client, new, "split", message=message.pk, subject="Not mine")
    assert foreign.status_code == 404
    assert "not on this ticket" in told(foreign)


def test_linking_and_unlinking(client, agnes, rita, ticket):
    other = other_ticket(rita)
    client.force_login(agnes)
    do(client, ticket, "link", kind="BLOCKED_BY", reference=str(other.pk))
    link = TicketLink.objects.get()
    assert (link.ticket, link.kind, link.other) == (ticket, "BLOCKED_BY", other)
    for _ in range(2):  # the second time somebody else was faster
        assert do(client, ticket, "unlink", row=link.pk).status_code == 302
    assert not TicketLink.objects.exists()


def test_followers_and_secret_links(client, agnes, rita, ticket):
    services.tracking_token(ticket, rita)
    client.force_login(agnes)
    do(client, ticket, "add_follower", email="new@elsewhere.example")
    follower = ticket.followers.get()
    for _ in range(2):
        assert do(client, ticket, "remove_follower", row=follower.person_id).status_code == 302
    assert not ticket.followers.exists()
    link = ticket.tracking_links.get()
    do(client, ticket, "revoke_link", row=link.pk)
    link.refresh_from_db()
    assert link.revoked_at is not None
    assert do(client, ticket, "revoke_link", row=0).status_code == 404
    assert do(client, ticket, "add_follower", email="no address").status_code == 422


# --- who may ---

FIELDS = {
    **{"answer": {"body": "x"}, "note": {"body": "x"}, "merge": {"reference": "1"}, "split": {"message": 1}},
    **{"link": {"reference": "1"}, "unlink": {"row": 1}, "revoke_link": {"row": 1}, "remove_follower": {"row": 1}},
    "add_follower": {"email": "a@b.example"},
}


@pytest.mark.parametrize("deed", [*DEEDS, "properties"])
def test_every_deed_is_refused_to_strangers_customers_and_staff_without_the_right(client, deed, agnes, rita, ticket):
    before = (Ticket.objects.get().version, Message.objects.count())
    stranger = do(client, ticket, deed, **FIELDS.get(deed, {}))
    assert stranger.url.startswith(reverse("account_login"))
    client.force_login(rita)
    assert do(client, ticket, deed, **FIELDS.get(deed, {})).status_code == 403
    only_looks(agnes)
    client.force_login(agnes)
    assert do(client, ticket, deed, **FIELDS.get(deed, {})).status_code == 403
    assert before == (Ticket.objects.get().version, Message.objects.count())


@pytest.mark.parametrize("deed", DEEDS)
def test_reading_never_does_a_deed(client, deed, agnes, ticket):
    client.force_login(agnes)
    assert client.get(url(ticket), {"deed": deed, **FIELDS.get(deed, {})}).status_code == 200
    assert Ticket.objects.get().version == ticket.version


def test_an_unknown_deed_is_not_found(client, agnes, ticket):
    client.force_login(agnes)
    assert do(client, ticket, "explode").status_code == 404


def test_a_deed_without_the_forms_secret_is_refused(agnes, ticket):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(agnes)
    assert do(client, ticket, "solve").status_code == 403
    assert Ticket.objects.get().status == Status.NEW


# --- timeline ---


def test_every_event_of_a_tickets_life_is_told_in_words(agnes, bruno, rita, otto, ticket):
    from common import journal

    services.change_ticket(ticket, by=agnes, assignee=bruno)
    services.change_ticket(ticket, by=agnes, team=bruno.teams.get(), tags=["slow"], environment="STAGING")
    services.attach_file(ticket, SimpleUploadedFile("a.log", LOG), by=agnes)
    services.add_follower(ticket, otto, by=agnes)
    lines = {event.kind: line(event) for event in journal.timeline(ticket)}
    assert "assigned the ticket, Team: nobody → Bruno Costa" not in lines["ticket.assigned"].sentence
    assert lines["ticket.assigned"].changes[0].field == "Assignee"
    assert lines["ticket.team_changed"].changes[0].field == "Team"
    assert "Environment: nothing → Staging" in lines["ticket.fields_changed"].sentence
    assert "Tags: nothing → slow" in lines["ticket.fields_changed"].sentence
    assert lines["attachment.added"].tail == "a.log"
    assert lines["ticket.follower_added"].actor == "Agnes Moreau"


def test_what_a_service_refuses_is_a_message_and_never_a_failure(client, agnes, ticket, monkeypatch):
    def refuse(*args, **kwargs):
        raise PortalError("Not today.")

    monkeypatch.setattr(services, "solve_ticket", refuse)
    client.force_login(agnes)
    client.raise_request_exception = False
    response = do(client, ticket, "solve")
    assert "Not today." in told(response)
