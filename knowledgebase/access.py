"""Who may write articles. Who reads which: `visible_to`."""

from __future__ import annotations

from accounts.models import User
from common.actors import Actor
from common.errors import NotAllowed
from knowledgebase.models import Article


def require_add(by: Actor) -> None:
    """Raise NotAllowed unless `by` may write articles. The portal itself may."""
    if isinstance(by, User) and not by.has_perm("knowledgebase.add_article"):
        raise NotAllowed("Only a supervisor can write articles.")


def require_change(by: Actor) -> None:
    """Raise NotAllowed unless `by` may change, publish and archive articles. The portal itself may."""
    if isinstance(by, User) and not by.has_perm("knowledgebase.change_article"):
        raise NotAllowed("Only a supervisor can change articles.")


def may_review(by: User, article: Article) -> bool:
    """Tell whether `by` may approve `article`: whoever reviews, but not its author."""
    return by.has_perm("knowledgebase.review_article") and article.author_id != by.pk
