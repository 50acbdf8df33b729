"""Going away and coming back: by oneself, by a supervisor, by the API, and by the clock."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from accounts import services
from accounts.models import User
from accounts.out_of_office import absence_words
from common import journal
from common.errors import Invalid, NotAllowed
from common.tests.api import client_of
from common.time import now

DAY = dt.timedelta(days=1)


def again(person):
    return User.objects.get(pk=person.pk)


def kinds(person):
    return list(journal.timeline(person).order_by("pk").values_list("kind", flat=True))


@pytest.fixture
def page(client, agnes):
    client.force_login(agnes)
    return reverse("admin:accounts_out_of_office")


def test_going_away_and_coming_back_are_events(agnes, bruno):
    until = now() + DAY
    services.go_away(agnes, until=until, stand_in=bruno, by=agnes)
    agnes = again(agnes)
    assert (agnes.is_away, agnes.away_until, agnes.stand_in) == (True, until, bruno)
    assert journal.timeline(agnes).last().data == {
        "until": until.isoformat(),
        "stand_in": bruno.pk,
        "name": "Bruno Costa",
    }
    services.come_back(agnes, by=agnes)
    agnes = again(agnes)
    assert (agnes.is_away, agnes.away_until, agnes.stand_in) == (False, None, None)
    services.come_back(agnes, by=agnes)
    assert kinds(agnes)[-2:] == ["user.went_away", "user.came_back"]


def test_when_the_end_has_passed_one_is_here_by_itself(agnes, bruno):
    services.go_away(agnes, until=now() + DAY, stand_in=bruno, by=agnes)
    with time_machine.travel(now() + 2 * DAY, tick=False):
        agnes = again(agnes)
        assert not agnes.is_away
        assert agnes not in User.objects.away_at(now())
        assert client_of(agnes).get("/api/v1/me").json()["availability"] == "AVAILABLE"
        services.change_user(agnes, by=agnes, availability="AWAY")
        agnes = again(agnes)
        assert (agnes.is_away, agnes.away_until, agnes.stand_in) == (True, None, None), (
            "the old end and person are over"
        )
    assert again(agnes) in User.objects.away_at(now())


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"until": -DAY}, "away_until"),
        ({"stand_in": "agnes"}, "stand_in"),
        ({"stand_in": "rita"}, "stand_in"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(request, agnes, rita, fields, field):
    given = {
        name: now() + value if isinstance(value, dt.timedelta) else request.getfixturevalue(value)
        for name, value in fields.items()
    }
    with pytest.raises(Invalid) as refused:
        services.go_away(agnes, by=agnes, **given)
    assert refused.value.field == field
    assert not again(agnes).is_away


def test_who_is_here_has_no_stand_in(agnes, bruno):
    with pytest.raises(Invalid) as refused:
        services.change_user(agnes, by=agnes, stand_in=bruno)
    assert refused.value.field == "stand_in"


def test_a_colleague_cannot_send_one_away_but_a_supervisor_can(agnes, bruno, sofia):
    with pytest.raises(NotAllowed):
        services.go_away(agnes, by=bruno)
    services.go_away(agnes, by=sofia)
    assert again(agnes).is_away


def test_a_right_is_found_however_it_was_given(agnes, rita, ada):
    assert set(User.objects.with_right("tickets.work_ticket")) == {agnes, ada}
    rita.is_superuser = True
    rita.save()
    assert rita in User.objects.with_right("tickets.work_ticket")
    assert rita not in User.objects.staff().with_right("tickets.work_ticket")


def test_the_page_takes_one_away_and_back(client, page, agnes, bruno):
    assert "You are here" in client.get(page).content.decode()
    day = (now() + 3 * DAY).strftime("%Y-%m-%dT09:00")
    response = client.post(page, {"deed": "away", "until": day, "stand_in": bruno.pk}, follow=True)
    shown = response.content.decode()
    agnes = again(agnes)
    assert agnes.is_away
    assert agnes.stand_in == bruno
    assert absence_words(agnes) in shown
    assert f'value="{day}"' in shown, "the form has what is set"
    response = client.post(page, {"deed": "back"}, follow=True)
    assert "Welcome back" in response.content.decode()
    assert not again(agnes).is_away


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"until": "2020-01-01T09:00"}, "Choose an end that lies ahead."),
        ({"until": "tomorrow"}, "Enter a day and a time"),
        ({"stand_in": "0"}, "not in the support team"),
    ],
)
def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(client, page, agnes, sent, words):
    response = client.post(page, {"deed": "away", "until": "", **sent})
    assert response.status_code == 422
    shown = response.content.decode()
    assert words in shown
    assert sent.get("until", "") in shown
    assert not again(agnes).is_away


def test_customers_do_not_reach_the_page(client, rita):
    client.force_login(rita)
    assert client.get("/admin/out-of-office/").status_code == 403


def test_a_supervisor_sets_it_for_others_in_the_table_of_people(client, sofia, agnes, bruno):
    client.force_login(sofia)
    url = reverse("admin:accounts_user_change", args=[agnes.pk])
    form = client.get(url).context["adminform"].form
    assert bruno in form.fields["stand_in"].queryset
    assert agnes not in form.fields["stand_in"].queryset
    until = now() + DAY
    data = {
        **{"availability": "AWAY", "stand_in": bruno.pk, "teams": [agnes.teams.get().pk]},
        **{"away_until_0": until.strftime("%Y-%m-%d"), "away_until_1": until.strftime("%H:%M:%S")},
    }
    assert client.post(url, data).status_code == 302
    agnes = again(agnes)
    assert agnes.is_away
    assert (agnes.stand_in, kinds(agnes)[-1]) == (bruno, "user.went_away")
    listed = client.get(reverse("admin:accounts_user_changelist"), {"role": "agent"}).content.decode()
    assert absence_words(agnes) in listed
    response = client.post(url, {**data, "away_until_0": "2020-01-01"})
    assert "Choose an end that lies ahead." in response.content.decode()


def test_the_side_bar_leads_there(client, agnes, page):
    assert page in client.get(reverse("admin:tickets_ticket_changelist")).content.decode()
