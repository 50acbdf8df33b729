"""The suite's own ground: throw-away folders, the embedded defaults where no server is named, the cast."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from pytest_django.plugin import blocking_manager_key

pytest_plugins = ["tests.cast"]


@pytest.fixture(autouse=True)
def _own_ground(settings, tmp_path):
    settings.SITE_URL = "http://localhost:8000"
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
    settings.MEDIA_ROOT = tmp_path / "uploads"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CELERY_TASK_ALWAYS_EAGER = False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Put back what migrations wrote: a test with transactions of its own empties every table when it ends."""
    result = yield
    marker = item.get_closest_marker("django_db")
    if nextitem is not None and marker is not None and marker.kwargs.get("transaction"):
        with item.config.stash[blocking_manager_key].unblock():
            for migration in ("accounts.migrations.0002_product_areas", "tickets.migrations.0003_triage_and_severity"):
                import_module(migration).add(apps, None)
    return result
