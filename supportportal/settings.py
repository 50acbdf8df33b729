"""Every setting of the portal. Names of environment variables are those of docs/api.md and .env.example.

With nothing set this is the embedded default: SQLite, files and localhost only. DATABASE_URL or
ALLOWED_HOSTS make it a production start, which wants its keys, hosts and mail named (PORTAL_MISSING).
"""

import zoneinfo
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE

from common import elastic
from supportportal import __version__, broker, console, env, logging
from supportportal.channels import *  # noqa: F403 - what the doors to other systems are set up with
from supportportal.channels import SENDGRID_API_KEY, SMTP
from supportportal.paths import BASE_DIR, DATA_DIR
from supportportal.rates import RATES
from supportportal.schedule import ROUTES, SCHEDULE

zoneinfo.reset_tzpath(to=[])  # the pinned tzdata; a machine's own copy comes first otherwise, and may be older

# --- core -------------------------------------------------------------------------------------------------------------

DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.boolean("DEBUG")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
IS_PRODUCTION = bool(env.text("DATABASE_URL") or ALLOWED_HOSTS)
PORT = env.integer("PORT", 8000, least=1, most=65535)
SITE_URL = env.url("SITE_URL", ("http", "https"), f"http://localhost:{PORT}").rstrip("/")
IS_HTTPS = SITE_URL.startswith("https://")

# A production command without its keys (a migration from a bastion) gets throw-away ones.
SECRET_KEY = env.secret("SECRET_KEY", kept_in=None if IS_PRODUCTION else DATA_DIR)
JWT_SECRET_KEY = env.secret("JWT_SECRET_KEY", kept_in=None if IS_PRODUCTION else DATA_DIR)

if not IS_PRODUCTION:
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

ROOT_URLCONF = "supportportal.urls"
WSGI_APPLICATION = "supportportal.wsgi.application"
APPEND_SLASH = False
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # an address is unique whatever its case, by a constraint
    "drf_spectacular.W001",  # names of enumerations: supportportal/description.py gives them
    "security.W021",  # to be listed for HSTS preloading is the decision of whoever owns the domain
]

# --- apps -------------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # its templates and styles; the console's site is our own
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "supportportal.apps.WiringConfig",
    "supportportal.console.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "csp",
    "django_structlog",
    "anymail",
    "django_elasticsearch_dsl",
    "common",
    "accounts",
    "knowledgebase",
    "tickets",
    "sla",
    "integrations",
]

MIDDLEWARE = [
    "common.middleware.RequestIdMiddleware",
    "common.middleware.RequestLogMiddleware",
    "common.middleware.DatabaseOutageMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "common.middleware.BodyLimitMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.PersonTimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "supportportal.console.ConsolePolicyMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["common.templatetags.portal"],
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "common.context_processors.portal",
            ],
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "uploads"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

# --- database ---------------------------------------------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES: dict[str, dict[str, Any]] = {"default": env.database("DATABASE_URL", DATA_DIR / "portal.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}  # a file, so that its locks are real
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE takes the write lock at BEGIN, so that a read that turns into a write waits instead of failing.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"] |= {"CONN_HEALTH_CHECKS": True}
    # A short reconnect_timeout: after a long outage the next request tries anew instead of waiting out a back-off.
    pool = {"min_size": 1, "max_size": 8, "timeout": 5, "reconnect_timeout": 10}
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = pool

# --- search -----------------------------------------------------------------------------------------------------------

# Elasticsearch 8 or OpenSearch 2; without it, and while it is down, the database searches.
ELASTICSEARCH_URL = env.url("ELASTICSEARCH_URL", ("http", "https"))
ELASTICSEARCH_DSL = {"default": elastic.connection(ELASTICSEARCH_URL or "http://127.0.0.1:9200")}
ELASTICSEARCH_DSL_SIGNAL_PROCESSOR = "django_elasticsearch_dsl.signals.BaseSignalProcessor"  # ours is a task
ELASTICSEARCH_DSL_AUTO_REFRESH = False
PORTAL_SEARCH_ALIAS = "kb_articles"
PORTAL_SEMANTIC_SEARCH = env.boolean("SEMANTIC_SEARCH", True)
PORTAL_SEARCH_TEXT_DAYS = 90  # how long the texts that readers look for are kept

