from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = "Tickets"

    def ready(self) -> None:
        from tickets import (
            events,  # noqa: F401 - declares the kinds
            keeping,  # noqa: F401 - declares what is purged
            subscribers,
        )

        subscribers.register()
