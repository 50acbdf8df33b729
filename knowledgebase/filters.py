"""What lists of articles can be narrowed by."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Q, QuerySet

from common.filters import Flag, Since, StrictFilterSet, Text


class ArticleFilters(StrictFilterSet):
    category = Text("category__slug", description="A category's slug.")
    product_area = Text("product_area__key", description="A product area's key.")
    tag = Text("tags", method="by_tag")
    published = Flag("published", description="False: drafts, for those who write articles.")
    updated_since = Since("updated_at")

    def by_tag(self, queryset: QuerySet[Any], name: str, values: list[str]) -> QuerySet[Any]:
        # SQLite has no containment of JSON, so the list is searched as the text it is stored as: escaped or not.
        wanted = Q()
        for value in values:
            wanted |= Q(tags__icontains=json.dumps(value)) | Q(tags__icontains=json.dumps(value, ensure_ascii=False))
        return queryset.filter(wanted)
