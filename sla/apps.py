from django.apps import AppConfig


class SlaConfig(AppConfig):
    name = "sla"
    verbose_name = "Service levels"

    def ready(self) -> None:
        from knowledgebase.slots import REPLY_TIMES
        from sla import daily, events, including, keeping, metrics, reply_times, showing, subscribers  # noqa: F401 - kinds, purgers, probes, figures
        from tickets import slots

        subscribers.register()
        slots.SLA.sign_in(showing.api_objects)
        slots.PROMISES.sign_in(showing.promises)
        slots.PROMISES_IN_FULL.sign_in(including.promises_in_full)
        slots.EXPECTATIONS.sign_in(showing.expectations)
        clocks = ("sla", "Time promised", "sla.view_clock", "console/ticket/clocks.html")
        slots.add_panel(slots.Panel(*clocks, lambda ticket, reader: showing.panels([ticket])[ticket.pk], is_first=True))
        slots.TIMES_LEFT.sign_in(showing.times_left)
        slots.PROMISES_KEPT.sign_in(daily.kept_by_day)
        REPLY_TIMES.sign_in(reply_times.reply_time)
