from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from knowledgebase.search.engines import EngineDown
from knowledgebase.search.upkeep import reindex


class Command(BaseCommand):
    help = "Index every published article anew. Readers search meanwhile, and nothing is missing for a moment."

    def handle(self, **options: Any) -> None:
        started = perf_counter()

        def progress(steps: Iterable[int], count: int) -> Iterable[int]:
            # Only a terminal has somebody who watches.
            return tqdm(steps, total=count, desc="Indexing articles", unit=" articles", disable=None)

        try:
            published, kept = reindex(progress)
        except EngineDown as error:
            raise CommandError(f"Indexed in the database; the search server keeps what it had: {error}") from error
        if published != kept:
            raise CommandError(
                f"{published} articles are published and {kept} are indexed. Somebody may have published meanwhile: "
                "run it once more."
            )
        self.stdout.write(f"Indexed {kept} published articles in {perf_counter() - started:.1f} s.")
