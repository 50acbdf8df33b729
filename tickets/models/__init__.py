"""What: tickets, their conversation, and what surrounds them."""

from tickets.assignment.models import AssignmentTurn, AssignmentWish
from tickets.automation.models import AutomationRule, FiringEvent, Macro, RuleRun, SavedReply
from tickets.deflection.models import DeflectionArticle, DeflectionDay, FormSession
from tickets.models.conversation import Attachment, Message, attachment_path
from tickets.models.intake import BlockedSender, FormPost, TriageRule
from tickets.models.links import TicketArticle, TicketLink
from tickets.models.people import Follower, TrackingLink
from tickets.models.tickets import CustomField, Tag, Ticket, TicketVector
from tickets.models.views import SavedView
from tickets.models.working import Draft, HeldReply, Presence, ReplyFile
from tickets.satisfaction.models import Survey

__all__ = [
    "AssignmentTurn",
    "AssignmentWish",
    "Attachment",
    "AutomationRule",
    "BlockedSender",
    "CustomField",
    "DeflectionArticle",
    "DeflectionDay",
    "Draft",
    "FiringEvent",
    "Follower",
    "FormPost",
    "FormSession",
    "HeldReply",
    "Macro",
    "Message",
    "Presence",
    "ReplyFile",
    "RuleRun",
    "SavedReply",
    "SavedView",
    "Survey",
    "Tag",
    "Ticket",
    "TicketArticle",
    "TicketLink",
    "TicketVector",
    "TrackingLink",
    "TriageRule",
    "attachment_path",
]
