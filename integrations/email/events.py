from common.journal import declare

BOUNCED = declare(
    "email.bounced",
    "could not be delivered",
    address="text",
    reason="text",
    is_permanent="true or false",
    delivery="id",
)
MAIL_ACCEPTED = declare("email.accepted", "took a held mail", inbound="id", person="id", ticket="id")
COMPLAINED = declare("email.complained", "was called spam", address="text", delivery="id or null")
SUPPRESSION_LIFTED = declare(
    "email.suppression_lifted", "let mail go to an address again", address="text", cause="text"
)
TEMPLATE_CHANGED = declare("email.template_changed", "changed what a mail says", mail="name", language="code")
TEMPLATE_RESET = declare("email.template_reset", "went back to a mail's built-in words", mail="name", language="code")
