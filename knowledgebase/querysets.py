from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q

from knowledgebase.vocabulary import Audience, State

if TYPE_CHECKING:
    from accounts.models import User
    from knowledgebase.models import Article  # noqa: F401 - named in a base class

FEW_VOTES = 5


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> ArticleQuerySet:
        return self.filter(published=True)

    def visible_to(self, user: User | AnonymousUser) -> ArticleQuerySet:
        """Return all for those who write articles; for others the published ones whose audience they belong to."""
        if user.has_perm("knowledgebase.change_article"):
            return self
        return self.published().filter(audience_of(user))

    def due_for_publishing(self, at: dt.datetime) -> ArticleQuerySet:
        return self.filter(state=State.SCHEDULED, publish_at__lte=at)

    def expired_at(self, at: dt.datetime) -> ArticleQuerySet:
        return self.published().filter(expires_at__lte=at)

    def unreviewed_on(self, day: dt.date) -> ArticleQuerySet:
        """Return the published ones that somebody should have read again by `day`."""
        return self.published().filter(review_on__lte=day)

    def unhelpful(self) -> ArticleQuerySet:
        """Return the published ones that at least a few voted on and fewer than three in five found helpful."""
        votes = F("helpful_votes") + F("unhelpful_votes")
        judged = self.published().alias(votes=votes).filter(votes__gte=FEW_VOTES)
        return judged.filter(unhelpful_votes__gt=F("votes") * 0.4)

    def behind(self) -> ArticleQuerySet:
        """Return translations of an older version of their source than it has now."""
        return self.filter(source__revision__gt=F("source_revision"))


def audience_of(user: User | AnonymousUser) -> Q:
    """Return which audiences `user` belongs to, as a condition on articles."""
    if user.has_perm("knowledgebase.view_article"):
        return Q()
    theirs = Q(audience=Audience.PUBLIC)
    if user.is_authenticated:
        theirs |= Q(audience=Audience.SIGNED_IN)
        organization = user.organization
        if organization is not None:
            # SQLite has no containment of JSON; no tier's name is a part of another's.
            theirs |= Q(audience=Audience.TIERS, tiers__icontains=f'"{organization.tier}"')
    return theirs
