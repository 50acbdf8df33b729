"""Back-tests in the console: the list, starting one, and what one found."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import Permission

from common.time import now
from sla.console.backtest_form import calendars_to_try, policies_to_try
from sla.models import BackTest, BusinessCalendar, SlaPolicy
from sla.services import discard_draft, publish_policy, run_back_tests, start_back_test
from sla.tests.console import drafted_calendar, drafted_policy, page, told, words
from tickets.models import Ticket
from tickets.services import change_ticket, post_public_reply, solve_ticket

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def enterprise(db) -> SlaPolicy:
    return SlaPolicy.objects.get(name="Enterprise")


@pytest.fixture
def draft(enterprise, sofia):
    """Two hours to answer what is critical, and nothing else: in force are four, and a resolution."""
    return drafted_policy(enterprise, by=sofia, note="As the new contract wants it.")


@pytest.fixture
def trying(client, sofia):
    client.force_login(sofia)
    return client


@pytest.fixture
def answered_late(ticket, agnes) -> Ticket:
    """Rita's ticket as if it had been opened critical, and answered after three hours: late for the draft alone."""
    change_ticket(ticket, by=agnes, priority="P1_CRITICAL", team=agnes.teams.get(), at=ticket.created_at)
    post_public_reply(ticket, body="Please reindex.", by=agnes, at=ticket.created_at + dt.timedelta(hours=3))
    return ticket


def started(draft, by, **more) -> BackTest:
    return start_back_test(policy=draft, opened_from=now() - DAY, opened_until=now() + DAY, by=by, **more)


def done(draft, by, **more) -> BackTest:
    test = started(draft, by, **more)
    run_back_tests()
    return BackTest.objects.get(pk=test.pk)


def send(client, **fields):
    return client.post(page("backtest", verb="add"), {"period": "3m", **fields})


# --- who ---


def test_who_may_look_and_who_may_try(client, rita, agnes, sofia, ada, draft):
    test = started(draft, sofia)
    for address in (page("backtest"), page("backtest", test), page("backtest", verb="add")):
        assert "/accounts/login/" in client.get(address).url
        for person, status in ((rita, 403), (agnes, 403), (sofia, 200), (ada, 200)):
            client.force_login(person)
            assert client.get(address).status_code == status, (address, person)
        client.logout()
    client.force_login(agnes)
    assert send(client, policy=draft.pk).status_code == 403
    assert BackTest.objects.count() == 1


def test_whoever_only_looks_gets_no_button(client, agnes, sofia, draft):
    test = done(draft, sofia)
    agnes.user_permissions.add(Permission.objects.get(codename="view_backtest"))
    client.force_login(agnes)
    for address in (page("backtest"), page("backtest", test)):
        shown = words(client.get(address))
        assert page("backtest", verb="add") not in shown
    assert client.get(page("backtest", verb="add")).status_code == 403


def test_nobody_changes_or_deletes_one(trying, sofia, draft):
    test = done(draft, sofia)
    for verb in ("delete", "history"):
        assert trying.get(page("backtest", test, verb)).status_code in (302, 403)
        trying.post(page("backtest", test, verb), {"post": "yes"})
    trying.post(page("backtest", test), {"cursor": 99})
    assert BackTest.objects.get().cursor == test.cursor


# --- starting one ---


def test_form_offers_drafts_and_versions_that_are_not_in_force(trying, enterprise, draft, sofia):
    office = BusinessCalendar.objects.get(name="Eastern office hours")
    hours = drafted_calendar(office, by=sofia)
    assert [str(one) for one in policies_to_try()] == ["Enterprise, draft"]
    assert [str(one) for one in calendars_to_try()] == ["Eastern office hours, draft"]
    publish_policy(draft, by=sofia)
    newer = drafted_policy(enterprise, by=sofia)
    assert [str(one) for one in policies_to_try()] == ["Enterprise, draft", "Enterprise, version 1"]
    response = trying.get(page("backtest", verb="add"), {"policy": newer.pk, "calendar": hours.pk})
    shown = words(response)
    assert f'<option value="{newer.pk}" selected>Enterprise, draft</option>' in shown
    assert f'<option value="{hours.pk}" selected>Eastern office hours, draft</option>' in shown
    assert '<optgroup label="Other versions">' in shown


