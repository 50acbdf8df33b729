from typing import Any

from django.core.management.base import BaseCommand

from knowledgebase.seeding import seed_articles


class Command(BaseCommand):
    help = "Write and publish the first help articles. Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        made = seed_articles()
        for article in made:
            self.stdout.write(article.title)
        self.stdout.write(self.style.SUCCESS(f"{len(made)} articles written."))
