import datetime as dt

import pytest
from django.utils import timezone
from rest_framework import serializers

from common.serializers import (
    AliasedChoiceField,
    EmailField,
    FlagField,
    InstantField,
    StrictSerializer,
    TextField,
    WholeNumberField,
)


class Inner(StrictSerializer):
    size = WholeNumberField(min_value=0, max_value=9)


class Thing(StrictSerializer):
    id = serializers.IntegerField(read_only=True)
    subject = TextField(min_length=3, max_length=10)
    inner = Inner(required=False)


def codes(serializer_class, data):
    serializer = serializer_class(data=data)
    assert not serializer.is_valid()
    return {name: [getattr(error, "code", error) for error in errors] for name, errors in serializer.errors.items()}


def read(field, data):
    return field.run_validation(data)


def refuse(field, data):
    with pytest.raises(serializers.ValidationError) as refused:
        field.run_validation(data)
    return refused.value.get_codes()[0]


def test_known_fields_are_read_and_stripped():
    serializer = Thing(data={"subject": "  abc \n", "inner": {"size": 3}})

    assert serializer.is_valid()
    assert serializer.validated_data == {"subject": "abc", "inner": {"size": 3}}


def test_unknown_and_read_only_fields_are_errors_beside_all_others():
    assert codes(Thing, {"subject": "a", "id": 5, "colour": "red"}) == {
        "subject": ["min_length"],
        "id": ["unknown_field"],
        "colour": ["unknown_field"],
    }


def test_unknown_fields_alone_are_errors():
    assert codes(Thing, {"subject": "abc", "Subject": "abc"}) == {"Subject": ["unknown_field"]}


def test_unknown_fields_of_a_nested_object_are_errors():
    serializer = Thing(data={"subject": "abc", "inner": {"size": 1, "colour": 2}})

    assert not serializer.is_valid()
    assert serializer.errors["inner"]["colour"][0].code == "unknown_field"


def test_a_partial_body_may_leave_fields_out_but_not_invent_some():
    assert Thing(data={}, partial=True).is_valid()
    assert not Thing(data={"x": 1}, partial=True).is_valid()


@pytest.mark.parametrize("data", [None, [], "text", 5])
def test_a_body_that_is_no_object_is_an_error(data):
    assert not Thing(data=data).is_valid()


@pytest.mark.parametrize("data", [1, 1.5, True, None, [], {}])
def test_text_is_a_string(data):
    assert refuse(TextField(), data) in {"invalid", "null"}


@pytest.mark.parametrize("data", ["5", True, None, 1.5, [], {}, "x"])
def test_a_whole_number_is_a_number(data):
    assert refuse(WholeNumberField(), data) in {"invalid", "null"}


def test_a_whole_number_may_be_written_with_a_zero_fraction():
    assert read(WholeNumberField(), 5.0) == 5
    assert refuse(WholeNumberField(max_value=9), 10) == "max_value"


@pytest.mark.parametrize("data", ["true", "yes", 1, 0, None, [], {}])
def test_a_flag_is_true_or_false(data):
    assert refuse(FlagField(), data) in {"invalid", "null"}


def test_flags_are_read():
    assert read(FlagField(), True) is True
    assert read(FlagField(), False) is False


@pytest.mark.parametrize(
    "address",
    ["nobody", "a@b", "a@localhost", "@b.org", "a b@c.org", "a@@b.org", "a@b..org", "a@b.org\n.x", 5, None, "x" * 300],
)
def test_bad_addresses_are_refused(address):
    assert refuse(EmailField(), address) in {"invalid", "null", "max_length"}


def test_addresses_are_read():
    assert read(EmailField(), " rita@aarlund.example ") == "rita@aarlund.example"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("P1_CRITICAL", "P1_CRITICAL"),
        ("p1_critical", "P1_CRITICAL"),
        (" urgent ", "P1_CRITICAL"),
        ("P1", "P1_CRITICAL"),
        ("Low", "P4_LOW"),
    ],
)
def test_choices_may_be_given_by_alias_and_in_any_case(word, meant):
    field = AliasedChoiceField(
        choices=[("P1_CRITICAL", "Critical"), ("P4_LOW", "Low")],
        aliases={"P1": "P1_CRITICAL", "URGENT": "P1_CRITICAL", "LOW": "P4_LOW"},
    )

    assert read(field, word) == meant
    assert field.to_representation(meant) == meant


@pytest.mark.parametrize("word", ["P9", "", None, 1, True, [], {}, "P1' OR 1=1"])
def test_other_choices_are_refused(word):
    assert refuse(AliasedChoiceField(choices=["P1"]), word) in {"invalid_choice", "null"}


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-02-08T03:00:00Z", 3),
        ("2026-02-08t03:00:00z", 3),
        ("2026-02-08 03:00:00+00:00", 3),
        ("2026-02-08T03:00:00.123456Z", 3),
        ("2026-02-08T03:00Z", 3),
        ("2026-02-08T05:30:00+02:30", 3),
    ],
)
def test_instants_are_read_in_utc(text, hour):
    value = read(InstantField(), text)

    assert (value.hour, value.tzinfo) == (hour, dt.UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-02-08T03:00:00", "no_offset"),
        ("2026-02-08", "invalid"),
        ("2026-W06-7T03:00:00Z", "invalid"),
        ("2026-02-30T03:00:00Z", "invalid"),
        ("2026-02-08T25:00:00Z", "invalid"),
        ("0001-01-01T00:00:00+23:59", "invalid"),
        ("9999-12-31T23:59:59-23:59", "invalid"),
        ("", "invalid"),
        (1738983600, "invalid"),
        (None, "null"),
    ],
)
def test_other_times_are_refused(text, code):
    assert refuse(InstantField(), text) == code


def test_instants_are_written_in_utc_whatever_zone_the_reader_lives_in():
    instant = dt.datetime(2026, 2, 8, 3, 0, tzinfo=dt.UTC)

    with timezone.override("America/Sao_Paulo"):
        assert InstantField().to_representation(instant) == "2026-02-08T03:00:00Z"
