from typing import Any

from django.core.management.base import BaseCommand

from accounts.seeding import create_staff_users


class Command(BaseCommand):
    help = "Make one staff account of every role, with generated passwords that are shown once."

    def handle(self, *args: Any, **options: Any) -> None:
        made = create_staff_users()
        for account in made:
            self.stdout.write(f"{account.email}  {account.password}  {account.name}, {account.role}")
        self.stdout.write(self.style.SUCCESS(f"{len(made)} accounts made; those that existed keep their passwords."))
