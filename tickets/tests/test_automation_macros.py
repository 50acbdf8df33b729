"""Macros and saved replies: what one shows before it is applied, what it does, and what stops it."""

import pytest
from django.urls import reverse

from accounts.models import Team
from common import journal
from common.actors import SYSTEM
from common.errors import Conflict, Invalid, NotAllowed, NotFound, Stale
from common.tests.api import client_of
from tickets import services
from tickets.automation.checking import checked_macro, checked_saved_reply
from tickets.models import CustomField, Macro, SavedReply
from tickets.tests.api import fields, url
from tickets.tests.rules import act, trigger
from tickets.vocabulary import MessageKind, Status


def macro(**more):
    steps = [act("set_assignee", "current_user"), act("add_tags", ["asked"]), act("set_status", "PENDING")]
    words = "Hello {{ requester.first_name }}, which version? {{ agent.first_name }}"
    return services.create_macro(**{"name": "Ask", "actions": steps, "reply": words, "by": SYSTEM, **more})


def kinds(ticket):
    return list(journal.timeline(ticket).order_by("pk").values_list("kind", flat=True))


def test_a_preview_tells_old_and_new_and_does_nothing(ticket, agnes):
    before = (kinds(ticket), ticket.version)
    seen = services.preview_macro(macro(), ticket, by=agnes)
    assert [(step.label, step.old, step.new, step.problem) for step in seen.changes] == [
        ("Assignee", "nobody", "Agnes Moreau", ""),
        ("Tags", "none", "asked", ""),
        ("Status", "Open", "Pending", ""),
    ]
    assert seen.reply == "Hello Rita, which version? Agnes"
    ticket.refresh_from_db()
    assert (kinds(ticket), ticket.version) == before


def test_applying_does_all_of_it_and_counts(ticket, agnes):
    one = macro()
    done = services.apply_macro(one, ticket, by=agnes)
    assert (done.assignee, done.status) == (agnes, Status.PENDING)
    (reply,) = ticket.messages.filter(kind=MessageKind.PUBLIC_REPLY)
    assert (reply.body, reply.author, reply.is_automatic) == ("Hello Rita, which version? Agnes", agnes, False)
    assert kinds(ticket)[-1] == "automation.macro_applied"
    assert done.first_response_at is not None
    one.refresh_from_db()
    assert one.used_count == 1


def test_the_agents_own_words_take_the_place_of_the_macros(ticket, agnes):
    one = macro(is_reply_internal=True)
    services.apply_macro(one, ticket, by=agnes, reply="Other words.")
    assert ticket.messages.get(kind=MessageKind.INTERNAL_NOTE).body == "Other words."
    services.apply_macro(one, ticket, by=agnes, reply="")
    assert ticket.messages.filter(kind=MessageKind.INTERNAL_NOTE).count() == 1


def test_a_missing_field_stops_all_of_it_and_is_named(ticket, agnes):
    CustomField.objects.create(key="cause", label="Cause", is_required=True)
    one = macro(actions=[act("add_tags", ["done"]), act("set_status", "SOLVED")])
    with pytest.raises(Invalid) as refused:
        services.apply_macro(one, ticket, by=agnes)
    assert refused.value.field == "custom_fields.cause"
    assert "“Cause” must be filled in" in refused.value.message
    assert ticket.messages.count() == 1
    one.refresh_from_db()
    assert one.used_count == 0
    services.change_ticket(ticket, by=agnes, custom_fields={"cause": "A bug"})
    assert services.apply_macro(one, ticket, by=agnes).status == Status.SOLVED


def test_what_a_step_refuses_undoes_the_others(ticket, agnes):
    gone = Team.objects.create(name="Gone")
    one = macro(actions=[act("add_tags", ["half"]), act("set_team", gone.pk)])
    gone.delete()
    assert services.preview_macro(one, ticket, by=agnes).changes[-1].problem == "The team is gone."
    with pytest.raises(Conflict):
        services.apply_macro(one, ticket, by=agnes)
    assert not ticket.tags.exists()


def test_triggers_follow_a_macro(ticket, agnes):
    trigger(
        "Pending",
        ["ticket.status_changed"],
        [act("add_tags", ["waits"])],
    )
    assert services.apply_macro(macro(), ticket, by=agnes).tags.filter(name="waits").exists()


def test_a_macro_is_its_teams_and_only_agents(ticket, agnes, bruno, rita, mallory, sofia):
    one = macro(team=agnes.teams.get())
    assert services.preview_macro(one, ticket, by=sofia)
    for person, refusal in ((bruno, NotAllowed), (rita, NotAllowed), (mallory, NotFound)):
        with pytest.raises(refusal):
            services.apply_macro(one, ticket, by=person)
    services.change_macro(one, by=sofia, is_active=False)
    with pytest.raises(NotAllowed):
        services.apply_macro(one, ticket, by=agnes)


def test_nobody_overwrites_what_they_have_not_seen(ticket, agnes):
    with pytest.raises(Stale):
        services.apply_macro(macro(), ticket, by=agnes, expected_version=ticket.version + 1)


