import datetime as dt
import json

import pytest
from django.contrib.auth import get_user_model
from django.http import QueryDict
from rest_framework import serializers

from common.filters import Choice, Flag, Identity, Since, StrictFilterBackend, StrictFilterSet, Text, ThroughMany, Words
from common.models import Event
from common.tests.api import call, problem_of
from common.views import PortalViewSet

START = dt.datetime(2026, 2, 8, 12, tzinfo=dt.UTC)


class Filters(StrictFilterSet):
    kind = Choice("kind", choices=["thing.done".upper(), "THING.UNDONE"], aliases={"DONE": "THING.DONE"})
    actor = Identity("actor_id", words=["me", "none"], description="Who did it.")
    number = Identity("actor_id")
    channel = Text("channel")
    after = Since("occurred_at", lookup_expr="gt")
    since = Since("occurred_at")
    system = Flag("subject_id", method="by_system")
    q = Words("actor_label", method="search")

    def by_system(self, queryset, name, values):
        return queryset.filter(actor_id__isnull=values[0])

    def search(self, queryset, name, values):
        return queryset.filter(actor_label__icontains=values[0])


class Row(serializers.Serializer):
    uid = serializers.CharField(source="channel")


class Events(PortalViewSet):
    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    serializer_class = Row
    filterset_class = Filters

    def list(self, request):
        return self.answer_page(Event.objects.order_by("pk"))


class User7:
    pk = 7
    is_authenticated = True


@pytest.fixture
def events(db):
    rows = [
        ("a", "THING.DONE", 7, "Rita", 0),
        ("b", "THING.DONE", 8, "Otto", 1),
        ("c", "THING.UNDONE", None, "triage", 2),
        ("d", "OTHER", 7, "Rita", 3),
    ]
    for channel, kind, actor, label, hours in rows:
        Event.objects.create(
            kind=kind,
            channel=channel,
            actor_id=actor,
            actor_label=label,
            occurred_at=START + dt.timedelta(hours=hours),
            subject_type="x",
            subject_id=1,
        )


def get(query):
    return call(Events.as_view({"get": "list"}), path=f"/api/v1/events?{query}", user=User7())


def found(query):
    response = get(query)
    assert response.status_code == 200, response.content
    return "".join(row["uid"] for row in json.loads(response.content)["results"])


@pytest.mark.parametrize(
    ("query", "channels"),
    [
        ("", "abcd"),
        ("kind=THING.DONE", "ab"),
        ("kind=done", "ab"),
        ("kind=thing.done&kind=thing.undone", "abc"),
        ("actor=me", "ad"),
        ("actor=none", "c"),
        ("actor=me&actor=none", "acd"),
        ("actor=8", "b"),
        ("actor=9", ""),
        ("actor=9223372036854775807", ""),
        ("number=8&number=7", "abd"),
        ("kind=done&actor=me", "a"),
        ("channel=a&channel=d", "ad"),
        ("since=2026-02-08T13:00:00Z", "bcd"),
        ("after=2026-02-08T13:00:00Z", "cd"),
        ("since=2026-02-08T15:00:00%2B02:00", "bcd"),
        ("since=2026-02-08", "abcd"),
        ("since=2026-02-09", ""),
        ("system=true", "c"),
        ("system=false", "abd"),
        ("q=rit", "ad"),
        ("q=", "abcd"),
        ("q=%25", ""),
        ("q=' OR 1=1 --", ""),
    ],
)
def test_repeating_a_parameter_means_or_and_different_ones_mean_and(events, query, channels):
    assert found(query) == channels


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("kind=other", "kind", "invalid_choice"),
        ("kind=", "kind", "invalid_choice"),
        ("kind=done&kind=' OR '1'='1", "kind", "invalid_choice"),
        ("actor=0", "actor", "invalid"),
        ("actor=-1", "actor", "invalid"),
        ("actor=you", "actor", "invalid"),
        ("actor=9223372036854775808", "actor", "invalid"),
        ("actor=%D9%A3", "actor", "invalid"),
        ("number=me", "number", "invalid"),
        ("channel=", "channel", "invalid"),
        ("channel=" + "x" * 201, "channel", "invalid"),
        ("since=yesterday", "since", "invalid"),
        ("since=2026-02-30", "since", "invalid"),
        ("since=2026-02-08T13:00:00", "since", "invalid"),
        ("since=2026-02-08T13:00:00+02:00", "since", "invalid"),
        ("since=0001-01-01T00:00:00%2B23:59", "since", "invalid"),
        ("since=2026-02-08&since=2026-02-09", "since", "repeated"),
        ("system=1", "system", "invalid"),
        ("q=a&q=b", "q", "repeated"),
        ("q=" + "x" * 201, "q", "max_length"),
        ("q=%00", "q", "invalid"),
        ("statos=NEW", "statos", "unknown_parameter"),
        ("kind__in=x", "kind__in", "unknown_parameter"),
        ("%00=x", "\x00", "unknown_parameter"),
        ("&".join(["channel=a"] * 101), "channel", "repeated"),
    ],
)
def test_wrong_values_and_unknown_parameters_are_told_by_name(events, query, field, code):
    response = get(query)

    assert response.status_code == 400
    assert [(error["field"], error["code"]) for error in problem_of(response)["errors"]] == [(field, code)]


def test_all_wrong_values_are_told_together(events):
    errors = problem_of(get("kind=other&actor=you&system=1"))["errors"]

    assert [error["field"] for error in errors] == ["kind", "actor", "system"]


def test_a_many_to_many_relation_is_not_joined(rita, agnes):
    class People(StrictFilterSet):
        team = ThroughMany("teams__name")

    filterset = People(QueryDict("team=Alpha&team=Beta"), queryset=get_user_model().objects.all())

    assert filterset.is_valid()
    assert list(filterset.qs) == [agnes]
    assert "JOIN" not in str(filterset.qs.query).partition("IN (")[0]


def test_a_flag_without_a_method_is_its_column(rita, agnes):
    class People(StrictFilterSet):
        staff = Flag("is_staff")

    filterset = People(QueryDict("staff=true"), queryset=get_user_model().objects.all())

    assert filterset.is_valid()
    assert list(filterset.qs) == [agnes]


def test_each_filter_knows_its_description():
    rows = {row["name"]: row for row in StrictFilterBackend().get_schema_operation_parameters(Events())}

    assert set(rows) == {"kind", "actor", "number", "channel", "after", "since", "system", "q"}
    assert rows["kind"]["schema"]["items"]["enum"] == ["THING.DONE", "THING.UNDONE", "DONE"]
    assert rows["kind"]["explode"] is True
    assert rows["actor"]["schema"]["items"]["oneOf"][1]["enum"] == ["me", "none"]
    assert rows["actor"]["description"].startswith("Who did it.")
    assert rows["since"]["schema"] == {"type": "string", "format": "date-time"}
    assert rows["system"]["schema"] == {"type": "boolean"}


def test_a_list_without_filters_describes_none():
    class Plain(PortalViewSet):
        ordering_fields = {"at": "occurred_at"}

    rows = StrictFilterBackend().get_schema_operation_parameters(Plain())

    assert [row["name"] for row in rows] == ["ordering"]
    assert rows[0]["schema"]["pattern"] == "^-?(at)(,-?(at))*$"
