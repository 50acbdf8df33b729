"""What: tickets, their conversation, and what surrounds them."""

from tickets.assignment.models import AssignmentTurn, AssignmentWish
from tickets.automation.models import AutomationRule, FiringEvent, Macro, RuleRun, SavedReply
from tickets.deflection.models import DeflectionArticle, DeflectionDay, FormSession
from tickets.models.changes import ChangeFeed, TicketChange
from tickets.models.conversation import Attachment, Message, attachment_path
from tickets.models.intake import BlockedSender, FormPost, TriageRule
from tickets.models.jobs import BulkItem, BulkJob
from tickets.models.links import TicketArticle, TicketLink
from tickets.models.people import Follower, TrackingLink
from tickets.models.request_forms import RequestForm, RequestFormField
from tickets.models.tickets import CustomField, StatusLabel, Tag, Ticket, TicketVector
from tickets.models.views import SavedView
from tickets.models.work import ChecklistItem, TimeEntry
from tickets.models.working import Draft, Habits, HeldReply, Presence, ReplyFile
from tickets.reporting.models import WeeklyReport, WeeklyReportWish
from tickets.satisfaction.models import Survey

__all__ = [
    "AssignmentTurn",
    "AssignmentWish",
    "Attachment",
    "AutomationRule",
    "BlockedSender",
    "BulkItem",
    "BulkJob",
    "ChangeFeed",
    "ChecklistItem",
    "CustomField",
    "DeflectionArticle",
    "DeflectionDay",
    "Draft",
    "FiringEvent",
    "Follower",
    "FormPost",
    "FormSession",
    "Habits",
    "HeldReply",
    "Macro",
    "Message",
    "Presence",
    "ReplyFile",
    "RequestForm",
    "RequestFormField",
    "RuleRun",
    "SavedReply",
    "SavedView",
    "StatusLabel",
    "Survey",
    "Tag",
    "Ticket",
    "TicketArticle",
    "TicketChange",
    "TicketLink",
    "TicketVector",
    "TimeEntry",
    "TrackingLink",
    "TriageRule",
    "WeeklyReport",
    "WeeklyReportWish",
    "attachment_path",
]
