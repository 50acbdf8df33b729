"""The suite's own ground: throw-away folders, the embedded defaults where no server is named, the cast."""

from __future__ import annotations

import os
import tempfile

import pytest

# Before settings are read: keys and files of a test run belong to the run, and DATABASE_URL alone must do.
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="portal-tests-"))
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ.setdefault("JWT_SECRET_KEY", "only-for-tests-" + "y" * 50)
os.environ.setdefault("ALLOWED_HOSTS", "localhost,127.0.0.1,testserver")
os.environ.setdefault("EMAIL_URL", "smtp://127.0.0.1:1")

pytest_plugins = ["tests.cast"]


@pytest.fixture(autouse=True)
def _own_ground(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CELERY_TASK_ALWAYS_EAGER = False
