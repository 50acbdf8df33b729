"""Articles and categories in the console."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from common.console import ConsoleAdmin, LinesField, changed_values, glyph_and_word, moment
from knowledgebase import services
from knowledgebase.models import Article, Category

WRITTEN = ("title", "slug", "summary", "body", "category", "product_area", "tags")


@admin.register(Category)
class CategoryAdmin(ConsoleAdmin):
    list_display = ("name", "parent", "slug", "position")
    list_select_related = ("parent",)
    search_fields = ("name",)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"slug": ("name",)}


class ArticleForm(forms.ModelForm):
    tags = LinesField(required=False, help_text="One a line.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "The article's address. Empty: made from the title."
        if "body" in self.fields:
            self.fields["body"].widget = UnfoldAdminTextareaWidget(attrs={"rows": 22})
            self.fields["body"].help_text = "Markdown."


@admin.register(Article)
class ArticleAdmin(ConsoleAdmin):
    """Written, published and taken down by the services. The buttons beside Save are part of its POST."""

    form = ArticleForm
    list_display = ("title", "state", "category", "product_area", "helpful", "view_count", "changed")
    list_filter = ("published", "category", "product_area")
    list_select_related = ("category", "product_area")
    search_fields = ("title", "summary", "slug")
    ordering = ("-updated_at",)
    actions_submit_line = ("publish", "archive")
    fields = (*WRITTEN, "state", "author", "published_at", "numbers")
    add_fieldsets = ((None, {"fields": WRITTEN}),)
    readonly_fields = ("state", "author", "published_at", "numbers")

    @display(description="State", ordering="published")
    def state(self, article: Article) -> SafeString:
        return (
            glyph_and_word("green", "eye", "Published")
            if article.published
            else glyph_and_word("grey", "lock", "Draft")
        )

    @display(description="Helpful", ordering="helpful_votes")
    def helpful(self, article: Article) -> str:
        return f"{article.helpful_votes} of {article.helpful_votes + article.unhelpful_votes}"

    @display(description="Changed", ordering="updated_at")
    def changed(self, article: Article) -> str:
        return moment(article.updated_at)

    @display(description="Readers")
    def numbers(self, article: Article) -> str:
        return f"Read {article.view_count} times, {self.helpful(article)} found it helpful"

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what the article is not already."""
        article = Article.objects.filter(pk=object_id).first()
        unwanted = "archive" if article is None or not article.published else "publish"
        allowed: list[Any] = super().get_actions_submit_line(request, object_id)
        return [one for one in allowed if not one.action_name.endswith(unwanted)]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in WRITTEN} if not change else changed_values(form, WRITTEN)
        if change:
            saved = services.change_article(obj, by=request.user, **values)  # type: ignore[arg-type]
        else:
            saved = services.create_article(**values, by=request.user)  # type: ignore[arg-type]
        obj.pk = saved.pk
        obj.refresh_from_db()
        for one in self.get_actions_submit_line(request, obj.pk):
            if one.action_name in request.POST:
                one.method(request, obj)

    @action(description="Save and publish", permissions=["change"])
    def publish(self, request: HttpRequest, obj: Any) -> None:
        services.publish_article(obj, by=request.user)  # type: ignore[arg-type]

    @action(description="Save and take down", permissions=["change"])
    def archive(self, request: HttpRequest, obj: Any) -> None:
        services.archive_article(obj, by=request.user)  # type: ignore[arg-type]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
