"""Pictures and other files of articles, for whoever may read those."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from common.downloads import NEVER_KEPT, stored_file_response
from common.pages import page
from knowledgebase.models import Article, ArticleFile
from knowledgebase.vocabulary import Audience

# In the reader's own browser: a shared cache would go on showing what is taken down or made internal.
KEPT_A_WHILE = "private, max-age=3600"


@page
@require_safe
def kb_file(request: HttpRequest, uid: uuid.UUID, name: str) -> HttpResponseBase:
    readable = Article.objects.visible_to(request.user)
    rows = ArticleFile.objects.filter(article__in=readable).select_related("article")
    file = get_object_or_404(rows, uid=uid, name=name)
    is_everybodys = file.article.published and file.article.audience == Audience.PUBLIC
    return stored_file_response(
        file.file,
        name=file.name,
        content_type=file.content_type,
        cache_control=KEPT_A_WHILE if is_everybodys else NEVER_KEPT,
    )
