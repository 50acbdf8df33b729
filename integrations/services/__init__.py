"""Every write of the doors to other systems. The only way to change a row of this room."""

from integrations.services.circuits import end_rest
from integrations.services.delivering import claim, deliver, deliver_due, due_circuits
from integrations.services.incoming import discard, process_due, receive, replay
from integrations.services.joining import claim_along, give_back_along, settle_along
from integrations.services.queueing import queue_delivery
from integrations.services.redelivering import redeliver, redeliver_between

__all__ = [
    "claim",
    "claim_along",
    "deliver",
    "deliver_due",
    "discard",
    "due_circuits",
    "end_rest",
    "give_back_along",
    "process_due",
    "queue_delivery",
    "receive",
    "redeliver",
    "redeliver_between",
    "replay",
    "settle_along",
]
