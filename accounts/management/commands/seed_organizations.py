from typing import Any

from django.core.management.base import BaseCommand

from accounts.seeding import seed_organizations


class Command(BaseCommand):
    help = "Make the default organizations of the three tiers. Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        made = seed_organizations()
        for organization in made:
            self.stdout.write(f"{organization.name} ({organization.get_tier_display()})")
        self.stdout.write(self.style.SUCCESS(f"{len(made)} organizations made."))
