"""Webhooks in the console: the list with their health, one with its log, and what is done with them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import Count, Q
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from accounts.models import Organization, ProductArea, User
from common.console import BoundedPaginator, View, require
from common.errors import PortalError
from common.pages import show_refusal
from common.time import now
from integrations import services as outbox
from integrations.models import Delivery
from integrations.webhooks import services
from integrations.webhooks.forms import LogForm, RangeForm, RotateForm, WebhookForm
from integrations.webhooks.models import WebhookSubscription
from tickets.vocabulary import Priority

VIEW = "integrations.view_webhooksubscription"
ADD = "integrations.add_webhooksubscription"
CHANGE = "integrations.change_webhooksubscription"
DELETE = "integrations.delete_webhooksubscription"
REDELIVER = "integrations.redeliver"
# Carries a new secret to the page that shows it, and nowhere else: the portal keeps it sealed.
SECRET_COOKIE, SECRET_SECONDS = "webhook_secret", 300
LOOKS = {
    Delivery.State.PENDING: ("blue", "clock"),
    Delivery.State.DELIVERED: ("green", "circle-check"),
    Delivery.State.DEAD: ("red", "octagon-alert"),
    Delivery.State.SKIPPED: ("grey", "ban"),
}
LOG_ROWS = 25
HEALTH_DAYS = 7


@dataclass(frozen=True)
class Health:
    """How a webhook is: tone and glyph of the state, and words."""

    tone: str
    glyph: str
    word: str
    words: str = ""


def health_of(webhook: WebhookSubscription) -> Health:
    if not webhook.is_active:
        return Health("grey", "ban", "Switched off", webhook.disabled_reason)
    if webhook.failing_since:
        return Health("red", "octagon-alert", "Failing", "Nothing was taken since then.")
    if webhook.last_success_at:
        return Health("green", "circle-check", "Working")
    return Health("blue", "clock", "Nothing sent yet")


@require_safe
def webhook_list(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    require(request, VIEW)
    rows = list(WebhookSubscription.objects.select_related("owner"))
    counts = _counts(rows)
    context = {
        **site_context,
        "title": "Webhooks",
        "lines": [(row, _url(row), health_of(row), counts.get(row.destination, (0, 0, 0))) for row in rows],
        "days": HEALTH_DAYS,
        "may_add": request.user.has_perm(ADD),
    }
    return TemplateResponse(request, "console/webhooks/list.html", context)


def _counts(rows: list[WebhookSubscription]) -> dict[str, tuple[int, int, int]]:
    """Return by destination how many deliveries of late were made, given up, and how many wait."""
    recent = Q(created_at__gte=now() - dt.timedelta(days=HEALTH_DAYS))
    found = Delivery.objects.filter(recent | Q(state="PENDING"), circuit__in=[row.destination for row in rows])
    totals = found.values("destination").annotate(
        made=Count("pk", filter=recent & Q(state="DELIVERED")),
        dead=Count("pk", filter=recent & Q(state="DEAD")),
        waiting=Count("pk", filter=Q(state="PENDING")),
    )
    return {row["destination"]: (row["made"], row["dead"], row["waiting"]) for row in totals.order_by()}


def webhook_add(request: HttpRequest, site_context: dict[str, Any]) -> HttpResponse:
    require(request, ADD)
    form = WebhookForm(request.POST or None)

    def save() -> HttpResponse:
        webhook, secret = services.create_webhook(by=_person(request), **form.facts())
        return _with_secret(request, webhook, secret)

    context = {"title": "New webhook", "cancel_url": reverse("admin:integrations_webhooks"), "label": "Add the webhook"}
    return _form_page(request, form, save, {**site_context, **context})


def webhook_edit(request: HttpRequest, webhook_id: int, site_context: dict[str, Any]) -> HttpResponse:
    require(request, CHANGE)
    webhook = get_object_or_404(WebhookSubscription, pk=webhook_id)
    form = WebhookForm(request.POST or None, webhook=webhook)

    def save() -> HttpResponse:
        services.change_webhook(webhook, by=_person(request), **form.facts())
        messages.success(request, "Saved.")
        return HttpResponseRedirect(_url(webhook))

    context = {"title": f"Change {webhook.name}", "cancel_url": _url(webhook), "label": "Save"}
    return _form_page(request, form, save, {**site_context, **context})


def _form_page(
    request: HttpRequest, form: WebhookForm, save: Callable[[], HttpResponse], context: dict[str, Any]
) -> HttpResponse:
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                return save()
            except PortalError as refusal:
                status = show_refusal(form, refusal)
    context |= {"form": form, "list_url": reverse("admin:integrations_webhooks")}
    return TemplateResponse(request, "console/webhooks/form.html", context, status=status)


@sensitive_variables("secret")
def webhook_detail(request: HttpRequest, webhook_id: int, site_context: dict[str, Any]) -> HttpResponse:
    """Show one webhook, or do what a button of its page says."""
    require(request, VIEW)
    webhook = get_object_or_404(WebhookSubscription.objects.select_related("owner"), pk=webhook_id)
    if request.method == "POST":
        return _deed(request, webhook, site_context)
    return _detail(request, webhook, site_context)


def _detail(
    request: HttpRequest, webhook: WebhookSubscription, site_context: dict[str, Any], **forms: Form
) -> HttpResponse:
    secret = request.get_signed_cookie(SECRET_COOKIE, default="", max_age=SECRET_SECONDS, salt=str(webhook.pk))
    log_form = LogForm(request.GET)
    page = _log(request, webhook, log_form.cleaned_data["state"] if log_form.is_valid() else "")
    context = {
        **site_context,
        "title": webhook.name,
        "webhook": webhook,
        "health": health_of(webhook),
        "counts": _counts([webhook]).get(webhook.destination, (0, 0, 0)),
        "days": HEALTH_DAYS,
        "narrowed": _filter_words(webhook),
        "has_two_secrets": webhook.has_two_secrets_at(now()),
        "secret": secret,
        "list_url": reverse("admin:integrations_webhooks"),
        "log_form": log_form,
        "page": page,
        "rows": [(row, LOOKS[Delivery.State(row.state)], _pretty(row), _tries(row)) for row in page],
        "previous_url": _page_url(request, page.previous_page_number()) if page.has_previous() else "",
        "next_url": _page_url(request, page.next_page_number()) if page.has_next() else "",
        "rotate_form": RotateForm(auto_id="rotate_%s"),
        "range_form": RangeForm(
            auto_id="range_%s", initial={"since": now() - dt.timedelta(days=1), "until": now(), "state": "DEAD"}
        ),
        "may_change": request.user.has_perm(CHANGE),
        "may_delete": request.user.has_perm(DELETE),
        "may_redeliver": request.user.has_perm(REDELIVER),
        **forms,
    }
    response = TemplateResponse(request, "console/webhooks/detail.html", context, status=422 if forms else 200)
    if secret:
        response.delete_cookie(SECRET_COOKIE, path=_url(webhook), samesite="Strict")
        response.headers["Cache-Control"] = "no-store"
    return response


def _log(request: HttpRequest, webhook: WebhookSubscription, state: str) -> Page[Delivery]:
    found = Delivery.objects.filter(circuit=webhook.destination).prefetch_related("attempts")
    rows = (found.filter(state=state) if state else found).order_by("-id")
    return BoundedPaginator(rows, LOG_ROWS).get_page(request.GET.get("page"))


def _page_url(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


def _pretty(delivery: Delivery) -> str:
    return json.dumps(json.loads(delivery.payload["body"]), indent=2, ensure_ascii=False)


def _tries(delivery: Delivery) -> list[Any]:
    """Return the tries, the newest first."""
    return sorted(delivery.attempts.all(), key=lambda attempt: -attempt.pk)


def _filter_words(webhook: WebhookSubscription) -> list[tuple[str, str]]:
    filters, rows = webhook.filters, []
    if names := filters.get("priorities"):
        rows.append(("Priorities", ", ".join(str(Priority(name).label) for name in names)))
    if keys := filters.get("product_areas"):
        areas = ProductArea.objects.filter(key__in=keys).values_list("name", flat=True)
        rows.append(("Product areas", ", ".join(areas)))
    if pks := filters.get("organizations"):
        found = Organization.objects.filter(pk__in=pks).values_list("name", flat=True)
        rows.append(("Organizations", ", ".join(found) or "Gone: nothing is sent"))
    if tags := filters.get("tags"):
        rows.append(("Tags", ", ".join(tags)))
    return rows


def _deed(request: HttpRequest, webhook: WebhookSubscription, site_context: dict[str, Any]) -> HttpResponse:
    """Do what the button says; each deed asks for its own right in the service."""
    deeds: dict[str, Callable[[HttpRequest, WebhookSubscription], HttpResponse | Form]] = {
        "test": _test,
        "switch": _switch,
        "rotate": _rotate,
        "redeliver": _redeliver,
        "range": _range,
        "delete": _delete,
    }
    deed = deeds.get(request.POST.get("deed", ""))
    if deed is None:
        raise Http404
    try:
        done = deed(request, webhook)
    except PortalError as refusal:
        messages.error(request, refusal.message)
        return HttpResponseRedirect(_url(webhook))
    if isinstance(done, RangeForm):
        return _detail(request, webhook, site_context, range_form=done)
    if isinstance(done, RotateForm):
        return _detail(request, webhook, site_context, rotate_form=done)
    return done  # type: ignore[return-value]


def _test(request: HttpRequest, webhook: WebhookSubscription) -> HttpResponse:
    services.send_test(webhook, by=_person(request))
    return _told(request, webhook, "A test event is on its way. Its outcome is at the top of the log in a moment.")


def _switch(request: HttpRequest, webhook: WebhookSubscription) -> HttpResponse:
    changed = services.change_webhook(webhook, by=_person(request), is_active=request.POST.get("on") == "1")
    return _told(request, webhook, "Switched on." if changed.is_active else "Switched off. Nothing more is sent.")


@sensitive_variables("secret")
def _rotate(request: HttpRequest, webhook: WebhookSubscription) -> HttpResponse | Form:
    form = RotateForm(request.POST, auto_id="rotate_%s")
    if not form.is_valid():
        return form
    webhook, secret = services.rotate_secret(webhook, by=_person(request), **form.cleaned_data)
    return _with_secret(request, webhook, secret)


def _redeliver(request: HttpRequest, webhook: WebhookSubscription) -> HttpResponse:
    rows = Delivery.objects.filter(circuit=webhook.destination)
    chosen = [int(pk) for pk in request.POST.getlist("delivery") if pk.isdecimal() and len(pk) < 19]
    sent = 0
    for delivery in rows.filter(pk__in=chosen).order_by("id"):
        try:
            outbox.redeliver(delivery, by=_person(request))
            sent += 1
        except PortalError as refusal:
            messages.error(request, f"{delivery.template}: {refusal.message}")
    if not chosen:
        messages.error(request, "Choose what to send again.")
    return _told(request, webhook, _on_the_way(sent)) if sent else HttpResponseRedirect(_url(webhook))


def _range(request: HttpRequest, webhook: WebhookSubscription) -> HttpResponse | Form:
    form = RangeForm(request.POST, auto_id="range_%s")
    if not form.is_valid():
        return form
    try:
        count = services.redeliver_range(webhook, by=_person(request), **form.cleaned_data)
    except PortalError as refusal:
        show_refusal(form, refusal, names={"from": "since", "to": "until"})
        return form
    return _told(request, webhook, _on_the_way(count) if count else "There was nothing to send again in that span.")


def _delete(request: HttpRequest, webhook: WebhookSubscription) -> HttpResponse:
    services.delete_webhook(webhook, by=_person(request))
    messages.success(request, f"“{webhook.name}” is deleted.")
    return HttpResponseRedirect(reverse("admin:integrations_webhooks"))


def _on_the_way(count: int) -> str:
    return f"{count} {'delivery is' if count == 1 else 'deliveries are'} on the way again."


def _told(request: HttpRequest, webhook: WebhookSubscription, words: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(_url(webhook))


def _with_secret(request: HttpRequest, webhook: WebhookSubscription, secret: str) -> HttpResponse:
    """Go to the webhook's page, which shows the secret this once."""
    response = HttpResponseRedirect(_url(webhook))
    response.set_signed_cookie(
        SECRET_COOKIE,
        secret,
        salt=str(webhook.pk),
        max_age=SECRET_SECONDS,
        httponly=True,
        secure=request.is_secure(),
        samesite="Strict",
        path=_url(webhook),
    )
    return response


def _url(webhook: WebhookSubscription) -> str:
    return reverse("admin:integrations_webhook", args=[webhook.pk])


def _person(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


PAGES: list[tuple[str, View, str]] = [
    ("integrations/webhooks/", webhook_list, "integrations_webhooks"),
    ("integrations/webhooks/add/", webhook_add, "integrations_webhook_add"),
    ("integrations/webhooks/<int:webhook_id>/", webhook_detail, "integrations_webhook"),
    ("integrations/webhooks/<int:webhook_id>/edit/", webhook_edit, "integrations_webhook_edit"),
]
