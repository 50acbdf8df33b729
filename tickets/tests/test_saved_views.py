"""Keeping views: who may, what is refused, and that each leaves a trace."""

from __future__ import annotations

import pytest

from common.errors import Invalid, NotAllowed
from common.journal import Event
from tickets.access import may_keep
from tickets.models import SavedView
from tickets.services import change_view, delete_view, save_view

pytestmark = pytest.mark.django_db


def test_a_view_is_its_owners_its_teams_or_everybodys_to_change(agnes, bruno, sofia, rita):
    own = save_view(by=agnes, name="Own", filters={})
    teams = save_view(by=agnes, name="Team", filters={}, team=agnes.teams.get())
    all_ = SavedView.objects.get(name="Mine", owner=None)
    rights = {view.name: [may_keep(who, view) for who in (agnes, bruno, sofia)] for view in (own, teams, all_)}
    assert rights == {"Own": [True, False, False], "Team": [True, False, True], "Mine": [False, False, True]}
    with pytest.raises(NotAllowed, match="support team"):
        save_view(by=rita, name="Own", filters={})


def test_what_is_refused_names_the_field(agnes):
    for wrong, field in [
        ({"filters": {"size": ["1"]}}, "filters"),
        ({"sort": "up"}, "sort"),
        ({"name": "x" * 61}, "name"),
    ]:
        with pytest.raises(Invalid) as refused:
            save_view(by=agnes, **{"name": "Fine", "filters": {}, **wrong})
        assert refused.value.field == field
    with pytest.raises(ValueError, match="owner"):
        change_view(save_view(by=agnes, name="Fine", filters={}), by=agnes, owner=None)


def test_saving_and_removing_leave_a_trace(agnes):
    view = save_view(by=agnes, name="Own", filters={"tag": ["a"]})
    change_view(view, by=agnes, name="Renamed", filters={"tag": []})
    delete_view(SavedView.objects.get(pk=view.pk), by=agnes)
    told = (
        Event.objects.filter(kind__startswith="view.").order_by("pk").values_list("kind", "data__name", "data__filters")
    )
    assert list(told) == [
        ("view.saved", "Own", {"tag": ["a"]}),
        ("view.saved", "Renamed", {}),
        ("view.deleted", "Renamed", {}),
    ]
