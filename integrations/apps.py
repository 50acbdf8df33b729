from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = "Integrations"

    def ready(self) -> None:
        from integrations import events, metrics, retention, subscribers  # noqa: F401 - each signs in by being read

        subscribers.register()
