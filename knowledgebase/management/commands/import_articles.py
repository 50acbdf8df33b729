"""Articles from elsewhere: a folder of Markdown files, or lines of JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from common.actors import SYSTEM
from common.errors import PortalError
from knowledgebase.seeding import add_article, left_out, read_line, read_markdown


class Command(BaseCommand):
    help = (
        "Write and publish the articles of a folder of Markdown or of a .jsonl file. Known addresses are left alone. "
        "Image files are not taken along: each is named, to be added to its article in the console."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path, help="A folder of .md files, or a .jsonl file.")

    def handle(self, *args: Any, **options: Any) -> None:
        source: Path = options["source"]
        if not source.exists():
            raise CommandError(f"{source} is not there.")
        made, known = 0, 0
        refused: list[str] = []
        notes: list[str] = []
        try:
            items = list(_items(source))
        except (OSError, ValueError) as error:
            raise CommandError(f"{source} cannot be read: {error}") from error
        for name, read in tqdm(items, desc="Articles", unit="", disable=None):
            try:
                written = read()
                article = add_article(written, by=SYSTEM)
            except (PortalError, ValueError) as error:
                refused.append(f"{name}: {error}")
                continue
            made, known = made + (article is not None), known + (article is None)
            if article is not None and (images := left_out(written)):
                notes.append(f"{name}: these images stay behind, add them in the console: {', '.join(images)}")
        self.stdout.write(f"{made} articles made, {known} known already, {len(refused)} refused.")
        for words in notes + refused:
            self.stderr.write(words)
        if refused:
            raise CommandError("Some articles were refused; the lines above say why.")


def _items(source: Path) -> Iterator[tuple[str, Any]]:
    """Yield each article's name, and what reads it."""
    if source.is_dir():
        for path in sorted(source.rglob("*.md")):
            yield str(path.relative_to(source)), lambda path=path: read_markdown(path)
        return
    for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            yield f"line {number}", lambda line=line: read_line(line)
