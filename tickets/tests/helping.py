"""What the tests of articles offered in the ticket form share."""

from __future__ import annotations

from common.actors import SYSTEM
from knowledgebase.models import Article, Category
from knowledgebase.services import create_article, publish_article
from tickets import guarding
from tickets.deflection.visitors import form_digest
from tickets.models import FormSession
from tickets.tests.pages import token

SUGGESTIONS, OPENED, SOLVED = "/tickets/new/suggestions", "/tickets/new/opened", "/tickets/new/solved"
BODY = "Read this first.\n\n1. Count the edges.\n\n2. Build the [index](/help/index) once.\n\n3. Reload the graph.\n"


def published(title: str = "A lineage graph is empty", body: str = BODY, **more: object) -> Article:
    category = Category.objects.get_or_create(slug="lineage", defaults={"name": "Lineage"})[0]
    return publish_article(create_article(title=title, body=body, category=category, by=SYSTEM, **more), by=SYSTEM)


def typed(name: str = "", **changes: object) -> dict[str, object]:
    """Return what the form sends while it is filled in.   name: the form's token, a new one where it is not given."""
    return {
        "token": name or token(),
        "subject": "Lineage graph is empty",
        "description": "Since the upgrade every lineage graph is empty.",
        **changes,
    }


def row_of(name: str) -> FormSession:
    """Return the row of the form with this token."""
    return FormSession.objects.get(form=form_digest(guarding.name_of(name)))


def hold_out(settings, percent: int) -> None:
    settings.PORTAL_SUGGESTIONS_HOLD_OUT_PERCENT = percent
