from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations import registry
from integrations.checking import Finding, check

ALL = "all"
VENDORS = ("sendgrid", "slack", "pagerduty", "jira", "zendesk")


class Command(BaseCommand):
    help = "Say whether an integration is set up and, with --live, whether the other side answers. Never its secrets."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help=f"One of {', '.join(sorted(registry.names() | set(VENDORS)))}, or all.")
        parser.add_argument("--live", action="store_true", help="Ask the other side too.")
        parser.add_argument("--json", action="store_true", help="Print a list of objects.")

    def handle(self, *, name: str, **options: Any) -> None:
        names = sorted(registry.names()) if name == ALL else [name]
        findings = [check(one, is_live=options["live"]) for one in names]
        if options["json"]:
            self.stdout.write(json.dumps([one.__dict__ for one in findings]))
        else:
            for one in findings:
                self.stdout.write(_line(one))
        # What nobody set up fails only where it was asked for by its name.
        if not all(one.is_good or (one.is_off and name == ALL) for one in findings):
            raise CommandError("Not all is well.")


def _line(one: Finding) -> str:
    verdict = "off" if one.is_off else "good" if one.is_good else "BAD"
    return f"{one.name:<10} {verdict:<5} {one.words}"
