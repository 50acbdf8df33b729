"""What the API may tell of a ticket's surroundings, at a number of queries that does not depend on how many rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Prefetch

from accounts.models import Organization, Team, User
from accounts.serializers import OrganizationNameSerializer, OrganizationSerializer, UserSerializer
from common.problems import QueryInvalid
from tickets.access import may_work
from tickets.models import Attachment, Message, Ticket
from tickets.serializers.conversation import CommentSerializer
from tickets.serializers.tickets import STAFF_ONLY, PersonSerializer
from tickets.slots import PROMISES_IN_FULL

MESSAGES_MOST = 100
OF_LISTS = ("requester", "organization", "assignee", "team")
OF_ONE = (*OF_LISTS, "messages", "sla")
Context = Mapping[str, Any]
Found = dict[int, Any]


def names_in(text: str, allowed: Sequence[str], *, reader: User, parameter: str = "include") -> list[str]:
    """Return the names in a comma-separated list.   Raises: QueryInvalid for one that is not offered to `reader`."""
    offered = [name for name in allowed if name not in STAFF_ONLY or may_work(reader)]
    names = [name.strip() for name in text.split(",")]
    if not set(names) <= set(offered):
        raise QueryInvalid.at(parameter, "invalid_choice", f"Use a comma-separated list of {', '.join(offered)}.")
    return list(dict.fromkeys(names))


def included(rows: Sequence[Ticket], names: Iterable[str], context: Context) -> dict[int, dict[str, Any]]:
    """Return what `names` ask for of each ticket. Shape: {ticket's id: {name: object, list or None}}.

    context: of the serializers, with `request` and `is_staff`.
    """
    found = {name: READERS[name](rows, context) for name in names}
    return {row.pk: {name: answers.get(row.pk) for name, answers in found.items()} for row in rows}


def _people(rows: Sequence[Ticket], ids: Mapping[int, int | None], context: Context) -> Found:
    """Return the person of each ticket: as /users has them for the support team, else by name."""
    if not context["is_staff"]:
        return {}
    wanted = {pk for pk in ids.values() if pk}
    people = User.objects.filter(pk__in=wanted).select_related("organization").prefetch_related("groups", "teams")
    told = {person.pk: UserSerializer(person, context=context).data for person in people}
    return {ticket: told[pk] for ticket, pk in ids.items() if pk in told}


def _requesters(rows: Sequence[Ticket], context: Context) -> Found:
    if context["is_staff"]:
        return _people(rows, {row.pk: row.requester_id for row in rows}, context)
    shown = {"is_staff": True}  # whoever sees the ticket sees the requester's address on it
    return {row.pk: PersonSerializer(row.requester, context=shown).data for row in rows}


def _assignees(rows: Sequence[Ticket], context: Context) -> Found:
    if context["is_staff"]:
        return _people(rows, {row.pk: row.assignee_id for row in rows}, context)
    return {row.pk: PersonSerializer(row.assignee, context=context).data for row in rows if row.assignee}


def _organizations(rows: Sequence[Ticket], context: Context) -> Found:
    """Return the organization: in full to who may see it, else by name."""
    wanted = {row.organization_id for row in rows if row.organization_id}
    seen = Organization.objects.visible_to(context["request"].user).filter(pk__in=wanted).prefetch_related("domains")
    told = {one.pk: OrganizationSerializer(one, context=context).data for one in seen}
    return {
        row.pk: told.get(row.organization_id) or OrganizationNameSerializer(row.organization).data
        for row in rows
        if row.organization and row.organization_id
    }


def _teams(rows: Sequence[Ticket], context: Context) -> Found:
    members = Prefetch("members", User.objects.staff().order_by("name"))
    teams = Team.objects.filter(pk__in={row.team_id for row in rows if row.team_id}).prefetch_related(members)
    told = {
        team.pk: {
            "id": team.pk,
            "name": team.name,
            "members": [{"id": person.pk, "name": person.name} for person in team.members.all()],
        }
        for team in teams
    }
    return {row.pk: told.get(row.team_id) for row in rows if row.team_id}


def _messages(rows: Sequence[Ticket], context: Context) -> Found:
    """Return the newest messages that the reader may see, oldest first; GET .../comments has them all."""
    reader = context["request"].user
    files = Prefetch("attachments", Attachment.objects.visible_to(reader), to_attr="shown_attachments")
    found: Found = {}
    for row in rows:  # one: only a ticket that is read by itself has them
        seen = Message.objects.filter(ticket=row).visible_to(reader).select_related("author", "ticket")
        newest: Any = list(seen.prefetch_related(files).order_by("-created_at", "-pk")[:MESSAGES_MOST])[::-1]
        found[row.pk] = CommentSerializer(newest, many=True, context=context).data
    return found


def _sla(rows: Sequence[Ticket], context: Context) -> Found:
    told = PROMISES_IN_FULL.ask(rows)
    return {row.pk: told[row.pk][0](is_staff=context["is_staff"]) for row in rows if told[row.pk]}


READERS: dict[str, Callable[[Sequence[Ticket], Context], Found]] = {
    "requester": _requesters,
    "organization": _organizations,
    "assignee": _assignees,
    "team": _teams,
    "messages": _messages,
    "sla": _sla,
}
