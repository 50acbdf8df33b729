from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timesince import timesince

from common.time import now
from knowledgebase.search.upkeep import status


class Command(BaseCommand):
    help = "Say which engine answers, how much it holds, and what waits to be indexed."

    def handle(self, **options: Any) -> None:
        found = status()
        lines: dict[str, object] = {
            "Published articles": found.published_count,
            f"Indexed in {found.database}": found.indexed_count,
            "Known words": found.word_count,
            "Waiting marks": found.mark_count,
        }
        if found.server_count is not None:
            lines["On the search server"] = found.server_count
        if found.server_problem:
            lines["Search server"] = f"away, the database answers: {found.server_problem}"
        if found.oldest_mark_at is not None:
            lines["Oldest mark"] = f"{timesince(found.oldest_mark_at, now())} ago"
        for name, value in lines.items():
            self.stdout.write(f"{name + ':':<24}{value}")
        if {found.published_count} != {found.indexed_count, found.server_count} - {None}:
            self.stdout.write(self.style.WARNING("Not all are indexed as published: run reindex_knowledge_base."))
