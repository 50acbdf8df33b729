"""Assignment as people and programs reach it: the API, the ticket's page, the queue and the command."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import ProductArea, Strategy, Team
from accounts.services import go_away
from common import journal
from common.tests.api import client_of, code_of, problem_of
from common.time import now
from tickets import services
from tickets.models import Ticket
from tickets.tests.api import fields, url
from tickets.tests.console import do, other_ticket, told
from tickets.tests.console import url as page_url

QUEUE = reverse("admin:tickets_ticket_changelist")


def again(ticket):
    return Ticket.objects.get(pk=ticket.pk)


# --- API ---


def test_the_api_assigns_and_says_why(ticket, agnes, bruno):
    go_away(bruno, by=bruno)
    response = client_of(agnes).post(url(ticket, "assign"), {"strategy": "round_robin"}, format="json")
    assert response.status_code == 200
    body = response.json()
    assert (body["assignee"]["id"], body["status"], body["version"]) == (agnes.pk, "OPEN", again(ticket).version)
    assert body["assignment"] == {"is_new": True, "reason": "Agnes Moreau: next in turn. Bruno Costa is away."}
    assert response["ETag"].startswith(f'"{body["version"]}')


def test_without_a_body_skills_decide_and_twice_changes_nothing(ticket, agnes):
    first = client_of(agnes).post(url(ticket, "assign"), {}, format="json").json()
    assert first["assignment"]["is_new"]
    assert "no skills, 0 open tickets" in first["assignment"]["reason"]
    second = client_of(agnes).post(url(ticket, "assign"), {}, format="json").json()
    assert (second["version"], second["assignment"]["is_new"]) == (first["version"], False)


def test_where_nobody_fits_the_answer_is_no_error(ticket, agnes):
    go_away(agnes, by=agnes)
    body = client_of(agnes).post(url(ticket, "assign"), {}, format="json").json()
    assert (body["assignee"], body["status"]) == (None, "NEW")
    assert body["assignment"] == {"is_new": False, "reason": "Nobody is here: Agnes Moreau is away."}


def test_the_api_refuses(ticket, agnes):
    client = client_of(agnes)
    response = client.post(url(ticket, "assign"), {"strategy": "by_dice"}, format="json")
    assert (response.status_code, fields(response)) == (422, ["strategy"])
    assert client.post(url(ticket, "assign"), {"agent": 3}, format="json").status_code == 422
    services.solve_ticket(ticket, by=agnes)
    response = client.post(url(ticket, "assign"), {}, format="json")
    assert (response.status_code, code_of(response)) == (409, "conflict")


def test_a_change_of_the_assignee_may_say_why(ticket, agnes, bruno):
    client = client_of(agnes)
    response = client.patch(url(ticket), {"assignee": bruno.pk, "reason": "He knows lineage."}, format="json")
    assert response.status_code == 200
    given = journal.timeline(ticket).get(kind="ticket.assigned")
    assert (given.data["reason"], given.actor_label) == ("He knows lineage.", "Agnes Moreau")
    response = client.patch(url(ticket), {"reason": "Alone."}, format="json")
    assert (response.status_code, fields(response)) == (422, ["reason"])


# --- workload ---


def test_workload_busiest_first(ticket, rita, agnes, bruno, ada, django_assert_num_queries):
    mine = [other_ticket(rita, f"Matter {n}") for n in range(4)]
    for one in mine[:3]:
        services.change_ticket(one, by=bruno, assignee=bruno)
    services.change_ticket(mine[0], by=bruno, priority="P1_CRITICAL")
    services.change_ticket(mine[2], by=bruno, status="ON_HOLD")
    services.change_ticket(mine[3], by=agnes, assignee=agnes)
    services.post_public_reply(mine[3], body="Done.", by=agnes)
    services.solve_ticket(mine[3], by=agnes)
    Ticket.objects.filter(pk=mine[3].pk).update(
        created_at=now().replace(year=2026, month=1), first_response_at=now().replace(year=2026, month=1)
    )
    go_away(agnes, until=None, by=agnes)
    client = client_of(ada)
    rows = client.get("/api/v1/agents/workload").json()["results"]
    assert [row["agent_name"] for row in rows] == ["Bruno Costa", "Ada Okafor", "Agnes Moreau"]
    assert rows[0] == {
        "agent_id": bruno.pk,
        "agent_name": "Bruno Costa",
        "agent_email": "bruno@support.example",
        "availability": "AVAILABLE",
        "away_until": None,
        "open_tickets": 2,
        "by_priority": {"P1_CRITICAL": 1, "P2_HIGH": 0, "P3_NORMAL": 1, "P4_LOW": 0},
        "resolved_today": 0,
        "avg_response_time_seconds": None,
    }
    assert (rows[2]["availability"], rows[2]["resolved_today"]) == ("AWAY", 1)
    for one in [other_ticket(rita, f"More {n}") for n in range(5)]:
        services.change_ticket(one, by=agnes, assignee=agnes)
    from tickets.assignment.workload import workload

    with django_assert_num_queries(4):
        assert workload(at=now())[0]["agent_name"] == "Agnes Moreau"


def test_workload_of_a_team(agnes, bruno):
    client = client_of(agnes)
    rows = client.get("/api/v1/agents/workload", {"team": bruno.teams.get().pk}).json()["results"]
    assert [row["agent_id"] for row in rows] == [bruno.pk]
    for team in ("0", "x", "-1", "9" * 30, ""):
        response = client.get("/api/v1/agents/workload", {"team": team})
        assert response.status_code == 400, team
        assert fields(response) == ["team"]
    assert problem_of(client.get("/api/v1/agents/workload", {"teams": 1}))


# --- the ticket's page ---


def test_the_page_assigns_and_shows_why(client, ticket, agnes, bruno):
    go_away(agnes, by=agnes)
    client.force_login(bruno)
    assert "Assign by turn" in client.get(page_url(ticket)).content.decode()
    response = do(client, ticket, "assign_by_turn")
    assert response.status_code == 302
    assert again(ticket).assignee == bruno
    assert told(response).startswith("Assigned to Bruno Costa: the ticket has no product area")
    shown = client.get(page_url(ticket)).content.decode()
    assert "the rule “assignment by skills”" in shown
    assert "Agnes Moreau is away." in shown
    assert "Assign by turn" not in shown


def test_the_teams_own_rule_is_asked(client, ticket, agnes, bruno):
    Team.objects.filter(members=agnes).update(strategy=Strategy.ROUND_ROBIN)
    services.change_ticket(ticket, by=bruno, team=agnes.teams.get())
    client.force_login(bruno)
    assert told(do(client, ticket, "assign_by_turn")) == "Assigned to Agnes Moreau: next in turn."


def test_the_page_says_where_nobody_was_chosen(client, ticket, agnes):
    go_away(agnes, by=agnes)
    client.force_login(agnes)
    response = do(client, ticket, "assign_by_turn")
    assert response.status_code == 409
    assert "Nobody was chosen. Nobody is here: Agnes Moreau is away." in response.content.decode()


def test_the_page_tells_that_the_assignee_is_away(client, ticket, agnes, bruno):
    services.change_ticket(ticket, by=agnes, assignee=agnes)
    until = now().replace(year=2030, month=12, day=24, hour=9, minute=0)
    go_away(agnes, until=until, stand_in=bruno, by=agnes)
    client.force_login(bruno)
    shown = client.get(page_url(ticket)).content.decode()
    assert "Agnes Moreau: away until 24 December 2030, 09:00, stand-in Bruno Costa" in shown


# --- the queue ---


def test_many_by_turn_each_with_its_reason(client, ticket, agnes, bruno, rita):
    taken = other_ticket(rita)
    services.change_ticket(taken, by=agnes, assignee=agnes)
    client.force_login(agnes)
    data = {"action": "assign_by_turn", "ticket": [ticket.pk, taken.pk]}
    page = client.post(QUEUE, data).content.decode()
    assert "In turn" in page
    response = client.post(QUEUE, {**data, "confirmed": "yes", "value": "ROUND_ROBIN"})
    assert again(ticket).assignee == agnes
    assert f"{ticket.reference}: Agnes Moreau: next in turn." in told(response)
    assert f"{taken.reference}: {taken.reference} is Agnes Moreau&#x27;s already." in told(response)


def test_the_team_says_how_its_new_tickets_are_given(client, ada, agnes):
    client.force_login(ada)
    team = agnes.teams.get()
    address = reverse("admin:accounts_team_change", args=[team.pk])
    assert "New tickets are given to" in client.get(address).content.decode()
    response = client.post(address, {"name": "Alpha", "members": [agnes.pk], "strategy": "ROUND_ROBIN"})
    assert response.status_code == 302
    assert Team.objects.get(pk=team.pk).strategy == "ROUND_ROBIN"


# --- the command ---


def run(*args) -> str:
    out = StringIO()
    call_command("bulk_assign_tickets", *args, stdout=out, no_color=True)
    return out.getvalue()


def test_the_command_takes_the_urgent_first_and_says_why(ticket, agnes, bruno, rita):
    area = ProductArea.objects.get(key="BILLING")
    urgent = services.open_ticket(
        subject="Down", description="d", requester=rita, by=rita, channel="API", product_area=area
    )
    services.change_ticket(urgent, by=agnes, priority="P1_CRITICAL")
    before = [again(ticket).version, again(urgent).version]
    lines = [
        f"{urgent.reference} assigned to Agnes Moreau: next in turn.",
        f"{ticket.reference} assigned to Bruno Costa: next in turn.",
    ]
    assert run("--strategy", "round_robin", "--dry-run").splitlines() == [*lines, "2 would be assigned, 0 skipped."]
    assert [again(ticket).version, again(urgent).version] == before
    assert run("--strategy", "ROUND_ROBIN", "--limit", "1").splitlines() == [lines[0], "1 assigned, 0 skipped."]
    assert run("--strategy", "load_balanced").splitlines()[-1] == "1 assigned, 0 skipped."
    assert again(ticket).assignee == bruno
    assert run() == "0 assigned, 0 skipped.\n"


def test_the_command_skips_and_narrows(ticket, agnes, bruno, rita):
    services.change_ticket(ticket, by=agnes, team=agnes.teams.get())
    other_ticket(rita)
    go_away(agnes, by=agnes)
    out = run("--team", "alpha")
    assert out.splitlines() == [
        f"{ticket.reference} skipped: Nobody of team Alpha is here: Agnes Moreau is away.",
        "0 assigned, 1 skipped.",
    ]
    for args, words in [(("--team", "Gamma"), "There is: Alpha, Beta"), (("--limit", "0"), "at least 1")]:
        with pytest.raises(CommandError, match=words):
            run(*args)


def test_the_script_runs_the_command():
    script = Path(__file__).resolve().parents[2] / "scripts" / "bulk_assign_tickets.py"
    answer = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, check=True)
    assert "--strategy" in answer.stdout
