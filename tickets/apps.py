from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = "Tickets"

    def ready(self) -> None:
        from knowledgebase.slots import OFFERS
        from tickets import events, keeping, offering, subscribers  # noqa: F401 - kinds of event, what is purged
        from tickets.automation import retention  # noqa: F401
        from tickets.console import panels
        from tickets.satisfaction import metrics, showing  # noqa: F401 - what the scraper is told
        from tickets.slots import Panel, add_panel

        subscribers.register()
        OFFERS.sign_in(offering.own_tickets)
        rating = ("satisfaction", "Satisfaction", "tickets.work_ticket", "console/ticket/satisfaction.html")
        add_panel(Panel(*rating, showing.panel))
        todo = ("checklist", "Checklist", "tickets.work_ticket", "console/ticket/checklist.html")
        add_panel(Panel(*todo, panels.checklist))
        time = ("time", "Time spent", "tickets.work_ticket", "console/ticket/time.html")
        add_panel(Panel(*time, panels.time_spent))
        earlier = ("earlier", "Earlier tickets", "tickets.view_ticket", "console/ticket/earlier.html")
        add_panel(Panel(*earlier, panels.earlier_tickets))
        articles = ("articles", "Articles that fit", "tickets.work_ticket", "console/ticket/articles.html")
        add_panel(Panel(*articles, panels.articles_that_fit))
