from common.journal import declare

REDELIVERED = declare("delivery.requeued", "sent again", delivery="id")
DIED = declare("delivery.died", "could not be delivered", delivery="id", reason="text")
