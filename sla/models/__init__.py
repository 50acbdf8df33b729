"""When: business calendars, policies, the clocks that run under them, and what happened when they ran out."""

from sla.models.calendars import BusinessCalendar, CalendarVersion, HolidayFeed, ZoneRules
from sla.models.clocks import Clock, ClockEvent, Conversation, StepRun, Storm
from sla.models.policies import EscalationStep, PolicyVersion, SlaPolicy, SlaTarget
from sla.models.upkeep import BackTest, ClosedMonth, MonitorPass, MonthlyFigure, Recalculation
from sla.models.versions import Rulebook, Version

__all__ = [
    "BackTest",
    "BusinessCalendar",
    "CalendarVersion",
    "Clock",
    "ClockEvent",
    "ClosedMonth",
    "Conversation",
    "EscalationStep",
    "HolidayFeed",
    "MonitorPass",
    "MonthlyFigure",
    "PolicyVersion",
    "Recalculation",
    "Rulebook",
    "SlaPolicy",
    "SlaTarget",
    "StepRun",
    "Storm",
    "Version",
    "ZoneRules",
]
