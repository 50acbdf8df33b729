from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = "Integrations"

    def ready(self) -> None:
        from integrations import events, subscribers  # noqa: F401 - declares the kinds

        subscribers.register()
