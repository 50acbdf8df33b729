"""How the outside learns of events: each channel says here which kinds it listens to."""

from common import journal
from integrations import registry
from integrations.email import mails, transport


def register() -> None:
    registry.register(registry.Kind("email", "Email", transport.send))
    for mail in mails.MAILS:
        journal.subscribe(mail.kinds, mail.queue)
