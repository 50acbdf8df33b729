"""The articles a new portal starts with, and articles from files: Markdown with a head of `name: value` lines."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from accounts.models import ProductArea, Tier
from common.actors import SYSTEM, Actor
from common.errors import Invalid
from common.richtext import images_in
from knowledgebase import services
from knowledgebase.models import Article, Category, SlugRedirect
from knowledgebase.vocabulary import Audience

FOLDER = Path(__file__).parent / "seed"
IMPORTED = ("imported", "Imported articles")
AUDIENCES = {"public": Audience.PUBLIC, "signed-in": Audience.SIGNED_IN, "staff": Audience.STAFF}
WORDLESS_IMAGE = re.compile(r"!\[\s*\]\(\s*(?!file:)[^)\s]+(?:\s+[\"'][^\"']*[\"'])?\s*\)", re.IGNORECASE)
TEXTS = ("title", "category", "slug")  # of a line of JSON, as far as it has them


@dataclass(frozen=True)
class Written:
    """An article as a file has it. parent: slug and name of the category's parent, where it has one."""

    title: str
    body: str
    slug: str
    category: tuple[str, str] = IMPORTED
    parent: tuple[str, str] | None = None
    summary: str = ""
    area: str = ""
    tags: list[str] = field(default_factory=list)
    audience: str = "public"
    review_on: dt.date | None = None


def seed_articles() -> list[Article]:
    """Write and publish the articles that are not there yet, and return those."""
    made = (add_article(written, by=SYSTEM) for written in read_folder(FOLDER))
    return [article for article in made if article is not None]


def read_folder(folder: Path) -> Iterator[Written]:
    """Yield the articles of the Markdown files in `folder` and below it. Raises: Invalid, naming the file."""
    for path in sorted(folder.rglob("*.md")):
        yield read_markdown(path)


def read_markdown(path: Path) -> Written:
    """Return the article of one file: a head between lines of three hyphens, and a body. Without a head its first
    heading is the title."""
    source = path.read_text(encoding="utf-8")
    parts = source.split("---\n", 2)
    if len(parts) < 3 or parts[0].strip():
        first, _, rest = source.lstrip().partition("\n")
        if not first.startswith("#"):
            raise Invalid(f"{path.name}: begin with a head between --- lines, or with # and a title.", field="body")
        return Written(title=first.lstrip("# "), body=rest.strip(), slug=path.stem)
    head = dict(_member(path, line) for line in parts[1].splitlines() if line.strip())
    category = head.get("category", IMPORTED[0])
    return Written(
        title=head.get("title", path.stem),
        body=parts[2],
        slug=path.stem,
        category=(category, head.get("category_name", category)),
        parent=(head["parent"], head.get("parent_name", head["parent"])) if "parent" in head else None,
        summary=head.get("summary", ""),
        area=head.get("area", ""),
        tags=[tag.strip() for tag in head.get("tags", "").split(",") if tag.strip()],
        audience=head.get("audience", "public"),
        review_on=dt.date.fromisoformat(head["review_on"]) if "review_on" in head else None,
    )


def read_line(line: str) -> Written:
    """Return the article of a line of JSON: {slug, title, category, body_markdown} or {id, title, text}.

    Raises: Invalid for what is neither.
    """
    try:
        row: Any = json.loads(line)
    except ValueError as error:
        raise Invalid("This is not JSON.") from error
    body = row.get("body_markdown", row.get("text")) if isinstance(row, dict) else None
    if not isinstance(body, str) or "title" not in row:
        raise Invalid("Each line needs a title, and body_markdown or text.")
    if wrong := [name for name in TEXTS if not isinstance(row.get(name, ""), str)]:
        raise Invalid(f"{wrong[0]} is not a text.", field=wrong[0])
    name = row.get("category") or IMPORTED[1]
    slug = row.get("slug") or slugify(f"{row.get('id', '')} {row['title']}")[:200]
    return Written(title=row["title"][:200], body=body, slug=slugify(slug)[:200], category=(slugify(name)[:80], name))


def left_out(written: Written) -> list[str]:
    """Return the addresses of images that lie beside what was read: files are not taken along."""
    addresses = (image.address for image in images_in(written.body))
    return list(dict.fromkeys(one for one in addresses if not one.startswith(("http:", "https:"))))


@transaction.atomic
def add_article(written: Written, *, by: Actor) -> Article | None:
    """Write and publish `written`, and return it; None where its address is known already.

    Raises: Invalid for an audience or a product area that there is not.
    """
    known = Article.objects.filter(slug=written.slug) or SlugRedirect.objects.filter(slug=written.slug)
    if known:
        return None
    tiers = [written.audience] if written.audience in Tier.values else []
    if not tiers and written.audience not in AUDIENCES:
        raise Invalid(f"There is no audience “{written.audience}”.", field="audience")
    area = ProductArea.objects.filter(key=written.area).first()
    if written.area and area is None:
        raise Invalid(f"There is no product area “{written.area}”.", field="product_area")
    article = services.create_article(
        title=written.title,
        slug=written.slug,
        summary=written.summary[:300],
        # Nobody may publish an image without words, and these are not shown anyway.
        body=WORDLESS_IMAGE.sub("", written.body).strip() or written.title,
        category=_category(written),
        product_area=area,
        tags=written.tags,
        audience=Audience.TIERS if tiers else AUDIENCES[written.audience],
        tiers=tiers,
        review_on=written.review_on,
        by=by,
    )
    return services.publish_article(article, by=by)


def _category(written: Written) -> Category:
    parent = None
    if written.parent is not None:
        slug, name = written.parent
        parent, _ = Category.objects.get_or_create(slug=slug, defaults={"name": name})
    slug, name = written.category
    return Category.objects.get_or_create(slug=slug, defaults={"name": name[:120], "parent": parent})[0]


def _member(path: Path, line: str) -> tuple[str, str]:
    name, separator, value = line.partition(": ")
    if not separator:
        raise Invalid(f"{path.name}: the line “{line}” of its head is not “name: value”.", field="body")
    return name, value.strip()