def test_an_inactive_policy_may_be_tried_as_it_is(enterprise):
    enterprise.is_active = False
    enterprise.save(update_fields=["is_active"])
    assert [str(one) for one in policies_to_try()] == ["Enterprise, version 1"]


def test_nothing_to_try_is_told(trying):
    assert "There is nothing to try" in words(trying.get(page("backtest", verb="add")))


@pytest.mark.parametrize("value", ["0", "99999999999999999999", "abc", "\0", "1; drop"])
def test_what_is_chosen_beforehand_may_be_nonsense(trying, draft, value):
    response = trying.get(page("backtest", verb="add"), {"policy": value})
    assert response.status_code == 200
    assert "selected>Enterprise" not in words(response)


def test_starting_one_leads_to_its_page(trying, draft, sofia, ticket):
    response = send(trying, policy=draft.pk)
    test = BackTest.objects.get()
    assert response.url == page("backtest", test)
    assert (test.policy, test.calendar, test.created_by) == (draft, None, sofia)
    assert test.opened_until <= now()
    assert 88 <= (test.opened_until - test.opened_from).days <= 93
    shown = words(trying.get(response.url))
    assert "It waits for a worker" in shown
    assert "1 ticket was opened in this time" in shown
    assert "js/reload.js" in shown


def test_dates_and_both_at_once(trying, draft, sofia):
    calendar = drafted_calendar(BusinessCalendar.objects.get(name="Day and night"), by=sofia)
    dates = {"period": "dates", "from": "2026-01-05", "to": "2026-01-09"}
    send(trying, policy=draft.pk, calendar=calendar.pk, **dates)
    test = BackTest.objects.get()
    assert (test.policy, test.calendar) == (draft, calendar)
    assert (test.opened_until - test.opened_from).days == 5
    shown = words(trying.get(page("backtest", test)))
    assert "5 January to 9 January 2026" in shown
    assert "Enterprise, draft and Day and night, draft" in shown


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "Choose what to try"),
        ({"policy": "12345"}, "This version is gone"),
        ({"policy": "draft", "period": "dates"}, "Give both dates."),
        ({"policy": "draft", "period": "dates", "from": "2026-02-02", "to": "2026-02-01"}, "ends before it begins"),
        ({"policy": "draft", "period": "dates", "from": "2099-01-01", "to": "2099-02-01"}, "ends before it begins"),
        ({"policy": "draft", "period": "ever"}, "There is no “ever” in this list."),
    ],
)
def test_what_cannot_be_tried_is_told(trying, draft, fields, why):
    if fields.get("policy") == "draft":
        fields = fields | {"policy": draft.pk}
    response = send(trying, **fields)
    assert response.status_code == 422
    assert why in words(response)
    assert not BackTest.objects.exists()


# --- how far, and what it found ---


def test_how_far_it_has_come(trying, draft, sofia, ticket):
    test = started(draft, sofia)
    BackTest.objects.filter(pk=test.pk).update(ticket_count=1500, due_at=now() + DAY)
    shown = words(trying.get(page("backtest", test)))
    assert "1,500 of 1,500 tickets so far" in shown
    assert "Nothing has happened" not in shown
    assert "1,500 tickets so far" in words(trying.get(page("backtest")))


def test_without_a_worker_the_page_says_so(trying, draft, sofia):
    test = started(draft, sofia)
    BackTest.objects.filter(pk=test.pk).update(due_at=now() - DAY)
    shown = words(trying.get(page("backtest", test)))
    assert "whether a worker and the beat are running" in shown
    assert "Waits for a worker" in words(trying.get(page("backtest")))


