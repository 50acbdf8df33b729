"""Logs: one JSON object a line on standard output, with the request or task id; words for people in DEBUG."""

from typing import Any

import structlog

SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def config(is_readable: bool) -> dict[str, Any]:
    """Return Django's LOGGING; sets structlog up on the way."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED_PROCESSORS,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = structlog.dev.ConsoleRenderer() if is_readable else structlog.processors.JSONRenderer()
    finish: list[Any] = [] if is_readable else [structlog.processors.format_exc_info]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "event": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish, renderer],
                "foreign_pre_chain": SHARED_PROCESSORS,
            }
        },
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "event"}},
        "root": {"handlers": ["stdout"], "level": "INFO"},
        "loggers": {
            # The request log already has one line a request; Django's repeats it.
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "ERROR"},
            "gunicorn.access": {"level": "WARNING"},
            "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
            "elastic_transport": {"level": "WARNING"},  # a line for each question
            "kombu": {"level": "WARNING"},
            # Every five seconds a sweep that finds nothing: only what goes wrong is worth a line.
            "celery": {"level": "WARNING"},
            "django_structlog.celery": {"level": "WARNING"},
        },
    }
