"""Changing many tickets at once: each by itself, through the same service, with a report of what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from accounts.models import Strategy, Team, User
from common.errors import Conflict, Invalid, PortalError
from tickets import services
from tickets.access import one_deed, ticket_for
from tickets.console import shared
from tickets.console.forms import CONTROL, STATUSES_SET_WITH_ANSWER
from tickets.console.outcome import Report
from tickets.models import Macro, Ticket
from tickets.services import TakenBack
from tickets.services.text import BODY_CHARACTERS_MOST
from tickets.vocabulary import Channel, Priority, Status

Fields = dict[str, Any]
SETTABLE_STATUSES = [status for status in Status if status != Status.NEW]
TICKETS_MOST = 100


class BulkForm(forms.Form):
    """What is asked before many tickets are changed. Without fields it only asks whether."""

    use_required_attribute = False

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.ask()

    def ask(self) -> None:
        """Put together what depends on who asks."""


class ChoiceForm(BulkForm):
    value = forms.ChoiceField(widget=forms.Select(attrs=CONTROL), error_messages={"required": "Choose one."})
    label = ""

    def ask(self) -> None:
        self.fields["value"].label = self.label
        pairs = ((str(one), words) for one, words in self.options())
        self.fields["value"].choices = [("", "Choose"), *pairs]  # type: ignore[attr-defined]

    def options(self) -> Iterable[tuple[Any, str]]:
        raise NotImplementedError

    def row(self, value: str) -> Any:
        """Return what a choice stands for."""
        return value


class AssignForm(ChoiceForm):
    label = "Assign to whom?"

    def options(self) -> Iterable[tuple[Any, str]]:
        user: User = self.request.user  # type: ignore[assignment]
        agents = [(pk, name) for pk, name in shared.choices(self.request).agents if pk != user.pk]
        return [(user.pk, f"{user} (you)"), ("nobody", "Nobody"), *agents]

    def row(self, value: str) -> User | None:
        return None if value == "nobody" else _there(User.objects.staff().filter(pk=value).first())


class TurnForm(ChoiceForm):
    label = "Let which rule choose the assignees?"

    def options(self) -> Iterable[tuple[Any, str]]:
        return Strategy.choices


class MacroForm(ChoiceForm):
    label = "Apply which macro?"

    def options(self) -> Iterable[tuple[Any, str]]:
        user: User = self.request.user  # type: ignore[assignment]
        return [(macro.pk, macro.name) for macro in Macro.objects.usable_by(user)]

    def row(self, value: str) -> Macro | None:
        return _there(Macro.objects.filter(pk=value).select_related("team").first())


class TeamForm(ChoiceForm):
    label = "Give to which team?"

    def options(self) -> Iterable[tuple[Any, str]]:
        return [("none", "No team"), *shared.choices(self.request).teams]

    def row(self, value: str) -> Team | None:
        return None if value == "none" else _there(Team.objects.filter(pk=value).first())


class StatusForm(ChoiceForm):
    label = "Set which status?"

    def options(self) -> Iterable[tuple[Any, str]]:
        return [(status.value, status.label) for status in SETTABLE_STATUSES]


class PriorityForm(ChoiceForm):
    label = "Set which priority?"

    def options(self) -> Iterable[tuple[Any, str]]:
        return Priority.choices


class TagForm(BulkForm):
    add = forms.CharField(
        label="Tags to add",
        help_text="Separated by commas.",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={**CONTROL, "autocomplete": "off"}),
    )
    remove = forms.CharField(
        label="Tags to take off",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={**CONTROL, "autocomplete": "off"}),
    )

    def clean(self) -> Fields:
        cleaned: Fields = super().clean() or {}
        for name in ("add", "remove"):
            cleaned[name] = [part.strip() for part in cleaned.get(name, "").split(",") if part.strip()]
        if not cleaned["add"] and not cleaned["remove"]:
            raise forms.ValidationError("Name a tag to add or to take off.")
        return cleaned


class ReplyForm(BulkForm):
    body = forms.CharField(
        label="Reply to every one of them",
        help_text="Markdown. Each requester gets it on their own ticket and sees nobody else.",
        max_length=BODY_CHARACTERS_MOST,
        widget=forms.Textarea(attrs={**CONTROL, "rows": 8, "data-autosize": True}),
        error_messages={"required": "Write a message first."},
    )
    status = forms.ChoiceField(
        label="Then set the status to",
        required=False,
        choices=[("", "Leave it as it is"), *((one.value, one.label) for one in STATUSES_SET_WITH_ANSWER)],
        widget=forms.Select(attrs=CONTROL),
    )


class MergeForm(BulkForm):
    into = forms.CharField(
        label="Reference of the ticket that stays",
        help_text="One of these, or another. The others are closed and go on in it.",
        max_length=30,
        widget=forms.TextInput(attrs={**CONTROL, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter the reference of the ticket that stays."},
    )

    def clean_into(self) -> Ticket:
        try:
            return ticket_for(self.request.user, self.cleaned_data["into"])  # type: ignore[arg-type]
        except PortalError as error:
            raise forms.ValidationError("There is no ticket with this reference.") from error


class SpamForm(BulkForm):
    is_blocking = forms.BooleanField(
        label="Take no more tickets from these addresses", required=False, help_text="Supervisors can unblock them."
    )

    def ask(self) -> None:
        if not self.request.user.has_perm("tickets.add_blockedsender"):
            del self.fields["is_blocking"]


Change = Callable[[Ticket, Fields, User], tuple[bool, str]]


@dataclass(frozen=True)
class Bulk:
    """A bulk action. verb: of the button that does it; done: of the report. key: the single key that begins it.

    perform: changes one ticket, and returns whether it was changed and what is said of it.
    """

    label: str
    glyph: str
    question: str
    verb: str
    form: type[BulkForm]
    perform: Change
    key: str = ""
    done: str = "changed"


def _there(row: Any) -> Any:
    """Return `row`. What was offered may be half a minute old, and gone."""
    if row is None:
        raise Invalid("What you chose is no longer there. Choose again.", field="value")
    return row


def _told(change: Callable[[Ticket, Fields, User], Ticket]) -> Change:
    """Return `change`, which returns the ticket as it then is, with what is said of it."""

    def perform(ticket: Ticket, fields: Fields, by: User) -> tuple[bool, str]:
        is_same = change(ticket, fields, by).version == ticket.version
        return not is_same, "It is so already." if is_same else ticket.subject

    return perform


def _set(member: str) -> Change:
    return _told(lambda ticket, fields, by: services.change_ticket(ticket, by=by, **{member: fields["row"]}))


def _by_turn(ticket: Ticket, fields: Fields, by: User) -> tuple[bool, str]:
    assigned = services.assign_ticket(ticket, strategy=fields["row"], by=by)
    return assigned.is_new, assigned.reason


def _macro(ticket: Ticket, fields: Fields, by: User) -> tuple[bool, str]:
    macro: Macro = fields["row"]
    applied = services.apply_macro_and_hold(macro, ticket, by=by)
    is_same = applied.version == ticket.version and not macro.reply
    return not is_same, "It is so already." if is_same else ticket.subject


def _tag(ticket: Ticket, fields: Fields, by: User) -> Ticket:
    removed = {"-".join(name.lower().split()) for name in fields["remove"]}
    kept = [tag.name for tag in ticket.tags.all() if tag.name not in removed]
    return services.change_ticket(ticket, by=by, tags=[*kept, *fields["add"]])


def _reply(ticket: Ticket, fields: Fields, by: User) -> tuple[bool, str]:
    if settings.PORTAL_UNDO_SECONDS:
        services.hold_reply(ticket, body=fields["body"], status=fields["status"], by=by)
        return True, ticket.subject
    services.post_public_reply(ticket, body=fields["body"], by=by, channel=Channel.CONSOLE)
    if fields["status"]:
        services.change_ticket(ticket, by=by, status=fields["status"])
    return True, ticket.subject


def _merge(ticket: Ticket, fields: Fields, by: User) -> Ticket:
    into: Ticket = fields["into"]
    if ticket.pk == into.pk:
        raise Conflict("This is the ticket that stays.")
    services.merge_tickets(ticket, into=into, by=by)
    return Ticket.objects.get(pk=ticket.pk)


def _spam(ticket: Ticket, fields: Fields, by: User) -> Ticket:
    return services.mark_as_spam(ticket, by=by, is_blocking=fields.get("is_blocking", False))


BULK: dict[str, Bulk] = {
    "assign": Bulk("Assign", "user-plus", AssignForm.label, "Change", AssignForm, _set("assignee"), key="a"),
    "assign_by_turn": Bulk("By turn", "arrow-up-down", TurnForm.label, "Assign", TurnForm, _by_turn),
    "set_status": Bulk("Status", "circle-dot", StatusForm.label, "Change", StatusForm, _set("status"), key="s"),
    "set_priority": Bulk(
        "Priority", "chevrons-up", PriorityForm.label, "Change", PriorityForm, _set("priority"), key="p"
    ),
    "set_team": Bulk("Team", "users", TeamForm.label, "Change", TeamForm, _set("team")),
    "tag": Bulk("Tag", "tag", "Which tags?", "Tag", TagForm, _told(_tag), key="t"),
    "macro": Bulk("Macro", "zap", MacroForm.label, "Apply to", MacroForm, _macro, key="u"),
    "reply": Bulk("Reply", "reply", "Reply to all of them", "Reply to", ReplyForm, _reply, done="answered"),
    "merge": Bulk("Merge", "merge", "Merge into which ticket?", "Merge", MergeForm, _told(_merge)),
    "spam": Bulk("Spam", "ban", "Mark these as spam?", "Mark as spam", SpamForm, _told(_spam)),
}


def change_many(bulk: Bulk, tickets: Iterable[Ticket], fields: Fields, by: User) -> Report:
    """Do it to each ticket. One that cannot be changed does not keep the others from it."""
    report = Report()
    for ticket in tickets:
        try:
            with transaction.atomic(), one_deed(by, ticket):
                is_changed, words = bulk.perform(ticket, fields, by)
        except Conflict as refusal:
            report.skipped.append((ticket.reference, refusal.message))
        except PortalError as refusal:
            report.failed.append((ticket.reference, refusal.message))
        else:
            (report.changed if is_changed else report.skipped).append((ticket.reference, words))
    return report


def said_again(taken: TakenBack) -> Fields:
    """Return how a ReplyForm begins for what was taken back."""
    return {"body": taken.rows[0].body, "status": taken.rows[0].status}


def fields_of(form: BulkForm) -> Fields:
    """Return what the valid `form` says, a choice with the row it stands for.   Raises: Invalid."""
    fields = dict(form.cleaned_data)
    return fields | {"row": form.row(fields["value"])} if isinstance(form, ChoiceForm) else fields
