"""The four roles as groups, and the permissions each starts with.

Each is granted once; what an administrator changes afterwards stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission

from accounts.models import Role, RoleDefaults

AGENT = {
    *("tickets.view_ticket", "tickets.work_ticket", "tickets.view_message", "tickets.view_attachment"),
    *("tickets.see_every_ticket", "tickets.work_every_ticket"),
    *(
        "tickets.view_tag",
        "tickets.view_ticketlink",
        "tickets.view_customfield",
        "tickets.view_savedview",
        "common.view_event",
    ),
    *("accounts.view_user", "accounts.view_organization", "accounts.view_team", "accounts.view_skill"),
    *("accounts.view_productarea", "knowledgebase.view_article", "knowledgebase.view_category"),
    *("integrations.view_delivery", "integrations.view_attempt", "integrations.view_circuit"),
    *("integrations.view_inboundevent", "integrations.replay", "integrations.view_mailboxaddress"),
    *("integrations.view_mailevent", "integrations.view_suppressedaddress"),
    *("tickets.view_macro", "tickets.view_savedreply"),
    *("sla.view_clock", "sla.view_clockevent", "sla.view_steprun", "sla.view_slapolicy", "sla.view_policyversion"),
    *("sla.view_businesscalendar", "sla.view_calendarversion", "sla.view_slatarget", "sla.view_escalationstep"),
}
SUPERVISOR = AGENT | {
    "tickets.delete_timeentry",
    *(f"tickets.{verb}_requestform" for verb in ("add", "change", "delete", "view")),
    *(f"tickets.{verb}_requestformfield" for verb in ("add", "change", "delete", "view")),
    *(f"tickets.{verb}_statuslabel" for verb in ("add", "change", "view")),
    *("knowledgebase.add_article", "knowledgebase.change_article", "knowledgebase.add_category"),
    *(f"knowledgebase.{verb}_searchsynonym" for verb in ("add", "change", "delete", "view")),
    *(f"knowledgebase.{verb}_searchstopword" for verb in ("add", "change", "delete", "view")),
    *("knowledgebase.change_category", "tickets.add_blockedsender", "tickets.change_blockedsender"),
    *(
        "tickets.delete_blockedsender",
        "tickets.view_blockedsender",
        "tickets.add_triagerule",
        "tickets.view_triagerule",
    ),
    *("tickets.change_triagerule", "tickets.delete_triagerule", "accounts.change_organization"),
    *("accounts.change_user", "accounts.change_productarea", "integrations.redeliver", "knowledgebase.review_article"),
    *("integrations.view_webhooksubscription", "integrations.view_mailtemplate", "integrations.change_mailtemplate"),
    *("sla.add_slapolicy", "sla.change_slapolicy", "sla.add_businesscalendar", "sla.change_businesscalendar"),
    *("sla.view_monitorpass", "sla.view_recalculation", "sla.view_storm", "sla.view_backtest", "sla.add_backtest"),
    *("tickets.view_deflectionday", "tickets.erase_comment", "tickets.view_rulerun"),
    *(f"tickets.{verb}_savedview" for verb in ("add", "change", "delete")),
    *(f"tickets.{verb}_automationrule" for verb in ("add", "change", "delete", "view")),
    *(f"tickets.{verb}_macro" for verb in ("add", "change", "delete")),
    *(f"tickets.{verb}_savedreply" for verb in ("add", "change", "delete")),
    *(f"integrations.{verb}_mailboxaddress" for verb in ("add", "change", "delete")),
    *("sla.view_holidayfeed", "sla.add_holidayfeed", "sla.change_holidayfeed", "sla.delete_holidayfeed"),
}
# Whoever administers may do everything but rewrite what is append-only.
NEVER = (
    {
        f"{app}.{verb}_{model}"
        for app, model in (("common", "event"), ("tickets", "message"), ("integrations", "attempt"))
        for verb in ("add", "change", "delete")
    }
    | {
        "tickets.delete_ticket",
        "integrations.add_delivery",
        "integrations.change_delivery",
        "integrations.delete_delivery",
    }
    | {
        f"integrations.{verb}_{model}"
        for model in (
            *("circuit", "inboundevent", "inboundmail", "mailfolder", "fetchedmail", "suppressedaddress", "mailevent"),
            *("slackthread", "slackuser", "slackintake", "slackdigest"),
        )
        for verb in ("add", "change", "delete")
    }
)
# Promises are kept by the portal itself: policies and calendars go on in new versions, the rest is its memory.
NEVER |= {
    f"sla.{verb}_{model}"
    for model in (
        *("clock", "clockevent", "steprun", "storm", "conversation", "monitorpass", "monthlyfigure", "rulebook"),
        *("policyversion", "calendarversion", "slatarget", "escalationstep", "recalculation", "zonerules"),
    )
    for verb in ("add", "change", "delete")
} | {"sla.delete_slapolicy", "sla.delete_businesscalendar", "sla.change_backtest"}
# Forms are counted by the portal, and only their sums are for people. A rating is its requester's own.
NEVER |= {
    f"tickets.{verb}_{model}"
    for model in ("formsession", "deflectionday", "deflectionarticle", "survey", "rulerun", "firingevent")
    for verb in ("add", "change", "delete")
} | {"tickets.view_formsession"}
# What is to be done and how long it took is written on the ticket's page; a supervisor may take time back.
NEVER |= {f"tickets.{verb}_checklistitem" for verb in ("add", "change", "delete", "view")}
NEVER |= {
    f"tickets.{verb}_{model}"
    for model in ("timeentry", "habits", "heldreply", "replyfile")
    for verb in ("add", "change")
}
# What changed and what clients asked for in bulk is for programs.
NEVER |= {
    f"tickets.{verb}_{model}"
    for model in ("ticketchange", "changefeed", "bulkjob", "bulkitem")
    for verb in ("add", "change", "delete", "view")
}
# Whose turn it is the portal knows by itself, and who wants a report says so themselves.
NEVER |= {
    f"tickets.{verb}_{model}"
    for model in ("assignmentturn", "assignmentwish", "weeklyreport", "weeklyreportwish")
    for verb in ("add", "change", "delete")
}
ADMINISTERED_APPS = ("accounts", "auth", "common", "integrations", "knowledgebase", "sla", "tickets")


def reach_words(codenames: set[str]) -> str:
    """Say which tickets a role with these rights sees and works."""
    theirs = "those of their own teams, those given to them, and those of no team"
    if "view_ticket" not in codenames:
        return "Sees the tickets that they asked for or follow."
    sees = "every ticket" if "see_every_ticket" in codenames else theirs
    if "work_ticket" not in codenames:
        return f"Sees {sees}. Works none."
    works = "every ticket" if {"see_every_ticket", "work_every_ticket"} <= codenames else theirs
    return f"Sees {sees}. Works {works if works != sees or works == 'every ticket' else 'the same'}."


def grant_starting_permissions(sender: AppConfig, plan: Sequence[tuple[Any, bool]] = (), **_: Any) -> None:
    """Give each role's group the permissions it should start with and was never given.

    Called after the migrations of every app; acts after the last, when all permissions exist, unless the
    migrations went backwards and our tables may be gone.
    """
    if sender is not list(apps.get_app_configs())[-1] or any(is_backwards for _migration, is_backwards in plan):
        return
    for role in Role:
        group, _is_new = Group.objects.get_or_create(name=role.value)
        given, _is_new = RoleDefaults.objects.get_or_create(group=group)
        wanted = {name: row for name, row in _starting_permissions(role).items() if name not in given.permissions}
        if wanted:
            group.permissions.add(*wanted.values())
            given.permissions = sorted({*given.permissions, *wanted})
            given.save(update_fields=["permissions"])


def _starting_permissions(role: Role) -> dict[str, Permission]:
    every = Permission.objects.filter(content_type__app_label__in=ADMINISTERED_APPS).select_related("content_type")
    named = {f"{row.content_type.app_label}.{row.codename}": row for row in every}
    wanted = {
        Role.CUSTOMER: set(),
        Role.AGENT: AGENT,
        Role.SUPERVISOR: SUPERVISOR,
        Role.ADMINISTRATOR: set(named) - NEVER,
    }[role]
    return {name: named[name] for name in wanted if name in named}