def test_a_reply_on_a_closed_ticket_is_refused(ticket, agnes):
    services.close_ticket(ticket, by=agnes)
    with pytest.raises(Conflict):
        services.apply_macro(macro(), ticket, by=agnes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Take it"}, "name"),
        ({"reply": "{{ request.user }}"}, "reply"),
        ({"actions": [act("set_status", "GONE")]}, "actions[0].value"),
        ({"actions": [], "reply": ""}, "actions"),
        ({"description": "x" * 301}, "description"),
    ],
)
def test_a_macro_is_refused_where_it_is_wrong(db, changes, field):
    with pytest.raises(Invalid) as refused:
        macro(**changes)
    assert refused.value.field == field


def test_only_supervisors_write_macros_and_saved_replies(agnes, sofia):
    one, reply = macro(), services.create_saved_reply(title="Hi", keyword="hi", body="Hello.", by=sofia)
    for verb in (
        lambda: services.change_macro(one, by=agnes, name="Y"),
        lambda: services.delete_macro(one, by=agnes),
        lambda: services.change_saved_reply(reply, by=agnes, title="Y"),
        lambda: services.delete_saved_reply(reply, by=agnes),
    ):
        with pytest.raises(NotAllowed):
            verb()
    assert services.change_macro(one, by=sofia, name="Y").name == "Y"
    assert services.change_saved_reply(reply, by=sofia, title="Y").title == "Y"
    services.delete_macro(one, by=sofia)
    services.delete_saved_reply(reply, by=sofia)
    assert not Macro.objects.filter(name="Y").exists() and not SavedReply.objects.filter(title="Y").exists()


def test_a_saved_reply_is_filled_for_a_ticket(ticket, agnes, rita):
    reply = services.create_saved_reply(title="Hi", keyword="Hi", body="Hello {{ requester.name }}.", by=SYSTEM)
    assert reply.keyword == "hi"
    assert services.fill_saved_reply(reply, ticket, by=agnes) == "Hello Rita Lindqvist."
    with pytest.raises(NotAllowed):
        services.fill_saved_reply(reply, ticket, by=rita)


def test_what_the_portal_comes_with_is_well_formed(db):
    assert Macro.objects.count() == 10
    for one in Macro.objects.all():
        checked_macro({name: getattr(one, name) for name in services.macros.MACRO_FIELDS}, macro=one)
    for one in SavedReply.objects.all():
        checked_saved_reply({name: getattr(one, name) for name in services.macros.SAVED_REPLY_FIELDS}, reply=one)


# --- the API ----------------------------------------------------------------------------------------------------------


def test_the_api_lists_previews_and_applies(ticket, agnes, bruno, django_assert_max_num_queries):
    one, client = macro(team=agnes.teams.get(), position=1), client_of(agnes)
    with django_assert_max_num_queries(8):
        listed = client.get("/api/v1/macros").json()["results"]
    assert (len(listed), listed[0]["name"], listed[0]["team"]["name"]) == (11, "Ask", "Alpha")
    assert len(client_of(bruno).get("/api/v1/macros").json()["results"]) == 10

    seen = client.get(url(ticket, "macros", str(one.pk), "preview")).json()
    assert seen["changes"][-1] == {"label": "Status", "old": "Open", "new": "Pending", "text": "", "problem": ""}
    body = {"reply": "Which one?", "version": seen["version"]}
    done = client.post(url(ticket, "macros", str(one.pk), "apply"), body, format="json")
    assert (done.status_code, done.json()["status"]) == (200, "PENDING")
    assert client.post(url(ticket, "macros", str(one.pk), "apply"), body, format="json").status_code == 412
    assert client_of(bruno).get(url(ticket, "macros", str(one.pk), "preview")).status_code == 404


def test_the_api_names_a_missing_field(ticket, agnes):
    CustomField.objects.create(key="cause", label="Cause", is_required=True)
    one = macro(actions=[act("set_status", "SOLVED")])
    response = client_of(agnes).post(url(ticket, "macros", str(one.pk), "apply"), {}, format="json")
    assert response.status_code == 422
    assert fields(response) == ["custom_fields.cause"]


# --- in the console ---------------------------------------------------------------------------------------------------


def test_an_agent_sees_what_a_macro_changes_and_applies_it_with_other_words(client, ticket, agnes):
    one = macro()
    client.force_login(agnes)
    page = reverse("admin:tickets_macro_use", args=[ticket.reference])
    assert page in client.get(reverse("admin:tickets_ticket_change", args=[ticket.pk])).content.decode()
    assert f"?macro={one.pk}" in client.get(page).content.decode()
    shown = client.get(f"{page}?macro={one.pk}")
    assert "Status: Open → Pending" in shown.content.decode()
    assert shown.context["form"]["reply"].value() == "Hello Rita, which version? Agnes"
    sent = {"version": ticket.version, "reply": "Which one?"}
    assert client.post(f"{page}?macro={one.pk}", sent).status_code == 302
    ticket.refresh_from_db()
    assert ticket.status == Status.PENDING
    again = client.post(f"{page}?macro={one.pk}", sent)
    assert (again.status_code, again.context["form"]["reply"].value()) == (412, "Which one?")


def test_the_macro_page_is_the_support_teams(client, ticket, rita, bruno, agnes):
    one = macro(team=agnes.teams.get())
    page = reverse("admin:tickets_macro_use", args=[ticket.reference])
    client.force_login(rita)
    assert client.get(page).status_code == 403
    client.force_login(bruno)
    assert client.get(f"{page}?macro={one.pk}").context["form"] is None
    assert client.get(reverse("admin:tickets_macro_use", args=["ODG-1"])).status_code == 404
