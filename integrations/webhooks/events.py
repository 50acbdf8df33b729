from common.journal import declare

CREATED = declare("webhook.created", "added the webhook", name="text", url="address", event_types="list of names")
CHANGED = declare("webhook.changed", "changed the webhook", changes="field -> {from, to}")
DELETED = declare("webhook.deleted", "deleted the webhook", name="text", url="address")
DISABLED = declare("webhook.disabled", "switched the webhook off", reason="text")
SECRET_ROTATED = declare("webhook.secret_rotated", "gave the webhook a new secret", previous_until="instant")
TESTED = declare("webhook.tested", "sent the webhook a test event")
REDELIVERED = declare(
    "webhook.redelivered", "sent what the webhook was told again", since="instant", until="instant", count="number"
)
