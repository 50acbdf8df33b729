from django.apps import AppConfig


class KnowledgebaseConfig(AppConfig):
    name = "knowledgebase"
    verbose_name = "Knowledge base"

    def ready(self) -> None:
        from knowledgebase import (
            events,  # noqa: F401 - declares the kinds
            keeping,  # noqa: F401 - purgers and probe
            metrics,  # noqa: F401 - figures
            subscribers,
        )

        subscribers.register()
