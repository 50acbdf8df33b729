"""The suite's own ground: throw-away folders, the embedded defaults where no server is named, the cast."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from pytest_django.plugin import blocking_manager_key

pytest_plugins = ["tests.cast"]
DATA_MIGRATIONS = (
    "accounts.migrations.0002_product_areas",
    "tickets.migrations.0003_triage_and_severity",
    "tickets.migrations.0009_default_views",
    "tickets.migrations.0014_default_rules",
    "sla.migrations.0002_default_rules",
)


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
    settings.PORTAL_UNDO_SECONDS = 0  # tests of what a reply does wait for none
    settings.ELASTICSEARCH_URL = ""  # whatever server the machine has: tests that need one name it
    settings.PORTAL_SEMANTIC_SEARCH = False  # its model takes a second to load: `semantic_search` turns it on


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Put back what migrations wrote: a test with transactions of its own empties every table when it ends.

    All but the cache's, which is none of Django's models: what such a test left there the next one must not read.
    """
    try:
        return (yield)
    finally:  # also where the test's own end failed: the next one is not to fail for that
        marker = item.get_closest_marker("django_db")
        if nextitem is not None and marker is not None and marker.kwargs.get("transaction"):
            with item.config.stash[blocking_manager_key].unblock():
                for migration in DATA_MIGRATIONS if _is_emptied() else ():
                    import_module(migration).add(apps, None)
                _empty_the_cache()


def _is_emptied() -> bool:
    """Tell whether there is something to put back: a test that was skipped has emptied nothing."""
    table = "accounts_productarea"
    return table in connection.introspection.table_names() and not apps.get_model(*table.split("_")).objects.exists()


def _empty_the_cache() -> None:
    if "cache" in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM cache")


@pytest.fixture(autouse=True)
def _own_library():
    """Rows of another test may have had the same ids."""
    from knowledgebase.search import meaning
    from sla import library
    from tickets import similar

    library.forget()
    meaning.nearest.forget()
    similar.nearest.forget()