# --- cache and broker -------------------------------------------------------------------------------------------------

REDIS_URL = env.url("REDIS_URL", ("redis", "rediss"))
REDIS = {"LOCATION": REDIS_URL, "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2}}
DATABASE_CACHE = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "common.cache.ForgivingRedisCache", **REDIS} if REDIS_URL else DATABASE_CACHE,
    # Where a count or a lock must not be made up while Redis is away.
    "counters": {"BACKEND": "django.core.cache.backends.redis.RedisCache", **REDIS} if REDIS_URL else DATABASE_CACHE,
}

CELERY_BROKER_URL = REDIS_URL or f"{broker.SCHEME}://localhost"
if REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"socket_connect_timeout": 2, "socket_timeout": 30}
else:
    (DATA_DIR / "broker" / "control").mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA_DIR / "broker"),
        "data_folder_out": str(DATA_DIR / "broker"),
        "control_folder": str(DATA_DIR / "broker" / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_TASK_ROUTES = ROUTES

# --- security ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "ticket-list"
LOGOUT_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "integrations.email.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # sign-up is closed; without the second, so is the password form
ACCOUNT_EMAIL_VERIFICATION = "none"  # a code sent to the address is what signs a guest in
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None

CSRF_FAILURE_VIEW = "supportportal.refusals.csrf_failure"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
# Probes inside a cluster speak plain HTTP; a mail that is answered with a redirect is lost for good.
SECURE_REDIRECT_EXEMPT = [r"^api/health", r"^webhooks/"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "script-src": [SELF],
        "style-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# What unfold's Alpine expressions and its colour block need; given to the console's pages alone.
CONSOLE_CONTENT_SECURITY_POLICY = {"script-src": [SELF, UNSAFE_EVAL, NONCE], "style-src": [SELF, UNSAFE_INLINE]}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- API --------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.PersonalAccessTokenAuthentication",
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "accounts.authentication.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.parsers.StrictJSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["common.ratelimit.DefaultRate"],
    "DEFAULT_PAGINATION_CLASS": "common.pagination.CursorPagination",
    "DEFAULT_SCHEMA_CLASS": "common.schema.PortalSchema",
    "EXCEPTION_HANDLER": "common.problems.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DATETIME_FORMAT": "iso-8601",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=30),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "UPDATE_LAST_LOGIN": False,
    "ALGORITHM": env.choice("JWT_ALGORITHM", "HS256", ("HS256", "HS384", "HS512")),
    "SIGNING_KEY": JWT_SECRET_KEY,
    "USER_ID_CLAIM": "sub",
    "CHECK_REVOKE_TOKEN": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "OpenDataGov Support Portal",
    "DESCRIPTION": "Tickets, their conversation and the knowledge base. See docs/api.md for the conventions.",
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# --- console ----------------------------------------------------------------------------------------------------------

UNFOLD = console.UNFOLD

# --- logging ----------------------------------------------------------------------------------------------------------

LOGGING = logging.config(is_readable=DEBUG)
LOGGING_CONFIG = "logging.config.dictConfig"
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_COMMAND_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # RequestIdMiddleware has made sure that it is clean
DJANGO_STRUCTLOG_USER_ID_FIELD = None  # reading the user would cost every request, health checks too, a query

# --- our own ----------------------------------------------------------------------------------------------------------

METRICS_TOKEN = env.text("METRICS_TOKEN")
# Whether addresses that somebody typed in (a feed, later a webhook) may lie inside the private network.
PORTAL_PRIVATE_ADDRESSES_ALLOWED = env.boolean("PRIVATE_ADDRESSES_ALLOWED")
# Paths whose next part opens something by itself, and therefore stands in no log.
PORTAL_SECRET_PATHS = ["/t", "/survey", "/unsubscribe", "/api/v1/attachments", "/accounts/password/reset/key"]
PORTAL_VERSION = __version__
PORTAL_NAME = "OpenDataGov Support"
PORTAL_TICKET_PREFIX = "ODG"
PORTAL_AUTO_CLOSE_DAYS = 7
# How new tickets without a team find an agent; a team's own way is set in the console.
_assign_new = env.choice("ASSIGN_NEW_TICKETS", "nobody", ("nobody", "skill_based", "round_robin", "load_balanced"))
PORTAL_ASSIGNMENT_STRATEGY = "" if _assign_new == "nobody" else _assign_new.upper()
PORTAL_TRACKING_LINK_DAYS = 90
PORTAL_UNDO_SECONDS = env.integer("UNDO_SECONDS", 10, least=0, most=60)  # a reply from the console waits so long
# Of the people who begin a ticket, how many are offered no articles, so that it shows what offering them does.
PORTAL_SUGGESTIONS_HOLD_OUT_PERCENT = env.integer("SUGGESTIONS_HOLD_OUT_PERCENT", 5, least=0, most=50)
PORTAL_SURVEYS = env.boolean("SURVEYS", True)  # whether requesters are asked how good the help was
PORTAL_SURVEY_DELAY_HOURS = env.integer("SURVEY_DELAY_HOURS", 24, least=0, most=720)  # after it was given (C18)
PORTAL_SURVEY_LINK_DAYS = env.integer("SURVEY_LINK_DAYS", 30, least=1, most=365)
PORTAL_SURVEY_COMMENT_DAYS = env.integer("SURVEY_COMMENT_DAYS", 730, least=30, most=3650)
PORTAL_CSAT_GOOD, PORTAL_CSAT_FAIR = 4.5, 4.0  # averages of ratings from 1 to 5 (C19)
PORTAL_TIME_ZONE = env.zone("PORTAL_TIME_ZONE")  # in which the portal itself counts weeks
PORTAL_WEEKLY_REPORT = env.boolean("WEEKLY_REPORT", True)  # whether supervisors get last week's numbers on Mondays
PORTAL_WEEKLY_REPORT_HOUR = env.integer("WEEKLY_REPORT_HOUR", 7, least=0, most=23)
PORTAL_INBOUND_PATH = "/webhooks/"
PORTAL_INBOUND_BODY_LIMIT_BYTES = 36_000_000  # a mail of 30 MB, in the sender's form
PORTAL_BODY_LIMIT_BYTES = 55_000_000  # five files of 10 MB and their form
# Whom an escalation step writes to, by role (a step names the role, never an address).
PORTAL_ROLE_ADDRESSES = {
    "manager": env.text("ESCALATION_MANAGER_EMAIL", "manager@opendatagov.io"),
    "director": env.text("ESCALATION_DIRECTOR_EMAIL", "director@opendatagov.io"),
    "vp_engineering": env.text("ESCALATION_VP_ENGINEERING_EMAIL", "vp-eng@opendatagov.io"),
    "on_call": env.text("ESCALATION_ON_CALL_EMAIL", "oncall@opendatagov.io"),
    "leadership": env.text("ESCALATION_LEADERSHIP_EMAIL", "eng-leadership@opendatagov.io"),
}
PORTAL_STORM_BREACHES = 20  # more than these within PORTAL_STORM_MINUTES are told in one notice
PORTAL_STORM_BANNER = 50
PORTAL_STORM_MINUTES = 10
PORTAL_MONITOR_LAG_SECONDS = 300  # a monitor further behind than this is unwell
PORTAL_COMPLIANCE_GOOD_PERCENT = 95
PORTAL_COMPLIANCE_ALERT_PERCENT = 80
PORTAL_ATTACHMENT_LIMIT_BYTES = 10 * 1024 * 1024
PORTAL_ATTACHMENTS_PER_MESSAGE = 5
PORTAL_RATES = RATES
PORTAL_RATE_FREE_ADDRESSES: list[str] = []
PORTAL_TRUSTED_PROXIES = 1 if IS_HTTPS else 0

# What a production start still lacks: serving processes refuse to start, commands such as migrate run.
PORTAL_MISSING = [
    name
    for name, value in {
        "SECRET_KEY": env.text("SECRET_KEY"),
        "JWT_SECRET_KEY": env.text("JWT_SECRET_KEY"),
        "ALLOWED_HOSTS": ALLOWED_HOSTS,
        "EMAIL_URL or SENDGRID_API_KEY": SENDGRID_API_KEY or SMTP,
    }.items()
    if IS_PRODUCTION and not value
]
