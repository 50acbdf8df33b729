from django.apps import AppConfig


class WiringConfig(AppConfig):
    name = "supportportal"

    def ready(self) -> None:
        from supportportal import checks  # noqa: F401 - registers them
