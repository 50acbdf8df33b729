"""Every write to tickets. Pages, API, console, imports and syncs all call these."""

from tickets.services.articles import draft_article
from tickets.services.assigning import assign_ticket, assign_wanted, want_assignment
from tickets.services.attaching import attach_file
from tickets.services.automation import (
    change_rule,
    close_solved_tickets,
    create_rule,
    delete_rule,
    import_rules,
    move_rule,
    run_scheduled_rules,
    work_off_events,
)
from tickets.services.changes import number_changes, purge_changes
from tickets.services.changing import (
    cancel_ticket,
    change_ticket,
    close_ticket,
    reopen_ticket,
    solve_ticket,
)
from tickets.services.conversation import add_internal_note, post_customer_message, post_public_reply
from tickets.services.custom_fields import change_custom_field, create_custom_field, delete_custom_field
from tickets.services.deflection import begin_form, note_fitting, note_opened, note_sent, settle_forms
from tickets.services.exporting import note_export
from tickets.services.forms import once_per_form
from tickets.services.holding import (
    TakenBack,
    apply_macro_and_hold,
    draft_files,
    hold_reply,
    keep_files,
    send_held_replies,
    send_held_reply,
    sent_together,
    undo_send,
    undo_sent_together,
)
from tickets.services.jobs import create_job, purge_jobs, run_jobs
from tickets.services.labels import change_status_label, create_status_label, delete_status_label
from tickets.services.linking import link_tickets, merge_tickets, split_message, unlink_tickets
from tickets.services.locking import set_next_due
from tickets.services.macros import (
    apply_macro,
    change_macro,
    change_saved_reply,
    create_macro,
    create_saved_reply,
    delete_macro,
    delete_saved_reply,
    fill_saved_reply,
    preview_macro,
)
from tickets.services.opening import open_ticket
from tickets.services.people import add_follower, block_sender, remove_follower, unblock_sender
from tickets.services.reporting import send_weekly_report, want_weekly_report
from tickets.services.request_forms import change_request_form, create_request_form, delete_request_form
from tickets.services.satisfaction import ask_due_surveys, ask_for_rating, erase_comment, forget_comments, rate_ticket
from tickets.services.snoozing import snooze_ticket, wake_due, wake_ticket
from tickets.services.spam import mark_as_spam
from tickets.services.tracking import (
    open_tracking_link,
    record_link_opened,
    request_tracking_link,
    revoke_tracking_link,
    tracking_token,
    tracking_url,
)
from tickets.services.undoing import undo_macro
from tickets.services.views import change_view, delete_view, save_view
from tickets.services.work import add_checklist_items, remove_checklist_item, remove_time, spend_time, tick
from tickets.services.working import (
    discard_draft,
    leave_ticket,
    note_presence,
    present_besides,
    present_elsewhere,
    present_on,
    save_draft,
    set_habits,
)

__all__ = [
    "TakenBack",
    "add_checklist_items",
    "add_follower",
    "add_internal_note",
    "apply_macro",
    "apply_macro_and_hold",
    "ask_due_surveys",
    "ask_for_rating",
    "assign_ticket",
    "assign_wanted",
    "attach_file",
    "begin_form",
    "block_sender",
    "cancel_ticket",
    "change_custom_field",
    "change_macro",
    "change_request_form",
    "change_rule",
    "change_saved_reply",
    "change_status_label",
    "change_ticket",
    "change_view",
    "close_solved_tickets",
    "close_ticket",
    "create_custom_field",
    "create_job",
    "create_macro",
    "create_request_form",
    "create_rule",
    "create_saved_reply",
    "create_status_label",
    "delete_custom_field",
    "delete_macro",
    "delete_request_form",
    "delete_rule",
    "delete_saved_reply",
    "delete_status_label",
    "delete_view",
    "discard_draft",
    "draft_article",
    "draft_files",
    "erase_comment",
    "fill_saved_reply",
    "forget_comments",
    "hold_reply",
    "import_rules",
    "keep_files",
    "leave_ticket",
    "link_tickets",
    "mark_as_spam",
    "merge_tickets",
    "move_rule",
    "note_export",
    "note_fitting",
    "note_opened",
    "note_presence",
    "note_sent",
    "number_changes",
    "once_per_form",
    "open_ticket",
    "open_tracking_link",
    "post_customer_message",
    "post_public_reply",
    "present_besides",
    "present_elsewhere",
    "present_on",
    "preview_macro",
    "purge_changes",
    "purge_jobs",
    "rate_ticket",
    "record_link_opened",
    "remove_checklist_item",
    "remove_follower",
    "remove_time",
    "reopen_ticket",
    "request_tracking_link",
    "revoke_tracking_link",
    "run_jobs",
    "run_scheduled_rules",
    "save_draft",
    "save_view",
    "send_held_replies",
    "send_held_reply",
    "send_weekly_report",
    "sent_together",
    "set_habits",
    "set_next_due",
    "settle_forms",
    "snooze_ticket",
    "solve_ticket",
    "spend_time",
    "split_message",
    "tick",
    "tracking_token",
    "tracking_url",
    "unblock_sender",
    "undo_macro",
    "undo_send",
    "undo_sent_together",
    "unlink_tickets",
    "wake_due",
    "wake_ticket",
    "want_assignment",
    "want_weekly_report",
    "work_off_events",
]
