"""Choosing channels in the console, whether Slack is well, and the command that asks."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from common.errors import Invalid, NotAllowed
from common.journal import Event
from integrations import registry
from integrations.slack.channels import chosen
from integrations.slack.checking import check, why
from integrations.slack.models import Purpose, SlackChannel, SlackThread
from integrations.slack.services import choose_channel, unchoose_channel
from integrations.slack.tests.calls import event
from tests.vendors.slack import TOKEN, refusal
from tickets import services as tickets
from tickets.models import Ticket
from tickets.tests.console import panel_url

ADD = "admin:integrations_slackchannel_add"
LIST = "admin:integrations_slackchannel_changelist"


def test_an_administrator_chooses_a_channel(client, ada, slack):
    client.force_login(ada)
    page = client.get(reverse(ADD)).content.decode()
    assert "Critical tickets (#support-critical)" in page
    answer = client.post(reverse(ADD), {"purpose": "critical", "channel": "C0TEST00"})
    assert answer.status_code == 302
    assert chosen()["critical"] == "C0TEST00"
    row = SlackChannel.objects.get()
    change = reverse("admin:integrations_slackchannel_change", args=[row.pk])
    refused = client.post(change, {"channel": "not a channel"}).content.decode()
    assert "Write the id of a channel" in refused
    client.post(change, {"channel": ""})
    listed = client.get(reverse(LIST)).content.decode()
    assert "Nothing is posted" in listed
    client.post(reverse("admin:integrations_slackchannel_delete", args=[row.pk]), {"post": "yes"})
    assert chosen()["critical"] == "#support-critical"
    kinds = Event.objects.filter(kind="slack.channel_chosen").order_by("id")
    told = [(event.data["channel"]["from"], event.data["channel"]["to"]) for event in kinds]
    assert told == [("", "C0TEST00"), ("C0TEST00", ""), ("", "#support-critical")]


def test_nobody_else_does(client, agnes, sofia, slack):
    for person in (agnes, sofia):
        client.force_login(person)
        assert client.get(reverse(ADD)).status_code == 403
        with pytest.raises(NotAllowed):
            choose_channel(Purpose.CRITICAL, channel="C0TEST00", by=person)
    row = SlackChannel.objects.create(purpose=Purpose.TEST, channel="C0TEST00")
    with pytest.raises(NotAllowed):
        unchoose_channel(row, by=agnes)


@pytest.mark.parametrize("channel", ["@somebody", "support", "#", "#Big Words", "<#C1>", "c0lower00"])
def test_what_is_no_channel_is_refused(ada, slack, channel):
    with pytest.raises(Invalid):
        choose_channel(Purpose.CRITICAL, channel=channel, by=ada)


def test_off_says_because_of_what(db, settings):
    settings.SLACK_BOT_TOKEN = ""
    assert not registry.is_on("slack")
    assert (why(), check(False).words) == ("Off: SLACK_BOT_TOKEN is not set.", "SLACK_BOT_TOKEN is not set.")


@pytest.mark.parametrize(
    ("token", "secrets", "words"),
    [
        ("xoxp-1", ["s"], "begin with xoxb-"),
        (TOKEN, [], "nothing is taken from Slack"),
        (TOKEN, ["s"], "The settings look right."),
    ],
)
def test_the_settings_are_looked_at(slack, settings, token, secrets, words):
    settings.SLACK_BOT_TOKEN, settings.SLACK_SIGNING_SECRETS = token, secrets
    assert words in check(False).words
    assert ("refused" in why()) == (not secrets)
    assert slack.calls == []


def test_the_live_check_asks_for_each_channel(slack):
    verdict = check(True)
    assert (verdict.is_good, "All 7 channels can be posted in." in verdict.words) == (True, True)
    slack.archived.add("C0TEST")
    SlackChannel.objects.create(purpose=Purpose.TEST, channel="C0TEST0")
    slack.add_channel("C0TEST0", "away")
    slack.archived.add("C0TEST0")
    SlackChannel.objects.create(purpose=Purpose.GENERAL, channel="#nowhere")
    verdict = check(True)
    assert not verdict.is_good
    assert "#nowhere: There is no public channel" in verdict.words
    assert "C0TEST0: The channel is archived." in verdict.words
    slack.script("auth.test", refusal("invalid_auth"))
    assert "does not accept the token" in check(True).words


def test_the_command_never_shows_the_token(slack, settings, capsys):
    call_command("check_integration", "slack", live=True)
    settings.SLACK_BOT_TOKEN = "xoxb-wrong-wrong-wrong"
    with pytest.raises(CommandError):
        call_command("check_integration", "slack", live=True)
    told = capsys.readouterr()
    assert "portal's in Portal" in told.out
    assert "xoxb" not in told.out + told.err


def test_where_no_channel_is_chosen_it_says_so(slack, settings):
    settings.SLACK_CHANNELS = {}
    assert "no channel is chosen" in why()


def panel(client, ticket):
    return client.get(panel_url(ticket, "slack"), headers={"HX-Request": "true"})


def test_a_ticket_shows_its_threads_and_whether_they_are_up_to_date(client, send, people, post, agnes, rita):
    ticket = tickets.open_ticket(
        subject="All graphs are gone", description="x", requester=rita, by=rita, channel="WEB", priority="P1_CRITICAL"
    )
    client.force_login(agnes)
    assert panel(client, ticket).status_code == 204, "nothing was posted yet"
    post()
    shown = panel(client, ticket).content.decode()
    thread = SlackThread.objects.get(ticket=ticket)
    assert ("#support-critical" in shown, "Up to date" in shown) == (True, True)
    assert f"channel={thread.channel_id}&amp;message_ts={thread.ts}" in shown
    send("events", event(thread_ts=thread.ts, channel=thread.channel_id, text="Looking at it"))
    assert "Agnes Moreau wrote from there" in panel(client, ticket).content.decode()
    post()
    for _ in range(2):  # for the assignee, and for the status that comes with one
        people.script("chat.update", refusal("is_archived"))
    tickets.change_ticket(Ticket.objects.get(pk=ticket.pk), by=agnes, assignee=agnes)
    assert "Waiting" in panel(client, ticket).content.decode()
    post()
    assert "Given up" in panel(client, ticket).content.decode()


def test_a_panel_of_slack_costs_the_same_for_many_threads(client, thread, agnes, django_assert_max_num_queries):
    client.force_login(agnes)
    panel(client, thread.ticket)
    for n in range(5):
        SlackThread.objects.create(
            ticket=thread.ticket, channel_id=f"C0{n}", destination=f"C0{n}AAAAA", ts=f"{n}.1", opener=f"{n}.0"
        )
    with django_assert_max_num_queries(12):
        assert panel(client, thread.ticket).content.decode().count("app_redirect") == 6
