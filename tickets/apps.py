from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = "Tickets"

    def ready(self) -> None:
        from tickets import events, keeping, subscribers  # noqa: F401 - declare kinds of event and what is purged

        subscribers.register()
