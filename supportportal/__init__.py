"""Wiring: settings, routes, Celery, logging, start-up checks. Imported by no app."""

from supportportal.celery import app as celery_app

__version__ = "1.0.0"
__all__ = ["__version__", "celery_app"]
