"""Two rules on time (solved tickets close, and their requesters are told two days before), ten macros, three replies."""

from django.db import migrations

REMINDER = """Hello {{ requester.first_name }},

we marked {{ ticket.reference }} as solved and have not heard from you since. It will be closed in about two days.

If something is still not right, answer this message: that opens your request again. Else there is nothing to do."""
SOLVED = {"field": "status", "op": "is", "value": "SOLVED"}
RULES = [
    {
        "key": "auto-close-reminder",
        "name": "reminder before closing",
        "description": "Tells the requester of a solved ticket that it closes soon, two days before it does.",
        "conditions": {
            "all": [
                SOLVED,
                {"field": "since_solved", "op": "longer_than", "value": "auto_close_reminder"},
                {"field": "since_solved", "op": "shorter_than", "value": "auto_close"},
                {"field": "since_updated", "op": "longer_than", "value": 48},
            ]
        },
        "actions": [{"action": "public_reply", "value": REMINDER}],
    },
    {
        "key": "auto-close",
        "name": "automatic closing",
        "description": "Closes what stayed solved for the time that the setting PORTAL_AUTO_CLOSE_DAYS says.",
        "conditions": {"all": [SOLVED, {"field": "since_solved", "op": "longer_than", "value": "auto_close"}]},
        "actions": [{"action": "set_status", "value": "CLOSED"}],
    },
]


def act(action, value):
    return {"action": action, "value": value}


HELLO = "Hello {{ requester.first_name }},\n\n"
MACROS = [
    (
        "Take it",
        "Assigns the ticket to you and opens it.",
        [act("set_assignee", "current_user"), act("set_status", "OPEN")],
        "",
        False,
    ),
    (
        "Ask for details",
        "Asks what happened and when, and waits for the answer.",
        [act("set_status", "PENDING")],
        HELLO + "thank you for writing. To find the cause of “{{ ticket.subject }}” we need to know more:\n\n"
        "- What did you do, and what happened then?\n- When did you first see it?\n- Does it happen every time?",
        False,
    ),
    (
        "Ask for version and logs",
        "Asks for the version and the logs, and waits for the answer.",
        [act("set_status", "PENDING")],
        HELLO + "could you tell us which version you run, and attach the logs of the hour in which it happened?",
        False,
    ),
    (
        "Solved",
        "Says that it is solved, and solves the ticket.",
        [act("set_status", "SOLVED")],
        HELLO + "this should work again now. If it does not, answer this message and we look into it again.\n\n"
        "{{ agent.first_name }}",
        False,
    ),
    (
        "Works as intended",
        "Explains that nothing is broken, and solves the ticket.",
        [act("add_tags", ["works-as-intended"]), act("set_status", "SOLVED")],
        HELLO + "we looked into it: this is how it is meant to work. If you need it to work another way, tell us what "
        "you want to achieve, and we note it as a wish.",
        False,
    ),
    (
        "Note a wish",
        "Notes a wish for the product and tells the requester so.",
        [act("add_tags", ["wish"]), act("set_priority", "P4_LOW"), act("set_status", "ON_HOLD")],
        HELLO + "thank you for the idea. We passed it on to those who plan the product; we cannot promise a date.",
        False,
    ),
    (
        "Known problem",
        "Says that we know of it and work on it.",
        [act("add_tags", ["known-problem"]), act("set_status", "ON_HOLD")],
        HELLO + "we know of this problem and work on it. We write to you here as soon as it is solved.",
        False,
    ),
    (
        "Wait for a third party",
        "Puts the ticket on hold until somebody else has answered.",
        [act("set_status", "ON_HOLD")],
        HELLO + "we have asked those who run that part, and write to you as soon as we hear from them.",
        False,
    ),
    (
        "Make it critical",
        "Raises the priority and lets the team of the ticket know.",
        [
            act("set_priority", "P1_CRITICAL"),
            act("add_tags", ["escalated"]),
            act(
                "notify",
                {"to": "team", "text": "{{ agent.name }} made {{ ticket.reference }} critical: {{ ticket.subject }}"},
            ),
        ],
        "Made critical by {{ agent.name }}.",
        True,
    ),
    (
        "Spam",
        "Marks the ticket as spam and cancels it.",
        [act("add_tags", ["spam"]), act("set_status", "CANCELLED")],
        "",
        False,
    ),
]
SAVED_REPLIES = [
    ("Thanks for waiting", "thanks", HELLO + "thank you for your patience."),
    (
        "Try another browser",
        "browser",
        "Could you try it in another browser, in a private window? That tells us whether it lies with stored data.",
    ),
    (
        "Where to see the state",
        "state",
        "You see how things stand with {{ ticket.reference }} at any time: {{ ticket.url }}",
    ),
]


def add(apps, schema_editor):
    for position, rule in enumerate(RULES, start=1):
        apps.get_model("tickets", "AutomationRule").objects.create(**rule, kind="SCHEDULED", position=position * 10)
    for position, (name, description, actions, reply, is_internal) in enumerate(MACROS, start=1):
        apps.get_model("tickets", "Macro").objects.create(
            name=name,
            description=description,
            actions=actions,
            reply=reply,
            is_reply_internal=is_internal,
            position=position * 10,
        )
    for title, keyword, body in SAVED_REPLIES:
        apps.get_model("tickets", "SavedReply").objects.create(title=title, keyword=keyword, body=body)


def remove(apps, schema_editor):
    apps.get_model("tickets", "Macro").objects.filter(name__in=[name for name, *_ in MACROS]).delete()
    keywords = [keyword for _, keyword, _ in SAVED_REPLIES]
    apps.get_model("tickets", "SavedReply").objects.filter(keyword__in=keywords).delete()
    keys = [rule["key"] for rule in RULES]
    apps.get_model("tickets", "AutomationRule").objects.filter(key__in=keys).delete()


class Migration(migrations.Migration):
    dependencies = [("tickets", "0013_automation")]
    operations = [migrations.RunPython(add, remove)]
