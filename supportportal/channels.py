"""What the doors to other systems are set up with. A channel without its key is off, says so, and costs nothing."""

from supportportal import env
from supportportal.paths import DATA_DIR

# Settings whose values must never be stored, logged or shown.
PORTAL_CREDENTIALS = [
    "SENDGRID_API_KEY",
    "EMAIL_HOST_PASSWORD",
    "SMTP_FALLBACK_PASSWORD",
    "SENDGRID_INBOUND_SECRETS",
    "IMAP_URL",
    "IMAP_OAUTH_CLIENT_SECRET",
    "IMAP_OAUTH_REFRESH_TOKEN",
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

# A second mail server, used while the first one cannot be reached.
SMTP_FALLBACK = env.email("EMAIL_FALLBACK_URL")
SMTP_FALLBACK_PASSWORD = str(SMTP_FALLBACK.get("EMAIL_HOST_PASSWORD") or "")

# --- mail in ----------------------------------------------------------------------------------------------------------

# Words as "user:password", as SendGrid is to send them; the old and the new one while they are being changed.
SENDGRID_INBOUND_SECRETS = env.words("SENDGRID_INBOUND_SECRET")
SENDGRID_WEBHOOK_PUBLIC_KEYS = env.words("SENDGRID_WEBHOOK_PUBLIC_KEY")  # two while SendGrid makes a new one
SENDGRID_WEBHOOK_TOLERANCE_SECONDS = env.integer("SENDGRID_WEBHOOK_TOLERANCE", 300, least=30, most=172_800)
IMAP_URL = env.url("IMAP_URL", ("imap", "imaps", "imap+tls"))
IMAP_FOLDERS = env.words("IMAP_FOLDERS", ("INBOX",))
IMAP_OAUTH_TOKEN_URL = env.url("IMAP_OAUTH_TOKEN_URL", ("http", "https"))
IMAP_OAUTH_CLIENT_ID = env.text("IMAP_OAUTH_CLIENT_ID")
IMAP_OAUTH_CLIENT_SECRET = env.text("IMAP_OAUTH_CLIENT_SECRET")
IMAP_OAUTH_REFRESH_TOKEN = env.text("IMAP_OAUTH_REFRESH_TOKEN")
IMAP_OAUTH_SCOPE = env.text("IMAP_OAUTH_SCOPE")
MAIL_PIPE = env.boolean("MAIL_PIPE")  # whether a mail server hands mails to `manage.py receive_mail`
# Whether answers to our mails are read; nothing says so while they are not.
PORTAL_READS_MAIL = bool(SENDGRID_INBOUND_SECRETS or IMAP_URL or MAIL_PIPE)
# Whose Authentication-Results are believed; where it is not named, those that the last server wrote.
PORTAL_MAIL_AUTHENTICATION_SERVER = env.text("MAIL_AUTHENTICATION_SERVER")
# Whom a mail's Cc makes followers: never anybody, people of the sender's organization, or all.
PORTAL_MAIL_CC_FOLLOWERS = env.choice("MAIL_CC_FOLLOWERS", "organization", ("never", "organization", "all"))
PORTAL_MAIL_PER_SENDER = env.integer("MAIL_PER_SENDER", 20, least=1, most=10_000)  # more wait for an agent
PORTAL_MAIL_SENDER_MINUTES = 10

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
