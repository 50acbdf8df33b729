"""The one place that reads the environment.

Every variable may be given as NAME or as NAME_FILE, the path of a file that holds the value
(a mounted secret). A malformed value stops the start with one line that names the variable and
never repeats the value, because it may be a secret.
"""

from __future__ import annotations

import os
import secrets
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

Parsed = TypeVar("Parsed")

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class Refused(ImproperlyConfigured):
    """A variable cannot be used; the message is one line and names it."""


def text(name: str, default: str = "") -> str:
    """Return NAME, or the content of the file NAME_FILE points at, stripped of white space."""
    path = os.environ.get(f"{name}_FILE", "").strip()
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"{name}_FILE: cannot read the file it names ({type(error).__name__})") from error
    value = os.environ.get(name)
    return default if value is None or not value.strip() else value.strip()


def boolean(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise Refused(f"{name}: must be true or false")


def integer(name: str, default: int, least: int, most: int) -> int:
    value = text(name)
    if not value:
        return default
    if not value.lstrip("-").isdecimal() or not least <= int(value) <= most:
        raise Refused(f"{name}: must be a whole number from {least} to {most}")
    return int(value)


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Return the comma-separated words of NAME."""
    return [word.strip() for word in text(name).split(",") if word.strip()] or list(default)


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in choices:
        raise Refused(f"{name}: must be one of {', '.join(choices)}")
    return value


def zone(name: str, default: str = "UTC") -> str:
    """Return the IANA name of a time zone."""
    value = text(name, default)
    if value not in zoneinfo.available_timezones():
        raise Refused(f"{name}: must be a time zone by its IANA name, like Europe/Oslo")
    return value


def url(name: str, schemes: tuple[str, ...], default: str = "") -> str:
    value = text(name, default)
    if not value:
        return ""
    parts = _parse(name, value, urlsplit)
    if parts.scheme not in schemes or not parts.hostname:
        raise Refused(f"{name}: must be an address starting with {' or '.join(s + '://' for s in schemes)}")
    return value


def database(name: str, default_path: Path) -> dict[str, object]:
    """Return Django's settings of the database NAME addresses; SQLite at `default_path` where it is unset."""
    value = text(name)
    if not value:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default_path)}
    is_known = value.partition("://")[0] in {"postgresql", "postgres", "sqlite"}
    config: dict[str, object] = _parse(name, value, environ.Env.db_url_config) if is_known else {}
    if not config.get("NAME"):
        raise Refused(f"{name}: must be postgresql://USER:PASSWORD@HOST:PORT/NAME or sqlite:///PATH")
    return config


def email(name: str) -> dict[str, object]:
    """Return Django's mail settings of the SMTP server NAME addresses; {} where it is unset."""
    value = url(name, ("smtp", "smtps", "smtp+tls", "smtp+ssl"))
    return _parse(name, value, environ.Env.email_url_config) if value else {}


def secret(name: str, kept_in: Path | None) -> str:
    """Return the secret NAME; where it is unset, one made once and kept in the folder `kept_in`.

    With no folder it is made for this process alone.
    """
    value = "".join(text(name).split())  # `openssl rand -base64 64` prints two lines
    if value:
        return value
    if kept_in is None:
        return secrets.token_urlsafe(64)
    path = kept_in / f"{name.lower()}.key"
    try:
        with open(path, "x", encoding="ascii", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()


def _parse(name: str, value: str, parse: Callable[[str], Parsed]) -> Parsed:
    try:
        return parse(value)
    except Exception as error:  # parsers raise many kinds; none of their words may be shown, they quote the value
        raise Refused(f"{name}: is not a valid address") from error
