"""Articles and categories in the console."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from accounts.models import Tier
from common.console import ConsoleAdmin, add_pages, change_url, changed_values, glyph_and_word, moment
from common.errors import PortalError
from common.time import now
from knowledgebase import services
from knowledgebase.access import may_review
from knowledgebase.console.readers_page import readers_page
from knowledgebase.console.status_page import status_page
from knowledgebase.console.words import SearchStopWordAdmin, SearchSynonymAdmin
from knowledgebase.forms import ArticleForm
from knowledgebase.models import Article, Category, Revision
from knowledgebase.readability import level_of
from knowledgebase.rules import compare
from knowledgebase.services.writing import CHANGEABLE
from knowledgebase.vocabulary import Audience, State

__all__ = ["SearchStopWordAdmin", "SearchSynonymAdmin"]

WRITTEN = tuple(sorted(CHANGEABLE))
VERSIONS_SHOWN = 20
LOOKS = {
    State.DRAFT: ("grey", "lock"),
    State.IN_REVIEW: ("violet", "hourglass"),
    State.SCHEDULED: ("blue", "clock"),
    State.PUBLISHED: ("green", "eye"),
    State.ARCHIVED: ("grey", "archive"),
}
OFFERED = {
    State.DRAFT: {"publish", "submit"},
    State.IN_REVIEW: {"publish", "approve", "send_back"},
    State.SCHEDULED: {"publish", "archive"},
    State.PUBLISHED: {"archive", "confirm"},
    State.ARCHIVED: {"publish"},
}


add_pages(
    [
        ("knowledgebase/readers/", readers_page, "knowledgebase_readers"),
        ("knowledgebase/search/", status_page, "knowledgebase_search"),
    ]
)


@admin.register(Category)
class CategoryAdmin(ConsoleAdmin):
    list_display = ("name", "parent", "slug", "position")
    list_select_related = ("parent",)
    search_fields = ("name",)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"slug": ("name",)}


class HealthFilter(admin.SimpleListFilter):
    """What somebody should look at."""

    title = "needs care"
    parameter_name = "care"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, words) for name, words, _ in CARE]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = next((narrow for name, _, narrow in CARE if name == self.value()), None)
        return chosen(queryset) if chosen else queryset


CARE = (
    ("review", "Waits for a review", lambda rows: rows.filter(state=State.IN_REVIEW)),
    ("again", "To be read again", lambda rows: rows.unreviewed_on(now().date())),
    ("unhelpful", "Found unhelpful", lambda rows: rows.unhelpful()),
    ("behind", "Translation behind its source", lambda rows: rows.behind()),
    ("unread", "Read by nobody", lambda rows: rows.published().filter(view_count=0)),
)


@admin.register(Article)
class ArticleAdmin(ConsoleAdmin):
    """Written, published and taken down by the services. The buttons beside Save are part of its POST."""

    form = ArticleForm
    list_display = ("title", "state_look", "audience_word", "category", "helpful", "view_count", "changed")
    list_filter = ("state", HealthFilter, "audience", "language", "category", "product_area")
    list_select_related = ("category", "product_area")
    search_fields = ("title", "summary", "slug")
    ordering = ("-updated_at",)
    actions_submit_line = ("publish", "submit", "approve", "send_back", "confirm", "translated", "archive")
    autocomplete_fields = ("source",)
    fieldsets = (
        (None, {"fields": ("title", "slug", "summary", "body", "note")}),
        ("Files", {"fields": ("removed_files", "added_files")}),
        ("Where it stands", {"fields": ("category", "product_area", "product_versions", "tags")}),
        ("Who reads it", {"fields": ("audience", "tiers", "language", "source", "is_up_to_date")}),
        ("When", {"fields": ("publish_at", "expires_at", "review_on")}),
        ("Its life", {"fields": ("state_look", "author", "review", "shown_since", "numbers", "reads", "versions")}),
    )
    add_fieldsets = fieldsets[:-1]
    readonly_fields = ("state_look", "author", "review", "shown_since", "numbers", "reads", "versions", "is_up_to_date")

    class Media:
        js = ("js/copy.js",)

    @display(description="State", ordering="state")
    def state_look(self, article: Article) -> SafeString:
        return glyph_and_word(*LOOKS[State(article.state)], article.get_state_display())

    @display(description="Audience", ordering="audience")
    def audience_word(self, article: Article) -> str:
        if article.audience != Audience.TIERS:
            return article.get_audience_display()
        return " and ".join(Tier(tier).label for tier in article.tiers)

    @display(description="Helpful", ordering="helpful_votes")
    def helpful(self, article: Article) -> str:
        return f"{article.helpful_votes} of {article.helpful_votes + article.unhelpful_votes}"

    @display(description="Changed", ordering="updated_at")
    def changed(self, article: Article) -> str:
        return moment(article.updated_at)

    @display(description="Published")
    def shown_since(self, article: Article) -> str:
        return moment(article.published_at)

    @display(description="Readers")
    def numbers(self, article: Article) -> str:
        return f"Read {article.view_count} times, {self.helpful(article)} found it helpful"

    @display(description="Reading level")
    def reads(self, article: Article) -> str:
        return level_of(article.body_html, article.language)

    @display(description="Files")
    def removed_files(self, article: Article) -> str:
        """Name the files to who may not change them, and so gets no form."""
        return ", ".join(file.name for file in article.files.all()) or "None"

    @display(description="Translation")
    def is_up_to_date(self, article: Article) -> SafeString | str:
        if article.source is None:
            return "Not a translation"
        words = f"of version {article.source_revision}, the source is at {article.source.revision}"
        return glyph_and_word("amber", "triangle-alert", words) if article.is_behind else f"Up to date, {words}"

    @display(description="Review")
    def review(self, article: Article) -> SafeString | str:
        if article.reviewer is None:
            return "Nobody has reviewed it"
        said = f": {article.review_note}" if article.review_note else ""
        return format_html("{} {}{}", article.reviewer, moment(article.reviewed_at), said)

    @display(description="Versions")
    def versions(self, article: Article) -> SafeString | str:
        rows = article.revisions.select_related("author")[:VERSIONS_SHOWN]
        shown = (
            (revision_url(row), row.number, row.author or "the portal", moment(row.created_at), row.note)
            for row in rows
        )
        return format_html_join(
            SafeString("<br>"), '<a class="console-link" href="{}">Version {}</a> by {}, {} {}', shown
        )

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what the article's state allows and the person may do."""
        article = Article.objects.filter(pk=object_id).first()
        offered = OFFERED[State(article.state)] if article else {"publish", "submit"}
        if article is not None and article.is_behind:
            offered = offered | {"translated"}
        if article is not None and not may_review(request.user, article):  # type: ignore[arg-type]
            offered = offered - {"approve", "send_back"}
        allowed: list[Any] = super().get_actions_submit_line(request, object_id)
        return [one for one in allowed if one.action_name.removeprefix("knowledgebase_article_") in offered]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        note, added = form.cleaned_data.get("note", ""), form.cleaned_data.get("added_files", [])
        if change:
            # Files first: the new text may show them.
            self._add_files(request, obj, added)
            values = changed_values(form, WRITTEN)
            saved = services.change_article(obj, by=request.user, note=note, **values)  # type: ignore[arg-type]
            for file in form.cleaned_data.get("removed_files", ()):
                services.remove_file(file, by=request.user)  # type: ignore[arg-type]
        else:
            values = {name: form.cleaned_data[name] for name in WRITTEN}
            saved = services.create_article(**values, by=request.user)  # type: ignore[arg-type]
            self._add_files(request, saved, added)
        obj.pk = saved.pk
        obj.refresh_from_db()
        request.review_note = note  # type: ignore[attr-defined]
        for one in self.get_actions_submit_line(request, obj.pk):
            if one.action_name in request.POST:
                self._press(request, one, obj)

    def _add_files(self, request: HttpRequest, article: Article, files: Any) -> None:
        for upload in files:
            services.add_file(article, upload, by=request.user)  # type: ignore[arg-type]

    def _press(self, request: HttpRequest, button: Any, article: Article) -> None:
        """Do what a button beside Save does. Refused, the save stays: the files just sent would be lost with it."""
        try:
            with transaction.atomic():
                button.method(request, article)
        except PortalError as refusal:
            words = f"It is saved, but “{button.description}” was refused. {refusal.message}"
            self.message_user(request, words, messages.ERROR)
            request.is_refused = True  # type: ignore[attr-defined]

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._go_on(request, obj) or super().response_post_save_add(request, obj)

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._go_on(request, obj) or super().response_post_save_change(request, obj)

    def _go_on(self, request: HttpRequest, article: Article) -> HttpResponse | None:
        """Stay with an article that something was refused of, and lead nowhere else."""
        return HttpResponseRedirect(change_url(article)) if getattr(request, "is_refused", False) else None

    @action(description="Save and publish", permissions=["change"])
    def publish(self, request: HttpRequest, obj: Any) -> None:
        services.publish_article(obj, by=request.user, at=obj.publish_at)  # type: ignore[arg-type]

    @action(description="Save and ask for a review", permissions=["change"])
    def submit(self, request: HttpRequest, obj: Any) -> None:
        services.submit_article(obj, by=request.user)  # type: ignore[arg-type]

    @action(description="Approve", permissions=["change"])
    def approve(self, request: HttpRequest, obj: Any) -> None:
        services.review_article(obj, approve=True, by=request.user, note=request.review_note)  # type: ignore

    @action(description="Send back with the note", permissions=["change"])
    def send_back(self, request: HttpRequest, obj: Any) -> None:
        services.review_article(obj, approve=False, by=request.user, note=request.review_note)  # type: ignore

    @action(description="Save, it is right as it is", permissions=["change"])
    def confirm(self, request: HttpRequest, obj: Any) -> None:
        services.mark_reviewed(obj, by=request.user, next_on=obj.review_on)  # type: ignore[arg-type]

    @action(description="Save, the translation is complete", permissions=["change"])
    def translated(self, request: HttpRequest, obj: Any) -> None:
        services.mark_translated(obj, by=request.user)  # type: ignore[arg-type]

    @action(description="Save and take down", permissions=["change"])
    def archive(self, request: HttpRequest, obj: Any) -> None:
        services.archive_article(obj, by=request.user)  # type: ignore[arg-type]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.revision_view)
        return [
            path("<int:pk>/versions/<int:number>/", page, name="knowledgebase_article_version"),
            *super().get_urls(),
        ]

    def revision_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Show what a version said against what the article says now; a POST lets it say that again."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        revision = get_object_or_404(Revision.objects.select_related("article", "author"), article=pk, number=number)
        article, may_change = revision.article, self.has_change_permission(request)
        if request.method == "POST":
            services.restore_revision(revision, by=request.user)  # type: ignore[arg-type]
            self.message_user(request, f"The article says again what it said in version {number}.")
            return HttpResponseRedirect(change_url(article))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Version {number}",
            "article": article,
            "article_url": change_url(article),
            "revision": revision,
            "lines": compare(revision.body, article.body),
            "heads": [
                (label, getattr(revision, name), getattr(article, name))
                for label, name in (("Title", "title"), ("Summary", "summary"))
                if getattr(revision, name) != getattr(article, name)
            ],
            "may_restore": may_change and number != article.revision,
        }
        return TemplateResponse(request, "console/knowledgebase/version.html", context)


def revision_url(revision: Revision) -> str:
    return reverse("admin:knowledgebase_article_version", args=[revision.article_id, revision.number])
