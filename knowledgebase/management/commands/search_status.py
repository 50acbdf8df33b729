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
        lines = {
            "Engine": found.backend,
            "Published articles": found.published_count,
            "Indexed articles": found.indexed_count,
            "Known words": found.word_count,
            "Waiting marks": found.mark_count,
        }
        if found.oldest_mark_at is not None:
            lines["Oldest mark"] = f"{timesince(found.oldest_mark_at, now())} ago"
        for name, value in lines.items():
            self.stdout.write(f"{name + ':':<20}{value}")
        if found.published_count != found.indexed_count:
            self.stdout.write(self.style.WARNING("Not all are indexed as published: run reindex_knowledge_base."))
