"""An article from what was asked and answered on a ticket."""

from __future__ import annotations

from django.conf import settings

from accounts.models import User
from common import journal
from common.errors import NotAllowed
from knowledgebase.models import Article
from knowledgebase.services import create_article, unused_address
from knowledgebase.topics import likely_category
from tickets import events
from tickets.access import require_sight, require_work
from tickets.anonymizing import People, anonymous
from tickets.models import Message, Ticket, TicketArticle
from tickets.services.cascade import service
from tickets.services.locking import lock
from tickets.vocabulary import MessageKind

BODY_MOST = 60_000
NO_ANSWER = "Say here what helps."


@service
def draft_article(ticket: Ticket, *, by: User) -> Article:
    """Write a draft from the question and the public replies of `ticket`, without who it was about, and return it.

    Twice gives the same draft.
    Raises: NotAllowed, Invalid where there is no category to put it in.
    """
    require_work(by, ticket)
    require_sight(by, ticket)
    if not by.has_perm("knowledgebase.add_article"):
        raise NotAllowed("Only a supervisor can write articles.")
    ticket = lock(ticket)
    known = TicketArticle.objects.filter(ticket=ticket).select_related("article").first()
    if known is not None:
        return known.article
    said = list(ticket.messages.select_related("author"))
    people = _people_of(ticket, said)
    title = _plain(ticket.subject, people)[:200]
    article = create_article(
        title=title,
        slug=unused_address(title),
        body=_body(said, people),
        category=likely_category(ticket.product_area),
        product_area=ticket.product_area,
        note=f"Drafted from {ticket.reference}. Names and addresses were taken out: read it through.",
        by=by,
    )
    TicketArticle.objects.create(ticket=ticket, article=article)
    data = {"article": article.pk, "title": article.title}
    journal.record(events.ARTICLE_DRAFTED, subject=ticket, by=by, data=data)
    return article


def _body(said: list[Message], people: People) -> str:
    """Return the first message and the replies that a person wrote, in Markdown. Internal notes are never in it."""
    question = next((one for one in said if one.kind != MessageKind.INTERNAL_NOTE), None)
    replies = [one for one in said if one.kind == MessageKind.PUBLIC_REPLY and not one.is_automatic and one != question]
    answers = [_plain(one.body, people) for one in replies]
    asked = _plain(question.body, people) if question else ""
    parts = ["## The question", asked, "## The answer", *(answers or [NO_ANSWER])]
    return "\n\n".join(part for part in parts if part)[:BODY_MOST]


def _plain(text: str, people: People) -> str:
    return anonymous(text, people, prefix=settings.PORTAL_TICKET_PREFIX)


def _people_of(ticket: Ticket, said: list[Message]) -> People:
    authors = {one.author: one.kind for one in said if one.author is not None}
    staff = {author for author, kind in authors.items() if kind != MessageKind.CUSTOMER_MESSAGE}
    staff |= {ticket.assignee} if ticket.assignee else set()
    followers = User.objects.filter(followed_tickets__ticket=ticket)
    others = {ticket.requester, *authors, *followers, *([ticket.submitter] if ticket.submitter else [])} - staff
    organizations = {person.organization.name for person in others if person.organization}
    organizations |= {ticket.organization.name} if ticket.organization else set()
    return People(tuple(person.name for person in others), tuple(person.name for person in staff), tuple(organizations))
