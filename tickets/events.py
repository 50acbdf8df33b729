from common.journal import declare

OPENED = declare(
    "ticket.opened",
    "opened the ticket",
    is_public=True,
    status="Status",
    priority="Priority",
    priority_source="PrioritySource",
    rule="name of the triage rule",
    tier="Tier or empty",
    organization="id or null",
    requester="id",
    submitter="id or null",
    product_area="key or empty",
    team="id or null",
    tags="list of names",
    opening="customer, outbound or internal; the customer where it is not said",
    message="id of the description",
    is_automatic="true where a machine wrote it, so that nobody answers by machine",
)
ARTICLE_READ = declare("ticket.article_read", "had read the help article", article="id", name="title")
STATUS_CHANGED = declare("ticket.status_changed", "changed the status", is_public=True, status="{from, to}")
SOLVED = declare("ticket.solved", "solved the ticket", is_public=True, status="{from, to}")
REOPENED = declare("ticket.reopened", "opened the ticket again", is_public=True, status="{from, to}")
CLOSED = declare("ticket.closed", "closed the ticket", is_public=True, status="{from, to}")
CANCELLED = declare("ticket.cancelled", "cancelled the ticket", is_public=True, status="{from, to}")
ASSIGNED = declare(
    "ticket.assigned",
    "assigned the ticket",
    assignee="{from, to} ids",
    names="{from, to}",
    reason="why them, where it was said",
    asked_by="name of who asked the rule that chose",
)
NOT_ASSIGNED = declare("ticket.not_assigned", "found nobody to give the ticket to", reason="why")
TEAM_CHANGED = declare("ticket.team_changed", "handed the ticket to a team", team="{from, to} ids", names="{from, to}")
PRIORITY_CHANGED = declare("ticket.priority_changed", "changed the priority", priority="{from, to}")
FIELDS_CHANGED = declare("ticket.fields_changed", "changed details", changes="field -> {from, to}")
MERGED = declare("ticket.merged", "merged the ticket", into="reference", into_id="id")
ABSORBED = declare("ticket.absorbed", "merged another ticket into this one", merged="reference", merged_id="id")
LINKED = declare("ticket.linked", "linked a ticket", kind="LinkKind", other="reference", other_id="id")
UNLINKED = declare("ticket.unlinked", "removed a link", kind="LinkKind", other="reference", other_id="id")
FOLLOWER_ADDED = declare("ticket.follower_added", "added a person to the ticket", person="id", name="text")
FOLLOWER_REMOVED = declare("ticket.follower_removed", "removed a person from the ticket", person="id", name="text")
CHECKLIST_ADDED = declare("checklist.added", "added to the checklist", what="texts")
CHECKLIST_DONE = declare("checklist.done", "ticked off", what="text")
CHECKLIST_REOPENED = declare("checklist.reopened", "took the tick off", what="text")
CHECKLIST_REMOVED = declare("checklist.removed", "took off the checklist", what="text")
TIME_SPENT = declare("time.spent", "spent time", minutes="number", what="in words")
TIME_REMOVED = declare("time.removed", "took time back", minutes="number", what="in words")
SNOOZED = declare("ticket.snoozed", "put the ticket aside", until="instant")
WOKEN = declare("ticket.woken", "brought the ticket back", reason="text, empty where somebody did it")
ARTICLE_DRAFTED = declare("ticket.article_drafted", "drafted an article from the ticket", article="id", title="text")
VIEWED_BY_LINK = declare("ticket.viewed_by_link", "opened the secret link", link="id", person="id")
LINK_RESENT = declare("ticket.link_resent", "asked for the secret link again", person="id")
LINK_REVOKED = declare("ticket.link_revoked", "revoked the secret link", link="id", person="id")

CUSTOMER_MESSAGE_POSTED = declare(
    "message.customer_message_posted",
    "wrote",
    is_public=True,
    message="id",
    is_automatic="true or false",
    is_agents="true where an agent wrote it on somebody else's ticket",
)
PUBLIC_REPLY_POSTED = declare(
    "message.public_reply_posted",
    "answered",
    is_public=True,
    message="id",
    is_first_response="true or false",
    is_automatic="true or false",
)
INTERNAL_NOTE_ADDED = declare("message.internal_note_added", "added an internal note", message="id")
FILE_ATTACHED = declare(
    "attachment.added", "attached a file", attachment="id", name="text", is_internal="true or false"
)

