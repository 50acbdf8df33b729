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
