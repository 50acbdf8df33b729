import json
from datetime import UTC, datetime
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone

from common.templatetags import portal

NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)


class SampleForm(forms.Form):
    email = forms.EmailField()
    details = forms.CharField(widget=forms.Textarea, max_length=10, help_text="Steps")
    size = forms.ChoiceField(widget=forms.RadioSelect, choices=[("s", "Small"), ("l", "Large")])
    token = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> None:
        raise forms.ValidationError("Send it again")


@pytest.fixture
def oslo():
    with timezone.override(ZoneInfo("Europe/Oslo")), patch("django.utils.timezone.now", return_value=NOW):
        yield


@pytest.mark.parametrize(
    ("instant", "style", "words"),
    [
        (datetime(2026, 11, 24, 7, 52, tzinfo=UTC), "", "Today, 08:52"),
        (datetime(2026, 11, 24, 7, 52, tzinfo=UTC), "sentence", "today at 08:52"),
        (datetime(2026, 11, 24, 13, 12, tzinfo=UTC), "deadline", "14:12 today"),
        (datetime(2026, 11, 23, 9, 12, tzinfo=UTC), "", "Yesterday, 10:12"),
        (datetime(2026, 11, 24, 23, 30, tzinfo=UTC), "", "Tomorrow, 00:30"),
        (datetime(2026, 11, 27, 8, 33, tzinfo=UTC), "", "Friday 27 November, 09:33"),
        (datetime(2026, 11, 27, 8, 33, tzinfo=UTC), "deadline", "Friday 27 November, 09:33"),
        (datetime(2026, 11, 27, 8, 33, tzinfo=UTC), "sentence", "Friday 27 November at 09:33"),
        (datetime(2027, 1, 4, 8, 0, tzinfo=UTC), "", "Monday 4 January 2027, 09:00"),
        (datetime(2026, 11, 23, 9, 12, tzinfo=UTC), "day", "Yesterday"),
        (datetime(2026, 11, 23, 9, 12, tzinfo=UTC), "time", "10:12"),
    ],
)
def test_moments_are_told_in_the_current_time_zone(oslo, instant, style, words):
    assert portal.moment_words(instant, style) == words


def test_when_gives_a_time_element(oslo):
    html = portal.when(datetime(2026, 11, 24, 7, 52, tzinfo=UTC))
    assert html == '<time datetime="2026-11-24T08:52+01:00">Today, 08:52</time>'
    assert portal.when(None) == ""


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (None, "0 bytes"),
        (812, "812 bytes"),
        (412_300, "412 kB"),
        (999_600, "1 MB"),
        (1_800_000, "1.8 MB"),
        (24_400_000, "24 MB"),
        (3_200_000_000, "3.2 GB"),
        (5_000_000_000_000, "5000 GB"),
    ],
)
def test_sizes_are_short(size, words):
    assert portal.filesize_short(size) == words


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Rita Lindqvist", "RL"),
        ("ana maria de souza", "AS"),
        ("Agnes", "A"),
        ("Otto (Aarlund)", "O"),
        ("", "?"),
        (None, "?"),
    ],
)
def test_initials(name, letters):
    assert portal.initials(name) == letters


def test_icon_is_decoration_unless_it_has_a_label():
    assert 'width="16"' in portal.icon("lock", size=16)
    assert 'aria-hidden="true"' in portal.icon("lock")
    assert 'role="img" aria-label="Locked &lt;b&gt;"' in portal.icon("lock", label="Locked <b>")


def test_file_glyphs_and_alert_looks():
    assert portal.file_glyph("Photo.JPG") == "file-image"
    assert portal.file_glyph("app.log") == "file-text"
    assert portal.alert_look("error") == {"tone": "red", "glyph": "octagon-alert"}
    assert portal.alert_look("debug") == {"tone": "blue", "glyph": "info"}


def test_error_items_link_to_what_can_be_focused():
    form = SampleForm({"email": "rita@", "details": "Empty graph"})
    targets = [item["target"] for item in portal.error_items(form)]
    assert targets == ["", "id_email", "id_details", "id_size_0", ""]
    assert portal.error_items(SampleForm()) == []
    assert portal.error_items(None) == []


def test_choices_carry_their_help():
    form = SampleForm({"size": "l"})
    items = portal.choice_items(form["size"], {"s": "Fits anywhere"})
    assert [(item["id"], item["checked"], item["help"]) for item in items] == [
        ("id_size_0", False, "Fits anywhere"),
        ("id_size_1", True, ""),
    ]


def test_control_names_what_describes_it():
    form = SampleForm({"email": "rita@", "details": ""})
    html = portal.control(form["details"])
    assert 'aria-describedby="id_details_helptext id_details_error id_details_count"' in html
    assert 'data-count-limit="10"' in html
    assert "maxlength" not in html
    assert "aria-describedby" not in portal.control(SampleForm()["email"])


def test_field_template_shows_label_hint_and_error():
    form = SampleForm({"email": "rita@", "details": ""})
    html = Template('{% include "components/field.html" with field=form.details only %}').render(
        Context({"form": form})
    )
    assert '<label for="id_details">' in html
    assert 'id="id_details_helptext"' in html
    assert 'class="field invalid"' in html
    assert "Up to 10 characters" in html


def test_data_in_a_script_can_end_nothing():
    data = {"a": "</script><!-- & \u2028 ü"}
    written = portal.script_json(data)
    assert not set("<>&\u2028") & set(written)
    assert "ü" in written
    assert json.loads(written) == data
