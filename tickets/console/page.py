"""The ticket page: one address, read with GET, acted on with POST. A refused deed shows it again, nothing lost."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from accounts.out_of_office import absence_words
from common import journal
from common.console import change_url, changelist_url
from common.errors import PortalError, Stale
from common.journal import Event
from common.pages import show_refusal
from common.time import now
from tickets.access import may_work
from tickets.console import shared
from tickets.console.conversation import conversation, said_on
from tickets.console.deeds import DEEDS, PROPERTIES, Deed, Done, do, may_offer
from tickets.console.forms import AnswerForm, FollowerForm, LinkForm, ReferenceForm, SnoozeForm, SplitForm
from tickets.console.marginalia import linked, marginalia
from tickets.console.properties import PropertiesForm, initial_values
from tickets.console.quick import aside_until, menus
from tickets.console.recipients import recipients_of
from tickets.console.timeline import line, rule_urls
from tickets.console.trail import Trail, onward_from, url_after
from tickets.console.unsent import held_replies, offered, status_of
from tickets.console.working import keep_files
from tickets.events import MACRO_APPLIED
from tickets.models import Draft, Habits, ReplyFile, Ticket
from tickets.slots import PANELS
from tickets.vocabulary import MessageKind

# What the services call a member, where the forms call it otherwise.
NAMES = {"customer_email": "email", "other": "reference", "file": "files", "person": "email"}
EVENTS_SHOWN_MOST = 500


class TicketPage:
    """One request for the page of one ticket. site_context: what unfold's frame needs."""

    def __init__(self, request: HttpRequest, number: str, site_context: dict[str, Any]) -> None:
        self.request = request
        self.site_context = site_context
        self.user: User = request.user  # type: ignore[assignment]
        self.ticket = self._find(number)
        self.may_work = may_work(self.user, self.ticket)
        self.trail = Trail.read(request.GET)
        self.draft: Draft | None = None

    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            return self.show()
        name = self.request.POST.get("deed", "")
        deed = PROPERTIES if name == "properties" else DEEDS.get(name)
        if deed is None:
            raise Http404
        if not self.user.has_perm(deed.permission):
            raise PermissionDenied
        return self._save_properties() if deed is PROPERTIES else self._do(name, deed)

    def _find(self, number: str) -> Ticket:
        rows = (
            Ticket.objects.visible_to(self.user)
            .with_reference(number)
            .select_related(
                *("requester__organization", "organization__success_manager", "submitter"),
                *(
                    "assignee__stand_in",
                    "team",
                    "product_area",
                    "label",
                    "request_form",
                    "merged_into",
                    "article_link__article",
                ),
            )
            .defer(*(f"article_link__article__{text}" for text in ("body", "body_html", "text")))
        )
        ticket = rows.first()
        if ticket is None:
            raise Http404
        return ticket

    # --- deeds ---

    def _do(self, name: str, deed: Deed) -> HttpResponse:
        form = deed.form(self.request.POST, self.request.FILES, ticket=self.ticket)
        if not form.is_valid():
            return self._refused(name, form, 422)
        try:
            return self._done(do(deed, self.ticket, form.cleaned_data, self.user), goes_on=deed.goes_on)
        except Stale:
            return self._stale_answer(form) if isinstance(form, AnswerForm) else self._refused(name, form, 412)
        except PortalError as refusal:
            return self._refused(name, form, show_refusal(form, refusal, names=NAMES))

    def _stale_answer(self, form: AnswerForm) -> HttpResponse:
        """Say what happened while the answer was written. It stays in the form, and is sent when it is sent again."""
        happened, last = self._since(form.cleaned_data["seen"] or 0)
        words = format_html(
            "Not sent yet: this happened on {} while you wrote. Read it, then send your answer again, or change it.{}",
            self.ticket.reference,
            happened,
        )
        return self._refused("answer", form.rebased(self.ticket, last), Stale.http_status, words)

    def _done(self, done: Done, *, goes_on: bool = False) -> HttpResponse:
        messages.success(self.request, done.words)
        onward = onward_from(done.ticket, self.trail, self.request) if goes_on and not done.url else None
        here = url_after(done.ticket, self.trail, self.user) + (f"#{done.anchor}" if done.anchor else "")
        return HttpResponseRedirect(done.url or onward or here)

    def _refused(self, name: str, form: Form, status: int, words: str | SafeString = "") -> HttpResponse:
        """Show the page as it is now with the form as it was sent, and say on top what is wrong."""
        if isinstance(form, AnswerForm):
            form = form.with_kept(keep_files(self.request, self.ticket, self.request.FILES.getlist("files")))
        reasons = [str(error) for errors in form.errors.values() for error in errors]
        messages.error(self.request, words or " ".join(reasons))
        self.ticket = self._find(str(self.ticket.pk))
        return self.show({name: form}, status=status)

    def _save_properties(self) -> HttpResponse:
        form = PropertiesForm(
            self.request.POST, ticket=self.ticket, choices=self._choices, custom_fields=self._choices.fields
        )
        if not form.is_valid():
            return self._refused("properties", form, 422)
        try:
            changes = form.changes()
            if not changes:
                return self._done(Done("Nothing was changed.", self.ticket))
            version = form.cleaned_data["version"]
            return self._done(do(PROPERTIES, self.ticket, {**changes, "expected_version": version}, self.user))
        except Stale:
            return self._stale(form)
        except PortalError as refusal:
            return self._refused("properties", form, show_refusal(form, refusal, names=NAMES))

    def _stale(self, form: PropertiesForm) -> HttpResponse:
        """Say what others changed since the page was opened; the form keeps what was typed, on top of theirs."""
        happened, last = self._since(form.cleaned_data["seen"])
        words = format_html(
            "Not saved: somebody changed {} since you opened it. What you chose is still in the form; "
            "look at it and save again.{}",
            self.ticket.reference,
            happened,
        )
        tags = marginalia(self.ticket).tags
        return self._refused("properties", form.rebased(self.ticket, tags, last), Stale.http_status, words)

    def _since(self, seen: int) -> tuple[SafeString, int]:
        """Return what happened after the event `seen`, as a list, and the last event; the ticket is read anew."""
        self.ticket = self._find(str(self.ticket.pk))
        since = journal.timeline(self.ticket).filter(pk__gt=seen)
        lines = format_html_join("", "<li>{}</li>", ((line(event).sentence,) for event in since.order_by("pk")[:20]))
        return format_html("<ul>{}</ul>", lines), since.aggregate(last=Max("pk"))["last"] or seen

    # --- reading ---

    @property
    def _choices(self) -> shared.Choices:
        return shared.choices(self.request)

    def show(self, forms: dict[str, Form] | None = None, status: int = 200) -> HttpResponse:
        forms = forms or {}
        self.draft = Draft.objects.filter(ticket=self.ticket, author=self.user).first() if self.may_work else None
        unsent = list(ReplyFile.objects.filter(ticket=self.ticket, author=self.user)) if self.may_work else []
        happened = list(journal.timeline(self.ticket).order_by("-pk")[:EVENTS_SHOWN_MOST])[::-1]
        said, hidden = said_on(self.ticket, self.user, is_all="all" in self.request.GET)
        files = list(self.ticket.attachments.visible_to(self.user))
        beside = marginalia(self.ticket)
        rules = rule_urls(happened) if self.user.has_perm("tickets.view_automationrule") else {}
        context = {
            **self.site_context,
            "title": self.ticket.reference,
            "ticket": self.ticket,
            "is_mine": self.ticket.assignee_id == self.user.pk,
            "away_words": self._away_words(),
            "may_work": self.may_work,
            "offer": may_offer(self.ticket) if self.may_work else {},
            "entries": conversation(said, happened, files, rules, hidden=hidden),
            "held": held_replies(self.ticket, self.user, unsent) if self.may_work else [],
            "unsent_files": offered(unsent, next(iter(forms.values()), None)),
            "recipients": recipients_of(self.ticket, self.user, beside.followers, said, happened),
            "loose_files": [file for file in files if file.message_id is None],
            "timeline": [line(event, rules) for event in reversed(happened)],
            "beside": beside,
            "linked": (links := linked(self.ticket, self.user)),
            "incident_count": sum(link.is_incident for link in links),
            "article": self._article(),
            "may_draft": self.user.has_perm(DEEDS["draft_article"].permission),
            "merged_url": change_url(self.ticket.merged_into) if self.ticket.merged_into else "",
            "panels": self._panels(),
            "trail": self.trail,
            "undo": self._undo(happened),
            "follows": any(one.pk == self.user.pk for one in beside.followers),
            "asides": aside_until(now()),
            "queue_url": self.trail.queue_url if self.trail else changelist_url(Ticket),
            "queue_name": self._queue_name(),
            "menus": menus(self.ticket, self._choices, self.user) if self.may_work else [],
            "thens": Habits.Then.choices,
            "then": shared.habits(self.request).then,
            "forms": self._forms(forms, beside.tags, happened) if self.may_work else {},
            "open_form": next(iter(forms), "") or self._drafted,
            "draft": None if forms else self.draft,
            "seen": happened[-1].pk if happened else 0,
        }
        return TemplateResponse(self.request, "console/ticket/page.html", context, status=status)

    def _forms(self, sent: dict[str, Form], tags: list[str], happened: list[Event]) -> dict[str, Form]:
        """Return every form of the page, with those that were sent and refused in their place."""
        seen, draft = happened[-1].pk if happened else 0, self.draft
        fresh: dict[str, Form] = {
            "answer": AnswerForm(
                ticket=self.ticket,
                labels=self._choices.labels,
                initial={"seen": seen, **({"body": draft.body, "status": status_of(draft)} if draft else {})},
            ),
            "merge": ReferenceForm(ticket=self.ticket),
            "link": LinkForm(ticket=self.ticket),
            "split": SplitForm(ticket=self.ticket),
            "snooze": SnoozeForm(ticket=self.ticket),
            "add_follower": FollowerForm(ticket=self.ticket),
        }
        if "properties" not in sent:
            custom = self._choices.fields
            fresh["properties"] = PropertiesForm(
                initial=initial_values(self.ticket, tags, custom, seen),
                ticket=self.ticket,
                choices=self._choices,
                custom_fields=custom,
            )
        if "note" in sent:
            sent = sent | {"answer": sent["note"]}
        return fresh | sent

    @property
    def _drafted(self) -> str:
        """Return the form that a draft opens."""
        return "note" if self.draft and self.draft.kind == MessageKind.INTERNAL_NOTE else ""

    def _article(self) -> dict[str, Any] | None:
        """Return the article drafted from the ticket. Shape: {title, url, state in words}."""
        link = getattr(self.ticket, "article_link", None)
        if link is None:
            return None
        article = link.article
        return {"title": article.title, "url": change_url(article), "state": article.get_state_display()}

    def _undo(self, happened: list[Event]) -> Event | None:
        """Return the macro that the address asks to take back, where its event is one's own."""
        asked = self.request.GET.get("undo", "")
        ours = {str(event.pk): event for event in happened if event.actor_id == self.user.pk}
        event = ours.get(asked)
        return event if event is not None and event.kind == MACRO_APPLIED.name else None

    def _queue_name(self) -> str:
        """Return what the queue is called that the page was opened from."""
        view = QueryDict(self.trail.queue).get("view") if self.trail else None
        names = {str(one.pk): one.name for one in shared.entries(self.request)} if view else {}
        return names.get(view or "", "Tickets")

    def _away_words(self) -> str:
        """Say that the assignee is away, until when and who stands in; "" for who is here."""
        assignee = self.ticket.assignee
        return f"a{absence_words(assignee)[1:]}" if assignee is not None and assignee.is_away else ""

    def _panels(self) -> list[dict[str, Any]]:
        """Return the panels that the person may see, each with the address from which its content is fetched."""
        return [
            {"panel": panel, "url": reverse("admin:tickets_ticket_panel", args=[self.ticket.pk, panel.key])}
            for panel in PANELS.values()
            if self.user.has_perm(panel.permission)
        ]
