from django.core.management.base import BaseCommand

from tickets.automation.sharing import exported
from tickets.models import AutomationRule


class Command(BaseCommand):
    help = "Writes every automation rule as JSON."

    def handle(self, **options: object) -> None:
        self.stdout.write(exported(AutomationRule.objects.all()), ending="")