def test_what_one_found(trying, draft, sofia, answered_late):
    test = done(draft, sofia)
    response = trying.get(page("backtest", test))
    shown = words(response)
    assert "Under the draft 1 promise would have been broken instead of 0." in shown
    assert "js/reload.js" not in shown
    assert "1 In force" not in shown
    assert "0 In force, 1 Draft" in shown
    assert "Broken promises, by priority" in shown
    for told_of in ("P1 Critical", "Alpha", "First response", "1 more", "As the new contract wants it."):
        assert told_of in shown
    (first, second) = response.context["changed"]
    assert (first.ticket, first.promise, first.before, first.after) == (
        answered_late,
        "First response",
        "kept",
        "broken",
    )
    assert (second.promise, second.before, second.after) == ("Resolution", "open", "not promised")
    assert f"/admin/tickets/ticket/{answered_late.pk}/change/" in shown
    assert f'href="{page("slapolicy", draft.policy)}"' in shown
    assert "Publish</" not in shown
    assert f"{page('backtest', verb='add')}?policy={draft.pk}" in shown
    assert "1 broken instead of 0" in words(trying.get(page("backtest")))


def test_list_of_changes_has_an_end(trying, draft, sofia, answered_late):
    test = done(draft, sofia)
    row = test.result["changed"][0]
    test.result |= {"changed": [row] * 199 + [[987654, "NEXT_RESPONSE", 3, "none", "met"]], "changed_count": 1234}
    test.save(update_fields=["result"])
    shown = words(trying.get(page("backtest", test)))
    assert "and 1,034 more" in shown
    assert "A ticket that is gone" in shown
    assert "Next response 3" in shown


def test_a_draft_that_changes_nothing(trying, enterprise, sofia, ticket):
    same = enterprise.versions.get(number=1)
    test = done(same, sofia)
    shown = words(trying.get(page("backtest", test)))
    assert "Under version 1 no promise would have been broken, and none was." in shown
    assert "None: every promise would have ended as it did." in shown
    assert "Broken promises, by priority" not in shown, "a chart of nothing"


def test_a_time_without_tickets(trying, draft, sofia):
    assert "No ticket was opened in this time" in words(trying.get(page("backtest", done(draft, sofia))))


def test_one_whose_draft_is_gone_is_told_on_the_list(trying, draft, sofia):
    test = started(draft, sofia)
    discard_draft(draft, by=sofia)
    run_back_tests()
    response = trying.get(page("backtest", test))
    assert response.url == page("backtest")
    assert "This back-test is gone" in told(response)
    for number in ("abc", "9" * 30):
        assert trying.get(page("backtest") + f"{number}/change/").status_code == 302


def test_no_back_test_yet(trying):
    assert "No draft was tried yet" in words(trying.get(page("backtest")))


def test_list_has_pages_and_few_queries(trying, draft, sofia, django_assert_max_num_queries):
    for _ in range(26):
        started(draft, sofia)
    trying.get(page("backtest"))
    with django_assert_max_num_queries(8):
        shown = words(trying.get(page("backtest")))
    assert "1 to 25 of 26" in shown
    assert "26 to 26 of 26" in words(trying.get(page("backtest"), {"page": "2"}))
    assert trying.get(page("backtest"), {"page": "x"}).status_code == 200


def test_result_needs_few_queries(trying, draft, sofia, answered_late, django_assert_max_num_queries):
    test = done(draft, sofia)
    trying.get(page("backtest", test))
    with django_assert_max_num_queries(9):
        trying.get(page("backtest", test))


def test_an_answer_in_time_is_kept_under_both(trying, draft, sofia, ticket, agnes):
    post_public_reply(ticket, body="Please reindex.", by=agnes)
    solve_ticket(ticket, by=agnes)
    test = done(draft, sofia)
    assert test.result["totals"]["live"]["met"] == 2
