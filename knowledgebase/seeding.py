"""The articles a new portal starts with: Markdown files with a head of `name: value` lines."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from accounts.models import ProductArea
from common.actors import SYSTEM
from knowledgebase import services
from knowledgebase.models import Article, Category

FOLDER = Path(__file__).parent / "seed"


def seed_articles() -> list[Article]:
    """Write and publish the articles that are not there yet, and return those."""
    made = (_seed(path) for path in sorted(FOLDER.glob("*.md")))
    return [article for article in made if article is not None]


@transaction.atomic
def _seed(path: Path) -> Article | None:
    if Article.objects.filter(slug=path.stem).exists():
        return None
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in head.splitlines() if line)
    category, _ = Category.objects.get_or_create(slug=fields["category"], defaults={"name": fields["category_name"]})
    article = services.create_article(
        title=fields["title"],
        slug=path.stem,
        summary=fields["summary"],
        body=body,
        category=category,
        product_area=ProductArea.objects.get(key=fields["area"]),
        tags=fields["tags"].split(", "),
        by=SYSTEM,
    )
    return services.publish_article(article, by=SYSTEM)
