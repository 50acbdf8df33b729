"""One rule or macro in the console: put together row by row, tried before it is saved. Every button is a POST."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.models import User
from common.console import changelist_url, require
from common.errors import Invalid, NotFound, PortalError
from common.pages import show_refusal
from common.time import now
from tickets import services
from tickets.access import ticket_for
from tickets.automation import actions, conditions, firing
from tickets.automation.conditions import Verdict
from tickets.automation.fields import OPS, SPANS, Field, field_named
from tickets.automation.trying import attempt, matches
from tickets.console.building import (
    Group,
    Lists,
    Step,
    build,
    build_steps,
    group_of,
    place_error,
    read_group,
    read_steps,
    steps_of,
)
from tickets.console.rule_forms import MacroForm, RuleForm, TryForm
from tickets.models import AutomationRule, Macro, RuleRun

RUNS_SHOWN = 10


class BuilderPage:
    """One request for the page of one rule, or of a macro. row: None for a new one."""

    form_class: type[Form]
    model: type[AutomationRule] | type[Macro]
    is_macro = False

    def __init__(self, request: HttpRequest, row: Any, site_context: dict[str, Any]) -> None:
        self.request, self.row, self.site_context = request, row, site_context
        self.user: User = request.user  # type: ignore[assignment]
        self.lists = Lists()
        self.group: Group | None = None
        self.steps: list[Step] = []
        self.results: dict[str, Any] = {}

    def answer(self) -> HttpResponse:
        name = self.model._meta.model_name
        require(self.request, f"tickets.{'change' if self.row else 'add'}_{name}")
        if self.request.method != "POST":
            self._begin()
            return self._show(self.form_class(initial=self._initial()))
        form = self.form_class(self.request.POST)
        if not self.is_macro:
            self.group = read_group(self.request.POST, self.lists)
        self.steps = read_steps(self.request.POST, self.lists, is_macro=self.is_macro)
        verb, _, place = self.request.POST.get("build", "redraw").partition(":")
        if verb in ("save", "preview", "try"):
            return self._attempt(verb, form)
        number = int(place) if place.isdecimal() and len(place) < 4 else 0
        build_steps(self.steps, verb, number, self.lists, is_macro=self.is_macro)
        if self.group is not None:
            build(self.group, verb, place, self.lists)
        return self._show(form, is_half=True)

    def _begin(self) -> None:
        self.steps = steps_of(self.row.actions if self.row else [], self.lists, is_macro=self.is_macro)
        if not self.is_macro:
            self.group = group_of(self.row.conditions if self.row else {"all": []}, self.lists)
        if not self.row:
            build_steps(self.steps, "step", 0, self.lists, is_macro=self.is_macro)

    def _initial(self) -> dict[str, Any]:
        if self.row is None:
            return {"is_active": True, "kind": AutomationRule.Kind.TRIGGER}
        return {name: getattr(self.row, name) for name in self.form_class.base_fields}

    def _attempt(self, verb: str, form: Form) -> HttpResponse:
        try:
            if verb == "preview":
                self.results["matches"] = matches(self._tree(form), at=now())
            elif verb == "try":
                self._try(form)
            elif form.is_valid():
                return self._save(form)
        except PortalError as refusal:
            if not (isinstance(refusal, Invalid) and place_error(refusal, self.group, self.steps)):
                if form.is_valid() or verb == "save":
                    show_refusal(form, refusal)
                self.results["refusal"] = refusal.message
            return self._show(form, status=refusal.http_status)
        return self._show(form, status=422 if verb == "save" else 200, is_half=verb != "save")

    def _tree(self, form: Form) -> dict[str, Any]:
        tree = self.group.tree() if self.group else {"all": []}
        return conditions.check(tree, custom=self.lists.rules, events=firing.offered())

    def _actions(self) -> list[dict[str, Any]]:
        rows = [{"action": step.action, "value": step.value()} for step in self.steps]
        return actions.check(rows, custom=self.lists.rules, is_macro=self.is_macro, least=0)

    def _try(self, form: Form) -> None:
        """Show what the rule, as it stands in the form, makes of one ticket. Nothing is done."""
        reference = self.request.POST.get("ticket", "")
        tree, steps = self._tree(form), self._actions()
        try:
            ticket = ticket_for(self.user, reference)
        except NotFound as error:
            raise Invalid(f"There is no ticket {reference}."[:100] if reference else "Name a ticket.") from error
        trial = attempt(form.data.get("name", ""), tree, steps, ticket, at=now())
        self.results["trial"] = trial
        self.results["verdicts"] = list(self._verdict_rows(trial.verdict))

    def _verdict_rows(self, verdict: Verdict, depth: int = 0) -> Any:
        """Yield (depth, what is asked, value seen, whether it holds) of each part, in order."""
        if verdict.join:
            yield depth, conditions.JOINS[verdict.join].capitalize(), "", verdict.holds
            for part in verdict.parts:
                yield from self._verdict_rows(part, depth + 1)
            return
        found = field_named(verdict.field, self.lists.rules)
        if found is None:  # a custom field that was switched off meanwhile
            yield depth, verdict.field, _words(verdict.seen), verdict.holds
            return
        wanted = "" if verdict.wanted is None else self._named(found, verdict.wanted)
        asked = f"{found.label} {OPS[verdict.op].label} {wanted}".strip()
        yield depth, asked, self._named(found, verdict.seen), verdict.holds

    def _named(self, found: Field, value: Any) -> str:
        """Tell a value of a field by the words that the lists have for it."""
        names = {**SPANS, **(found.words or {}), **(found.choices or {})}
        if found.rows and found.rows != "person":
            names |= dict(self.lists.rows(found.rows))
        if isinstance(value, list):
            return _words([names.get(str(one), one) for one in value])
        return _words(names.get(str(value), value))

    def _save(self, form: Form) -> HttpResponse:
        facts = {**form.cleaned_data, "actions": [{"action": one.action, "value": one.value()} for one in self.steps]}
        saved = self.keep(facts)
        messages.success(self.request, f"“{saved}” was saved.")
        return HttpResponseRedirect(changelist_url(self.model))

    def keep(self, facts: dict[str, Any]) -> Any:
        raise NotImplementedError

    def _show(self, form: Form, status: int = 200, *, is_half: bool = False) -> HttpResponse:
        if is_half:  # nobody asked to save: what is not filled in yet is no mistake
            form = self.form_class(initial={name: form[name].value() for name in form.fields})
        names = self.model._meta
        context = {
            **self.site_context,
            "title": str(self.row or f"New {names.verbose_name}"),
            "list_title": str(names.verbose_name_plural).capitalize(),
            "list_url": changelist_url(self.model),
            "form": form,
            "group": self.group,
            "steps": self.steps,
            "try_form": TryForm(initial={"ticket": self.request.POST.get("ticket", "")}),
            "row": self.row,
            "is_macro": self.is_macro,
            "delete_url": self._delete_url(),
            **self.results,
            **self.more(),
        }
        return TemplateResponse(self.request, "console/rules/page.html", context, status=status)

    def _delete_url(self) -> str:
        name = self.model._meta.model_name
        if self.row is None or not self.user.has_perm(f"tickets.delete_{name}"):
            return ""
        return reverse(f"admin:tickets_{name}_delete", args=[self.row.pk])

    def more(self) -> dict[str, Any]:
        return {}


class RulePage(BuilderPage):
    form_class = RuleForm
    model = AutomationRule

    def keep(self, facts: dict[str, Any]) -> AutomationRule:
        facts["conditions"] = self.group.tree() if self.group else {"all": []}
        if self.row:
            return services.change_rule(self.row, by=self.user, **facts)
        return services.create_rule(by=self.user, **facts)

    def more(self) -> dict[str, Any]:
        if self.row is None:
            return {}
        return {"runs": RuleRun.objects.filter(rule=self.row).select_related("ticket")[:RUNS_SHOWN]}


class MacroPage(BuilderPage):
    form_class = MacroForm
    model = Macro
    is_macro = True

    def keep(self, facts: dict[str, Any]) -> Macro:
        if self.row:
            return services.change_macro(self.row, by=self.user, **facts)
        return services.create_macro(by=self.user, **facts)


def _words(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.1f}"
    if isinstance(value, list):
        return ", ".join(_words(one) for one in value) or "none"
    return "nothing" if value in (None, "") else str(value)
