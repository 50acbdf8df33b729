"""What a ticket has to do with other tickets and with articles."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from common.time import now
from knowledgebase.models import Article
from tickets import vocabulary
from tickets.models.tickets import Ticket


class TicketLink(models.Model):
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="links")
    kind = models.CharField(max_length=12, choices=vocabulary.LinkKind, default=vocabulary.LinkKind.RELATED)
    other = models.ForeignKey(Ticket, models.CASCADE, related_name="links_here")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "kind", "other"], name="ticket_link_once"),
            models.CheckConstraint(condition=~Q(ticket=F("other")), name="ticket_link_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.get_kind_display()} {self.other_id}"


class TicketArticle(models.Model):
    """The article that was drafted from a ticket."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="article_link")
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.article}"
