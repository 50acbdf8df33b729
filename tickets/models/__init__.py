"""What: tickets, their conversation, and what surrounds them."""

from tickets.automation.models import AutomationRule, FiringEvent, Macro, RuleRun, SavedReply
from tickets.deflection.models import DeflectionArticle, DeflectionDay, FormSession
from tickets.models.conversation import Attachment, Message, attachment_path
from tickets.models.intake import BlockedSender, FormPost, TriageRule
from tickets.models.links import TicketArticle, TicketLink
from tickets.models.people import Follower, TrackingLink
from tickets.models.tickets import CustomField, Tag, Ticket, TicketVector

__all__ = [
    "Attachment",
    "AutomationRule",
    "BlockedSender",
    "CustomField",
    "DeflectionArticle",
    "DeflectionDay",
    "FiringEvent",
    "Follower",
    "FormPost",
    "FormSession",
    "Macro",
    "Message",
    "RuleRun",
    "SavedReply",
    "Tag",
    "Ticket",
    "TicketArticle",
    "TicketLink",
    "TicketVector",
    "TrackingLink",
    "TriageRule",
    "attachment_path",
]
