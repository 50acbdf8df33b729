import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.email.incoming.quoting import split
from integrations.email.incoming.tests.corpus import FOLDER, needs_corpus


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("It works now.\n\nOn Mon, Agnes Moreau <a@x.example> wrote:\n> Does it?", "It works now."),
        ("It works now.\n\nOn Monday 23 November 2026 at 10:00,\nAgnes Moreau\nwrote:\n> Does it?", "It works now."),
        ("Danke!\n\nAm 24.11.2026 um 10:00 schrieb Agnes Moreau:\n> Geht es?", "Danke!"),
        ("Merci\n\nLe mar. 24 nov. 2026 à 10:00, Agnes <a@x.example> a écrit :\n> Ça va ?", "Merci"),
        ("Yes\n\n-----Original Message-----\nFrom: Agnes\nSent: today\nTo: Rita\nSubject: x\n\nDoes it?", "Yes"),
        ("Ja\n\n________________________________\nVon: Agnes\nGesendet: heute\nAn: Rita\nBetreff: x\n\nGeht es?", "Ja"),
        ("Yes\n\n**From:** Agnes\n**Sent:** today\n**To:** Rita\n**Subject:** x\n\nDoes it?", "Yes"),
        (
            "Yes\n\nWrite your answer above this line, or use the link below.\n\nAgnes wrote 24 November:\nDoes it?",
            "Yes",
        ),
        ("Yes\n\n-- \nRita Lindqvist\nCity of Aarlund", "Yes"),
        ("Yes\n\nSent from my iPhone", "Yes"),
        ("> Does it?\n\nYes.", "Yes."),
        ("Ok:\n> first\nyes\n> second\nno", "Ok:\n> first\nyes\n> second\nno"),
        ("He wrote: nothing works.\nWhat now?", "He wrote: nothing works.\nWhat now?"),
        ("From: is a column here\nand it is empty", "From: is a column here\nand it is empty"),
        ("> only what others said", "> only what others said"),
        ("---------- Forwarded message ---------\nFrom: Otto\nDate: today\nTo: Rita\n\nHelp", None),
    ],
)
def test_what_is_new(text, new):
    assert split(text).new == (text if new is None else new)


def test_what_is_passed_on_is_called_so():
    assert split("See below.\n\n---------- Forwarded message ---------\nFrom: Otto\n\nHelp").is_forwarded
    assert not split("See below.\n\nOn Mon, Agnes <a@x.example> wrote:\n> Does it?").is_forwarded


@given(st.text(alphabet="> -_*\n:ab@<>.", max_size=300))
def test_no_word_is_lost(text):
    parts = split(text)
    assert sorted("".join(text.split())) == sorted("".join((parts.new + parts.folded).split()))


@needs_corpus
def test_the_real_replies_are_told_apart():
    cases = [json.loads(line) for line in (FOLDER / "replies.jsonl").read_text(encoding="utf-8").splitlines()]
    exact = [case for case in cases if case["mode"] == "exact"]
    right = [case["id"] for case in exact if _lines(split(case["text"]).new) == _lines(case["visible"])]
    assert len(right) == len(exact), f"{len(right)} of {len(exact)} as their source expects"


def _lines(text):
    return [line.rstrip() for line in text.strip().split("\n")]
