from django.urls import URLPattern, URLResolver, path

from tickets.satisfaction.views import survey_page
from tickets.views import listing, opening, suggesting, ticket
from tickets.views.doors import by_link, signed_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("tickets", listing.ticket_list, name="ticket-list"),
    path("tickets/new", opening.new_ticket, name="ticket-new"),
    path("tickets/new/suggestions", suggesting.suggest, name="ticket-suggestions"),
    path("tickets/new/opened", suggesting.opened, name="ticket-article-opened"),
    path("tickets/new/solved", suggesting.solved, name="ticket-solved"),
    path("tickets/sent", opening.sent, name="ticket-sent"),
    path("tickets/find", opening.find, name="ticket-find"),
    path("tickets/find/sent", opening.find_sent, name="ticket-find-sent"),
    path("tickets/<str:reference>", signed_in(ticket.ticket_page), name="ticket-detail"),
    path("tickets/<str:reference>/reply", signed_in(ticket.reply), name="ticket-reply"),
    path("tickets/<str:reference>/solve", signed_in(ticket.solve), name="ticket-solve"),
    path("tickets/<str:reference>/reopen", signed_in(ticket.reopen), name="ticket-reopen"),
    path("tickets/<str:reference>/rate", signed_in(ticket.rate), name="ticket-rate"),
    path("tickets/<str:reference>/cancel", signed_in(ticket.cancel), name="ticket-cancel"),
    path("tickets/<str:reference>/people", signed_in(ticket.add_person), name="ticket-people"),
    path(
        "tickets/<str:reference>/people/<int:person_id>/remove", signed_in(ticket.remove_person), name="ticket-person"
    ),
    path("tickets/<str:reference>/files/<uuid:uid>", signed_in(ticket.download), name="ticket-file"),
    path("t/<str:token>", by_link(ticket.ticket_page), name="tracking"),
    path("t/<str:token>/reply", by_link(ticket.reply), name="tracking-reply"),
    path("t/<str:token>/solve", by_link(ticket.solve), name="tracking-solve"),
    path("t/<str:token>/reopen", by_link(ticket.reopen), name="tracking-reopen"),
    path("t/<str:token>/rate", by_link(ticket.rate), name="tracking-rate"),
    path("t/<str:token>/cancel", by_link(ticket.cancel), name="tracking-cancel"),
    path("t/<str:token>/people", by_link(ticket.add_person), name="tracking-people"),
    path("t/<str:token>/files/<uuid:uid>", by_link(ticket.download), name="tracking-file"),
    path("survey/<str:token>", survey_page, name="survey"),
]
