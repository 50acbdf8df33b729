"""What the doors to other systems are set up with. A channel without its key is off, says so, and costs nothing."""

from supportportal import env
from supportportal.paths import DATA_DIR

# Settings whose values must never be stored, logged or shown.
PORTAL_CREDENTIALS = [
    "SENDGRID_API_KEY",
    "EMAIL_HOST_PASSWORD",
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRETS",
    "METRICS_TOKEN",
    "SECRET_KEY",
    "JWT_SECRET_KEY",
]

# --- mail out ---------------------------------------------------------------------------------------------------------

SENDGRID_API_KEY = env.text("SENDGRID_API_KEY")
SMTP = env.email("EMAIL_URL")
DEFAULT_FROM_EMAIL = env.text("SENDGRID_FROM_EMAIL", "support@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
if SENDGRID_API_KEY:
    EMAIL_BACKEND = "anymail.backends.sendgrid.EmailBackend"
elif SMTP:
    globals().update({name: value for name, value in SMTP.items() if name.startswith("EMAIL_")})
else:
    EMAIL_BACKEND = "integrations.email.backend.FileBackend"
ANYMAIL = {
    "SENDGRID_API_KEY": SENDGRID_API_KEY,
    "SENDGRID_API_URL": env.url("SENDGRID_API_URL", ("http", "https"), "https://api.sendgrid.com/v3/"),
    "REQUESTS_TIMEOUT": (5, 20),
}

# --- mail in ----------------------------------------------------------------------------------------------------------

PORTAL_READS_MAIL = False  # whether answers to our mails are read; nothing says so while they are not

# --- Slack ------------------------------------------------------------------------------------------------------------

SLACK_BOT_TOKEN = env.text("SLACK_BOT_TOKEN")
SLACK_SIGNING_SECRETS = env.words("SLACK_SIGNING_SECRET")  # the old and the new one while it is being changed
SLACK_API_URL = env.url("SLACK_API_URL", ("http", "https"), "https://slack.com/api/")
SLACK_RESPONSE_URL = env.url("SLACK_RESPONSE_URL", ("http", "https"), "https://hooks.slack.com/")  # answers go below it
SLACK_PROXY_URL = env.url("SLACK_PROXY_URL", ("http",))  # none but this one is used, whatever HTTPS_PROXY says
# The channel of each purpose, unless the console names another: a public one by its name, any by its id.
SLACK_CHANNELS = {
    "critical": env.text("SLACK_CRITICAL_CHANNEL", "#support-critical"),
    "alerts": env.text("SLACK_SUPPORT_ALERTS_CHANNEL", "#support-alerts"),
    "sla": env.text("SLACK_SLA_BREACHES_CHANNEL", "#sla-breaches"),
    "metrics": env.text("SLACK_METRICS_CHANNEL", "#support-metrics"),
    "general": env.text("SLACK_GENERAL_SUPPORT_CHANNEL", "#general-support"),
    "incidents": env.text("SLACK_INCIDENTS_CHANNEL", "#incidents"),
    "test": env.text("SLACK_TEST_CHANNEL", "#support-test"),
}
SLACK_SECONDS_MOST = 12  # of one call, however slowly its answer drips
SLACK_BATCH_NOTIFICATIONS = env.boolean("SLACK_BATCH_NOTIFICATIONS")
SLACK_BATCH_INTERVAL_SECONDS = env.integer("SLACK_BATCH_INTERVAL_SECONDS", 60, least=5, most=3600)
SLACK_DIGEST_HOUR = env.integer("SLACK_DIGEST_HOUR", 7, least=0, most=23)  # in UTC
SLACK_COMPLIANCE_FAIR_PERCENT = 90  # of a digest: below it is poor, from PORTAL_COMPLIANCE_GOOD_PERCENT on it is good
# Where in other systems an escalation step posts that names the system alone.
PORTAL_ESCALATION_CHANNELS = {"slack": "purpose:sla"}
