import datetime as dt
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.core import signing
from django.db.models import F, Value
from django.db.models.functions import Concat
from rest_framework import serializers

from common import keyset, pagination
from common.models import Event
from common.tests.api import call, code_of, problem_of
from common.views import PortalViewSet

START = dt.datetime(2026, 2, 8, tzinfo=dt.UTC)


class EventSerializer(serializers.Serializer):
    id = serializers.IntegerField()


class Events(PortalViewSet):
    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    serializer_class = EventSerializer
    ordering_fields = {"at": "occurred_at", "actor": "actor_id", "kind": "kind", "label": "label"}
    default_ordering = ["-occurred_at"]

    def list(self, request):
        rows = Event.objects.annotate(label=Concat(F("kind"), Value("!")))
        return self.answer_page(rows)


view = Events.as_view({"get": "list"})


def make(count, **fields):
    rows = [
        Event(
            kind="thing.done",
            subject_type="common.event",
            subject_id=1,
            occurred_at=START + dt.timedelta(minutes=number // 3),
            actor_id=fields.get("actor_id", [None, 5, 2][number % 3]),
            digest="",
        )
        for number in range(count)
    ]
    return Event.objects.bulk_create(rows)


def get(path_or_url="/api/v1/events"):
    parts = urlsplit(path_or_url)
    return call(view, path=f"{parts.path}?{parts.query}")


def body_of(url="/api/v1/events"):
    response = get(url)
    assert response.status_code == 200, response.content
    return json.loads(response.content)


def walk(url, direction="next"):
    pages = []
    while url:
        body = body_of(url)
        pages.append([row["id"] for row in body["results"]])
        url = body[direction]
        assert len(pages) < 100
    return pages, body


def ids(*order_by):
    return list(Event.objects.order_by(*order_by).values_list("pk", flat=True))


def test_an_empty_list_has_no_neighbours(db):
    assert body_of() == {"results": [], "next": None, "previous": None}


def test_a_page_holds_25_unless_told_otherwise(db):
    make(120)

    assert len(body_of()["results"]) == 25
    assert len(body_of("/api/v1/events?limit=100")["results"]) == 100
    assert len(body_of("/api/v1/events?limit=1")["results"]) == 1


@pytest.mark.parametrize(
    ("ordering", "columns"),
    [
        ("at", ["occurred_at", "pk"]),
        ("-at", ["-occurred_at", "-pk"]),
        ("actor", [F("actor_id").asc(nulls_last=True), "pk"]),
        ("-actor", [F("actor_id").desc(nulls_last=True), "-pk"]),
        ("kind", ["pk"]),
        ("kind,-at", ["-occurred_at", "-pk"]),
        ("-actor,at", [F("actor_id").desc(nulls_last=True), "occurred_at", "pk"]),
        ("label", ["pk"]),
        ("-label", ["-pk"]),
    ],
)
def test_every_row_comes_once_forwards_and_backwards_in_any_order(db, ordering, columns):
    make(20)

    pages, last = walk(f"/api/v1/events?limit=3&ordering={ordering}")
    back, first = walk(last["previous"], "previous")

    assert [pk for page in pages for pk in page] == ids(*columns)
    assert list(reversed(back)) == pages[:-1]
    assert first["previous"] is None


def test_rows_that_arrive_while_paging_are_neither_skipped_nor_repeated(db):
    old = [row.pk for row in make(10)]
    first = body_of("/api/v1/events?limit=4")
    make(5)
    second = body_of(first["next"])
    make(5)

    rest, _ = walk(second["next"])
    seen = [row["id"] for row in first["results"] + second["results"]] + [pk for page in rest for pk in page]

    assert [pk for pk in seen if pk in old] == sorted(old, reverse=True)
    assert len(seen) == len(set(seen))


def test_rows_that_leave_while_paging_cost_no_other_row_its_place(db):
    make(12)
    first = body_of("/api/v1/events?limit=4")
    expected = ids("-occurred_at", "-pk")[4:8]
    Event.objects.filter(pk__in=[row["id"] for row in first["results"]]).delete()

    assert [row["id"] for row in body_of(first["next"])["results"]] == expected


def test_where_all_rows_of_a_page_are_gone_the_way_back_leads_to_the_place_itself(db):
    make(6)
    order = ids("-occurred_at", "-pk")
    first = body_of("/api/v1/events?limit=3")
    Event.objects.filter(pk__in=order[3:]).delete()

    gone = body_of(first["next"])
    assert (gone["results"], gone["next"]) == ([], None)
    assert [row["id"] for row in body_of(gone["previous"])["results"]] == order[:3]


def test_where_all_rows_before_are_gone_the_way_on_leads_to_the_place_itself(db):
    make(6)
    order = ids("-occurred_at", "-pk")
    second = body_of(body_of("/api/v1/events?limit=3")["next"])
    Event.objects.filter(pk__in=order[:3]).delete()

    gone = body_of(second["previous"])
    assert (gone["results"], gone["previous"]) == ([], None)
    assert [row["id"] for row in body_of(gone["next"])["results"]] == order[3:]


def test_links_keep_the_other_parameters(db):
    make(10)

    query = parse_qs(urlsplit(body_of("/api/v1/events?limit=2&ordering=at&count=true")["next"]).query)

    assert (query["limit"], query["ordering"], query["count"]) == (["2"], ["at"], ["true"])


def test_old_clients_page_by_offset(db):
    make(7)

    pages, last = walk("/api/v1/events?limit=3&offset=0")
    back, first = walk(last["previous"], "previous")

    assert [pk for page in pages for pk in page] == ids("-occurred_at", "-pk")
    assert list(reversed(back)) == pages[:-1]
    assert first["previous"] is None
    assert body_of("/api/v1/events?offset=50")["results"] == []


def test_a_count_is_told_on_request(db):
    make(7)

    body = body_of("/api/v1/events?limit=2&count=true")

    assert (body["count"], body["count_is_lower_bound"]) == (7, False)
    assert "count" not in body_of("/api/v1/events?count=false")


def test_a_large_count_is_a_lower_bound(db, monkeypatch):
    monkeypatch.setattr(pagination, "COUNT_MOST", 5)
    make(5)
    exact = body_of("/api/v1/events?count=true")
    make(1)
    bounded = body_of("/api/v1/events?count=true")

    assert (exact["count"], exact["count_is_lower_bound"]) == (5, False)
    assert (bounded["count"], bounded["count_is_lower_bound"]) == (5, True)


def test_a_page_costs_one_query(db, django_assert_num_queries):
    make(60)
    with django_assert_num_queries(1):
        body = body_of("/api/v1/events?limit=50")
    with django_assert_num_queries(1):
        body_of(body["next"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=", "limit"),
        ("limit=ten", "limit"),
        ("limit=1.5", "limit"),
        ("limit=%C2%B2", "limit"),
        ("limit=%D9%A3", "limit"),
        ("limit=99999999999999999999999999", "limit"),
        ("limit=5&limit=6", "limit"),
        ("offset=-1", "offset"),
        ("offset=x", "offset"),
        ("offset=", "offset"),
        ("offset=100001", "offset"),
        ("offset=9999999999999999999999", "offset"),
        ("offset=0&cursor=abc", "offset"),
        ("cursor=", "cursor"),
        ("cursor=abc", "cursor"),
        ("cursor=a:b:c", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=%FF%FE", "cursor"),
        ("cursor=%F0%9F%98%80", "cursor"),
        ("count=maybe", "count"),
        ("count=True", "count"),
        ("count=", "count"),
        ("ordering=", "ordering"),
        ("ordering=digest", "ordering"),
        ("ordering=at,at", "ordering"),
        ("ordering=at,-at", "ordering"),
        ("ordering=--at", "ordering"),
        ("ordering=at&ordering=kind", "ordering"),
        ("ordering=at;DROP TABLE users", "ordering"),
        ("page=2", "page"),
        ("format=json", "format"),
    ],
)
def test_wrong_parameters_are_told_by_name(db, query, field):
    make(1)

    response = get(f"/api/v1/events?{query}")

    assert (response.status_code, code_of(response)) == (400, "invalid_query")
    assert [error["field"] for error in problem_of(response)["errors"]] == [field]


def test_a_cursor_of_another_ordering_is_refused(db):
    make(5)
    url = body_of("/api/v1/events?limit=2&ordering=at")["next"]

    response = get(url.replace("ordering=at", "ordering=-at"))

    assert problem_of(response)["errors"][0]["code"] == "other_ordering"


@pytest.mark.parametrize("content", [[], ["-occurred_at,-pk"], "text", {"a": 1}, ["x", False, False, [1]]])
def test_a_cursor_of_another_shape_is_refused(db, content):
    make(5)

    response = get(f"/api/v1/events?cursor={signing.dumps(content, salt=pagination.__name__)}")

    assert (response.status_code, code_of(response)) == (400, "invalid_query")


def test_a_changed_cursor_is_refused(db):
    make(5)
    url = body_of("/api/v1/events?limit=2")["next"]

    assert get(url[:-1] + ("A" if url[-1] != "A" else "B")).status_code == 400


def test_the_primary_key_ends_every_order():
    terms = keyset.terms_of(Event.objects.order_by("-pk", "kind"))
    assert [(term.name, term.is_descending) for term in terms] == [("pk", True)]

    terms = keyset.terms_of(Event.objects.all())
    assert [(term.name, term.is_descending) for term in terms] == [("pk", False)]

    terms = keyset.terms_of(get_user_model().objects.order_by("organization__name"))
    assert terms[0].is_nullable


def test_cursor_values_survive_the_journey():
    import decimal
    import uuid

    values = [START, START.date(), decimal.Decimal("1.50"), uuid.UUID(int=7), "text", 5, None, True]

    assert [keyset._read(json.loads(json.dumps(keyset._write(value)))) for value in values] == values


def test_the_description_of_a_page_says_what_it_holds():
    schema = pagination.CursorPagination().get_paginated_response_schema({"type": "array"})
    names = [row["name"] for row in pagination.CursorPagination().get_schema_operation_parameters(None)]

    assert schema["required"] == ["results", "next", "previous"]
    assert set(names) == set(pagination.PARAMETERS)
