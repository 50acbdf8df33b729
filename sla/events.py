from common.journal import declare

WARNING_REACHED = declare(
    "sla.warning_reached",
    "saw a deadline come near",
    clock="id",
    metric="Metric",
    what="the metric and how much is used, in words",
    percent="number",
    due_at="instant or null",
)
BREACHED = declare(
    "sla.breached",
    "saw a deadline pass",
    clock="id",
    metric="Metric",
    what="the metric and how much is used, in words",
    percent="number",
    due_at="instant",
    breached_at="instant",
    is_answered="true where the answer itself came late",
)
ESCALATION_REACHED = declare(
    "sla.escalation_reached",
    "saw a deadline long gone",
    clock="id",
    metric="Metric",
    what="the metric and how much is used, in words",
    percent="number",
    due_at="instant",
)
BREACH_WITHDRAWN = declare(
    "sla.breach_withdrawn",
    "took back a missed deadline",
    clock="id",
    metric="Metric",
    what="text",
)
STEP_DUE = declare("sla.step_due", "escalated", run="id", action="Action", what="the action and its cause, in words")
STEP_TAKEN = declare(
    "sla.step_taken", "took an escalation step", run="id", action="Action", state="StepState", what="text"
)
MAINTENANCE_BEGAN = declare("sla.maintenance_began", "stopped the clocks for maintenance", window="text")
MAINTENANCE_ENDED = declare("sla.maintenance_ended", "ended maintenance; the clocks run again", window="text")

STORM_BEGAN = declare("sla.storm_began", "saw many deadlines pass at once", breaches="number", minutes="number")
STORM_ENDED = declare("sla.storm_ended", "saw the storm of missed deadlines end", breaches="number")

POLICY_PUBLISHED = declare(
    "sla.policy_published", "published a policy", policy="name", version="number", changes="field -> {from, to}"
)
POLICY_CHANGED = declare("sla.policy_changed", "changed a policy", policy="name", changes="field -> {from, to}")
CALENDAR_PUBLISHED = declare(
    "sla.calendar_published", "published a calendar", calendar="name", version="number", changes="field -> {from, to}"
)
CALENDAR_CHANGED = declare("sla.calendar_changed", "changed a calendar", calendar="name", what="text")
RECALCULATED = declare(
    "sla.recalculated", "worked out deadlines anew", reason="text", tickets="number", changed="number"
)
