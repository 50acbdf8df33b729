import datetime as dt

import pytest

from common import retention
from common.models import IdempotentAnswer, RateWindow
from common.retention import delete_in_batches
from common.tasks import purge_expired
from common.time import now


@pytest.fixture
def own_purgers(monkeypatch):
    monkeypatch.setattr(retention, "_purgers", dict(retention._purgers))


def answer(key, age_hours):
    at = now() - dt.timedelta(hours=age_hours)
    return IdempotentAnswer.objects.create(caller="user:1", route="POST /x", key=key, body_digest="", created_at=at)


def test_answers_of_yesterday_and_windows_that_ended_are_deleted(db):
    answer("old", 25)
    answer("new", 23)
    RateWindow.objects.create(key="old", expires_at=now() - dt.timedelta(seconds=1))
    RateWindow.objects.create(key="new", expires_at=now() + dt.timedelta(seconds=60))

    deleted = purge_expired()

    assert (deleted["idempotent answers"], deleted["rate windows"]) == (1, 1)
    assert [row.key for row in IdempotentAnswer.objects.all()] == ["new"]
    assert [row.key for row in RateWindow.objects.all()] == ["new"]


def test_doing_it_twice_deletes_nothing_more(db):
    answer("old", 25)
    purge_expired()

    assert purge_expired()["idempotent answers"] == 0


@pytest.mark.parametrize("count", [0, 1, 4, 5])
def test_rows_are_deleted_in_batches(db, count):
    for number in range(count):
        answer(f"k{number}", 25)

    assert delete_in_batches(IdempotentAnswer.objects.all(), batch=2) == count
    assert not IdempotentAnswer.objects.exists()


def test_each_room_may_register_a_purger_and_one_failure_does_not_stop_the_others(db, own_purgers):
    def fail(at):
        raise ValueError("broken")

    retention.register("aaa", fail)
    retention.register("zzz", lambda at: 7)
    answer("old", 25)

    with pytest.raises(ValueError, match="broken"):
        purge_expired()
    assert not IdempotentAnswer.objects.exists()
    assert set(retention.purgers()) >= {"aaa", "zzz", "rate windows"}
