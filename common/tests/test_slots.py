from types import SimpleNamespace

from common.slots import Slot


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
