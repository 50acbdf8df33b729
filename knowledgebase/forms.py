"""The form in which articles are written in the console."""

from __future__ import annotations

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import Tier
from common.console import FilesField, FilesInput, LinesField
from common.richtext import images_in
from common.uploads import ALLOWED_WORDS
from knowledgebase.models import Article, ArticleFile


class FilesTable(forms.CheckboxSelectMultiple):
    """The article's files, each with what the text has to say to show it, and a box that takes it away."""

    article: Article | None = None

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        article = self.article
        shown = {image.file for image in images_in(article.body)} if article else set()
        files = list(article.files.all()) if article else []
        ticked = {str(one) for one in value or ()}
        rows = [(file, file.name in shown, str(file.pk) in ticked) for file in files]
        return render_to_string("console/knowledgebase/files.html", {"rows": rows, "name": name})

    def id_for_label(self, id_: str, index: Any = None) -> str:
        return ""


class AddedFilesInput(FilesInput):
    """Several files, with the hidden field into which the console's own script writes the name of what was chosen."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        control = super().render(name, value, attrs, renderer)
        return format_html('<div><input type="text" hidden disabled><span><span>{}</span></span></div>', control)


class ArticleForm(forms.ModelForm):
    tags = LinesField(required=False, help_text="One a line.")
    product_versions = LinesField(required=False, help_text="Of the product, one a line. Empty: every version.")
    tiers = forms.MultipleChoiceField(
        choices=Tier.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Where certain tiers are the audience.",
    )
    note = forms.CharField(
        required=False, max_length=200, widget=UnfoldAdminTextInputWidget, help_text="What you changed, and why."
    )
    removed_files = forms.ModelMultipleChoiceField(
        queryset=ArticleFile.objects.none(), required=False, label="Files", widget=FilesTable
    )
    added_files = FilesField(
        label="Add files",
        widget=AddedFilesInput(),
        help_text=f"{ALLOWED_WORDS} A file of the same name takes the other's place.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "The article's address. Empty: made from the title. The old one leads on."
        if "body" in self.fields:
            self.fields["body"].widget = UnfoldAdminTextareaWidget(attrs={"rows": 22})
            self.fields["body"].help_text = "Markdown. Images: see Files below."
        if "tiers" in self.fields and self.instance.pk:
            self.initial["tiers"] = self.instance.tiers
        if self.instance.pk:
            files: Any = self.fields["removed_files"]
            files.queryset = ArticleFile.objects.filter(article=self.instance.pk)
            files.widget.article = self.instance
