from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.embedding import EmbeddingUnavailable
from knowledgebase.search.engines import EngineDown
from knowledgebase.search.evaluation import evaluate, read_lines

HEADS = {
    "backend": "engine",
    "order": "order by",
    "document_count": "documents",
    "query_count": "queries",
    "ndcg_at_10": "nDCG@10",
    "mrr_at_10": "MRR@10",
    "recall_at_10": "recall@10",
    "p50_ms": "p50 ms",
    "p95_ms": "p95 ms",
}


class Command(BaseCommand):
    help = (
        "Measure the search on documents and questions of a folder, and change nothing. On SQLite nobody can write "
        "while it runs: use a database of its own for large sets."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="Holds queries.jsonl, and docs.jsonl.")
        parser.add_argument("--articles", type=Path, metavar="FILE", help="The documents, in place of docs.jsonl.")
        parser.add_argument("--json", action="store_true", help="Print a list of objects.")

    def handle(self, *, folder: Path, articles: Path | None, **options: Any) -> None:
        try:
            documents, queries = read_lines(articles or folder / "docs.jsonl"), read_lines(folder / "queries.jsonl")
        except (OSError, ValueError) as error:
            raise CommandError(f"These are no documents and queries: {error}") from error
        try:
            figures = [one.as_dict() for one in evaluate(documents, queries)]
        except (EngineDown, EmbeddingUnavailable) as error:
            raise CommandError(f"Nothing was measured: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps(figures))
            return
        rows = [list(HEADS.values()), *([_cell(name, one[name]) for name in HEADS] for one in figures)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            self.stdout.write("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _cell(name: str, value: Any) -> str:
    return f"{value:.4f}" if name.endswith("_10") else str(value)
