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
            "Answering now": found.answering,
            "Published articles": found.published_count,
            f"Indexed in {found.database}": found.indexed_count,
            "Known words": found.word_count,
            "Found by meaning": f"{found.vectors.count}, {found.vectors.waiting_count} wait" if found.vectors else "no",
            "Waiting marks": found.mark_count,
        }
        if found.server_count is not None:
            lines["On the search server"] = found.server_count
        if found.server_problem:
            lines["Search server"] = f"away, the database answers: {found.server_problem}"
        if found.away_since is not None:
            lines["Away since"] = f"{timesince(found.away_since, now())} ago"
        if found.oldest_mark_at is not None:
            lines["Oldest mark"] = f"{timesince(found.oldest_mark_at, now())} ago"
        for name, value in lines.items():
            self.stdout.write(f"{name + ':':<24}{value}")
        if not found.is_in_step:
            self.stdout.write(self.style.WARNING("Not all are indexed as published: run reindex_knowledge_base."))