NOTICE_WANTED = declare(
    "automation.notice_wanted", "sent a notice", people="list of ids", what="who they are, in words", text="the notice"
)
RULE_CREATED = declare("automation.rule_created", "made a rule", name="text")
RULE_CHANGED = declare("automation.rule_changed", "changed a rule", name="text", changes="field -> {from, to}")
RULE_DELETED = declare("automation.rule_deleted", "deleted a rule", name="text")
MACRO_CREATED = declare("automation.macro_created", "made a macro", name="text")
MACRO_CHANGED = declare("automation.macro_changed", "changed a macro", name="text", changes="field -> {from, to}")
MACRO_DELETED = declare("automation.macro_deleted", "deleted a macro", name="text")
MACRO_APPLIED = declare("automation.macro_applied", "applied a macro", macro="id", name="text")
MACRO_UNDONE = declare("automation.macro_undone", "took a macro back", name="text")
SAVED_REPLY_CREATED = declare("automation.saved_reply_created", "made a saved reply", name="title")
SAVED_REPLY_CHANGED = declare("automation.saved_reply_changed", "changed a saved reply", name="title")
SAVED_REPLY_DELETED = declare("automation.saved_reply_deleted", "deleted a saved reply", name="title")

CUSTOM_FIELD_CREATED = declare("custom_field.created", "made a custom field", name="text", key="text")
CUSTOM_FIELD_CHANGED = declare(
    "custom_field.changed", "changed a custom field", name="text", key="text", changes="field -> {from, to}"
)
CUSTOM_FIELD_DELETED = declare("custom_field.deleted", "deleted a custom field", name="text", key="text")
REQUEST_FORM_CREATED = declare("request_form.created", "made a request form", name="text", slug="text", fields="rows")
REQUEST_FORM_CHANGED = declare(
    "request_form.changed", "changed a request form", name="text", slug="text", changes="field -> {from, to}"
)
REQUEST_FORM_DELETED = declare(
    "request_form.deleted", "deleted a request form", name="text", slug="text", fields="rows"
)
STATUS_LABEL_CREATED = declare("status_label.created", "made a status label", name="text", status="Status")
STATUS_LABEL_CHANGED = declare(
    "status_label.changed", "changed a status label", name="text", changes="field -> {from, to}"
)
STATUS_LABEL_DELETED = declare("status_label.deleted", "deleted a status label", name="text", status="Status")

SENDER_BLOCKED = declare("sender.blocked", "blocked a sender", pattern="address or domain", reason="text")
SENDER_UNBLOCKED = declare("sender.unblocked", "unblocked a sender", pattern="address or domain")

VIEW_SAVED = declare("view.saved", "saved a view", name="text", filters="name -> values", owner="id or null", team="id")
TICKETS_EXPORTED = declare(
    "tickets.exported", "took tickets away as a file", count="how many", filters="name -> values", words="searched for"
)
VIEW_DELETED = declare("view.deleted", "removed a view", name="text", filters="name -> values", owner="id", team="id")
MARKED_AS_SPAM = declare("ticket.marked_as_spam", "marked the ticket as spam", pattern="the address blocked with it")
SURVEY_DUE = declare("survey.due", "asked the requester for a rating", survey="id", person="id")
SURVEY_RATED = declare("survey.rated", "rated the help", survey="id", rating="1 to 5", what="the rating in words")
COMMENT_ERASED = declare("survey.comment_erased", "erased the comment of the rating", survey="id")
WEEKLY_REPORT_SENT = declare("report.week_sent", "sent the weekly report", first="its Monday", people="list of ids")
WEEKLY_REPORT_WISHED = declare(
    "report.weekly_wished", "chose whether to get the weekly report", is_wanted="true or false"
)

MESSAGE_KINDS = (CUSTOMER_MESSAGE_POSTED, PUBLIC_REPLY_POSTED, INTERNAL_NOTE_ADDED)
STATUS_KINDS = (STATUS_CHANGED, SOLVED, REOPENED, CLOSED, CANCELLED)
