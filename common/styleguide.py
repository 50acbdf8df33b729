"""The page that shows every component in every state; routed only in development and tests."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from common.time import now

STATES = [
    ("blue", "circle-dashed", "Received"),
    ("teal", "circle-dot", "We are working on it"),
    ("violet", "hourglass", "Waiting for your answer"),
    ("stone", "circle-pause", "Waiting for a third party"),
    ("green", "circle-check", "Solved"),
    ("grey", "archive", "Closed"),
    ("grey", "ban", "Cancelled"),
]
LEVELS = [
    ("red", "chevrons-up", "Critical"),
    ("amber", "chevron-up", "High"),
    ("grey", "equal", "Normal"),
    ("grey", "chevron-down", "Low"),
]
SIZE_HELP = {
    "blocking": "Work has stopped or data is at risk",
    "major": "An important part does not work, there is a way around it",
    "minor": "A nuisance, or a question",
}


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SampleForm(forms.Form):
    topic = forms.ChoiceField(
        label="What is it about?",
        choices=[("graph", "Graphs"), ("catalogue", "Catalogue"), ("access", "Sign-in and access")],
    )
    summary = forms.CharField(help_text="One sentence, as you would say it to a colleague.")
    details = forms.CharField(
        help_text="Steps, exact error text, and when it started. Do not paste passwords or personal data.",
        max_length=10_000,
        widget=forms.Textarea,
        error_messages={"required": "Describe what happened and what you expected"},
    )
    size = forms.ChoiceField(
        label="How much does it hold you up?",
        widget=forms.RadioSelect,
        choices=[("blocking", "Blocking"), ("major", "Major"), ("minor", "Minor")],
    )
    email = forms.EmailField(
        label="Your email address",
        help_text="The answer goes here, with a private link to follow it.",
        error_messages={"invalid": "Enter an email address with a domain, like name@example.org"},
    )
    attachments = forms.FileField(
        required=False,
        help_text="Images, PDF, text, logs or ZIP. Up to 5 files, 10 MB each.",
        widget=ManyFilesInput(
            attrs={"accept": ".png,.jpg,.pdf,.txt,.log,.zip", "data-max-files": 5, "data-max-bytes": 10_000_000}
        ),
    )
    agree = forms.BooleanField(
        label="Tell me when something similar is reported", help_text="At most one mail a day.", required=False
    )


class ReplyForm(forms.Form):
    body = forms.CharField(
        label="Your answer", help_text="Goes to the support team, Otto Brandt and you.", widget=forms.Textarea
    )
    attachments = forms.FileField(required=False, widget=ManyFilesInput)


def glyph_names() -> list[str]:
    """List the ids of the sprite."""
    path = finders.find("icons.svg")
    return re.findall(r'symbol id="([^"]+)"', Path(path).read_text()) if path else []


def conversation() -> list[dict[str, Any]]:
    """Give sample messages in each tone, as keyword arguments of components/message.html."""
    at = now()
    return [
        {
            "name": "Rita Lindqvist",
            "said": "You",
            "at": at - timedelta(hours=3),
            "body": SafeString(
                "<p>We moved to the new version last night. Since this morning every page opens with an empty graph: "
                "the boxes are there, the arrows are not.</p><p>Two teams need it on Thursday, so we would like to "
                "know whether anything is lost.</p>"
            ),
            "files": [{"name": "graph-empty.png", "url": "#file", "size": 412_300, "state": "", "tone": ""}],
        },
        {
            "name": "Agnes Moreau",
            "role": "OpenDataGov support",
            "tone": "staff",
            "at": at - timedelta(hours=2),
            "body": SafeString(
                "<p>Good morning Rita. Nothing is lost. Please run these two commands and send me the number.</p>"
                "<pre tabindex='0'><code>odg graph count --stored\nodg graph reindex --since upgrade --batch 500"
                "</code></pre>"
                "<ol><li>The first takes a second.</li><li>The second takes <strong>two minutes</strong>.</li></ol>"
            ),
        },
        {
            "name": "Otto Brandt",
            "role": "City of Aarlund",
            "at": at - timedelta(hours=1),
            "body": SafeString("<p>It stops with <code>timeout reading batch 4</code>. The log is attached.</p>"),
            "files": [
                {"name": "reindex.log", "url": "#file", "size": 1_800_000, "state": "", "tone": ""},
                {
                    "name": "dump.zip",
                    "url": "",
                    "size": 8_100_000,
                    "state": "being checked for viruses",
                    "tone": "waiting",
                },
            ],
        },
        {
            "name": "Chidi Eze",
            "tone": "note",
            "at": at - timedelta(minutes=20),
            "body": SafeString(
                "<p>Same lock as yesterday. Smaller batches went through elsewhere. Safe to suggest.</p>"
            ),
        },
    ]


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show the design system. ?theme=light or ?theme=dark forces a scheme."""
    theme = request.GET.get("theme", "")
    refused = SampleForm(
        {
            "topic": "graph",
            "summary": "Graph is empty after upgrade",
            "size": "major",
            "email": "rita.lindqvist@aarlund",
        },
        auto_id="refused_%s",
    )
    context: dict[str, Any] = {
        "theme": theme if theme in ("light", "dark") else "",
        "states": STATES,
        "levels": LEVELS,
        "glyphs": glyph_names(),
        "sample": SampleForm(initial={"size": "major"}),
        "refused": refused,
        "reply": ReplyForm(auto_id="reply_%s"),
        "ask": ReplyForm(auto_id="ask_%s"),
        "size_help": SIZE_HELP,
        "conversation": conversation(),
        "now": now(),
        "crumbs": [("Help", "#help"), ("Graphs", "#graphs")],
        "tabs": [
            {"url": "#open", "label": "Open", "count": 5, "current": True},
            {"url": "#solved", "label": "Solved", "count": 12},
            {"url": "#all", "label": "Everyone at City of Aarlund", "count": 31},
        ],
        "facts": [
            ("About", "Graphs"),
            ("Environment", "Production"),
            ("Handled by", "Agnes Moreau"),
            ("Plan", "Day and night, all days"),
        ],
        "table_heads": ["What you see", "Why", "What to do"],
        "table_rows": [
            ["Graph stops after one step", "Depth is set to 1", "Raise it under View"],
            ["Only some people see it", "Role without the right", "Add the Viewer role"],
        ],
        "steps": ["You get a reference and a link by email at once.", "Expect a person's answer by 10:30 tomorrow."],
        "promise": SafeString("Our next answer is promised <strong>by 14:12 today</strong>."),
        "late": SafeString("We are late: our answer was promised <strong>by 09:12 today</strong>. We are on it."),
        "event": SafeString("<b>Agnes Moreau</b> from support took over."),
        "suggestions": [
            {
                "url": "#1",
                "title": "Incident: graphs are loading slowly",
                "text": "Being fixed. Next update by 11:00.",
                "glyph": "triangle-alert",
                "tone": "amber",
            },
            {
                "url": "#2",
                "title": "A graph is empty after an upgrade",
                "text": "Build the index once. 4 minutes.",
                "slug": "sample",
                "steps": {"html": "<ol><li>Count the edges.</li><li>Build the index.</li></ol>", "more": 2},
            },
            {"url": "#3", "title": "Read lineage by column", "text": "Which column feeds which."},
        ],
        "files": [
            {"name": "graph-empty.png", "size": 412_300, "state": "checked", "tone": "ok"},
            {"name": "reindex.log", "size": 1_800_000, "state": "being checked for viruses", "tone": "waiting"},
            {"name": "dump.exe", "size": 0, "state": "Programs cannot be attached", "tone": "refused"},
        ],
    }
    return render(request, "styleguide/index.html", context)
