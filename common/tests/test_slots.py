from types import SimpleNamespace

from common.slots import PageSlot, Slot


def test_each_provider_is_asked_once_for_the_whole_page():
    slot, asked = Slot("name", shape="text"), []

    def provider(rows):
        asked.append(len(rows))
        return {row.pk: f"about {row.pk}" for row in rows if row.pk != 2}

    slot.sign_in(provider)
    slot.sign_in(provider)
    answers = slot.ask([SimpleNamespace(pk=1), SimpleNamespace(pk=2)])
    assert answers == {1: ["about 1"], 2: []}
    assert asked == [2]
    assert slot.ask([]) == {}


def test_page_slot_is_asked_with_its_reader_and_leaves_out_who_says_nothing():
    slot: PageSlot[str] = PageSlot("name", shape="text")
    assert slot.ask("Rita") == []
    for provider in (greet := lambda reader: f"Hello {reader}", lambda _reader: None, greet):
        slot.sign_in(provider)
    assert slot.ask("Rita") == ["Hello Rita"]
