from common.journal import declare

REDELIVERED = declare("delivery.requeued", "sent again", delivery="id")
DIED = declare("delivery.died", "could not be delivered", delivery="id", reason="text")
REPLAYED = declare("inbound.replayed", "processed a message again", source="name")
DISCARDED = declare("inbound.discarded", "put a message aside", source="name")
