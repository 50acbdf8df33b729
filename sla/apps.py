from django.apps import AppConfig


class SlaConfig(AppConfig):
    name = "sla"
    verbose_name = "Service levels"

    def ready(self) -> None:
        from sla import events, keeping, showing, subscribers  # noqa: F401 - declare kinds, what is purged, probes
        from tickets import slots

        subscribers.register()
        slots.SLA.sign_in(showing.api_objects)
        slots.PROMISES.sign_in(showing.promises)
        slots.PANELS.sign_in(showing.panels)
