"""The small parts behind the pages: downloads, custom fields in words, kept files, waiting times."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
import time_machine

from accounts.services import change_preferences
from common.errors import NotAllowed, NotFound
from common.pages import wait_words
from common.templatetags.portal import fit_in
from common.time import now
from tickets import guarding, keeping
from tickets.downloads import read_download_token, signed_download_token
from tickets.fields import words_of
from tickets.models import CustomField
from tickets.services import attach_file
from tickets.tests.pages import text_file, token

Kind = CustomField.Kind


@pytest.mark.django_db
def test_download_token_opens_one_file_for_ten_minutes(ticket, rita):
    attachment = attach_file(ticket, text_file(), by=rita)
    signed = signed_download_token(attachment)
    assert read_download_token(signed) == attachment
    for wrong in (signed[:-1], attachment.uid.hex, ""):
        with pytest.raises(NotFound):
            read_download_token(wrong)
    with time_machine.travel(now() + dt.timedelta(minutes=11)), pytest.raises(NotFound):
        read_download_token(signed)
    attachment.delete()
    with pytest.raises(NotFound):
        read_download_token(signed)


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (Kind.TEXT, "as written", "as written"),
        (Kind.NUMBER, 12, "12"),
        (Kind.BOOLEAN, True, "Yes"),
        (Kind.BOOLEAN, False, "No"),
        (Kind.CHOICE, "a", "Part A"),
        (Kind.CHOICE, "gone", "gone"),
        (Kind.CHOICES, ["a", "b"], "Part A, Part B"),
    ],
)
def test_stored_value_is_said_in_words(kind, value, said):
    assert words_of(CustomField(kind=kind, choices=[["a", "Part A"], ["b", "Part B", "help"]]), value) == said


def test_folder_of_kept_files_has_a_bound(monkeypatch):
    monkeypatch.setattr(keeping, "KEPT_MOST", 1)
    kept = keeping.keep(text_file())
    assert keeping.find(kept.reference) == kept
    assert keeping.keep(text_file()) is None
    assert keeping.find("forged") is None
    assert keeping.purge(now()) == 0
    assert keeping.purge(now() + keeping.LIFE + dt.timedelta(minutes=1)) == 1
    assert keeping.find(kept.reference) is None


def test_form_is_known_by_its_name_and_content():
    name = token()
    assert guarding.once_token(name, "a") == guarding.once_token(name, "a")
    assert guarding.once_token(name, "a") != guarding.once_token(name, "b")
    assert guarding.once_token("forged", "a") != guarding.once_token("forged", "a")
    assert isinstance(guarding.once_token(name, "\ud800"), uuid.UUID)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "a minute"), (61, "2 minutes"), (1800, "30 minutes"), (3540, "an hour"), (9999, "an hour")],
)
def test_waiting_is_said_roughly(seconds, said):
    assert wait_words(seconds) == said


@pytest.mark.parametrize(
    ("markup", "level", "fitted"),
    [
        ("<h1>A</h1><h2>B</h2>", 3, "<h3>A</h3><h4>B</h4>"),
        ("<h3>A</h3>", 2, "<h2>A</h2>"),
        ("<h1>A</h1><h6>B</h6>", 3, "<h3>A</h3><h6>B</h6>"),
        ("<p>&lt;h1&gt;</p>", 3, "<p>&lt;h1&gt;</p>"),
        ("<pre><code>x</code></pre>", 3, '<pre tabindex="0"><code>x</code></pre>'),
    ],
)
def test_markup_of_people_fits_into_the_page(markup, level, fitted):
    assert fit_in(markup, level) == fitted


@pytest.mark.django_db
def test_nobody_changes_another_persons_preferences(rita, otto):
    with pytest.raises(NotAllowed):
        change_preferences(rita, by=otto, name="Not Rita")
