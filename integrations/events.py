from common.journal import declare

REDELIVERED = declare("delivery.requeued", "sent again", delivery="id")
DIED = declare("delivery.died", "could not be delivered", delivery="id", reason="text")
REPLAYED = declare("inbound.replayed", "processed a message again", source="name")
SLACK_CHANNEL_CHOSEN = declare(
    "slack.channel_chosen", "chose a Slack channel", purpose="Purpose", channel="{from, to}; empty: none"
)
DISCARDED = declare("inbound.discarded", "put a message aside", source="name")
