"""What `script/server` runs: make the portal ready on this machine, say who can sign in, start its processes.

Safe to start twice: the second start finds the lock, says where the portal runs, and ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

import django
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportportal.settings")
    try:
        django.setup()
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    from django.conf import settings

    lock = (settings.DATA_DIR / "server.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"The portal is running already: {settings.SITE_URL}/")
        return
    _refuse_taken_port(settings.PORT)
    _make_ready(settings.DATA_DIR)
    _introduce(settings.SITE_URL, settings.DATA_DIR / "accounts.json")
    # The process manager gives each process a PORT of its own; the address in mails is the web process's.
    os.environ["SITE_URL"] = settings.SITE_URL
    _become_processes(lock.fileno(), settings.PORT)


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(f"Port {port} is taken. Choose another: PORT={port + 1} script/server")


def _make_ready(data_dir: Path) -> None:
    from django.conf import settings
    from django.core.management import call_command

    from tickets.models import Ticket

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    if not Ticket.objects.exists():
        print("Filling the portal with people and tickets to try it with.")
        call_command("seed_demo", accounts_file=data_dir / "accounts.json", verbosity=0)
    stamp, state = Path(settings.STATIC_ROOT) / ".made-from", _static_state()
    if not stamp.exists() or stamp.read_text() != state:
        print("Collecting styles, scripts and pictures.")
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(state)


def _static_state() -> str:
    """Return a digest that changes when a static file or a package that brings some does."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        if path.is_file():
            digest.update(f"{path}{path.stat().st_mtime_ns}{path.stat().st_size}".encode())
    return digest.hexdigest()


def _introduce(address: str, accounts_file: Path) -> None:
    print(f"\nThe portal:   {address}/\nThe console:  {address}/admin/\nIts mails:    {address}/dev/mail/\n")
    if accounts_file.exists():
        print(f"Who can sign in (kept in {accounts_file}):")
        for account in json.loads(accounts_file.read_text(encoding="utf-8")):
            print(f"  {account['email']:<42} {account['password']}   {account['name']}, {account['role']}")
    print("\nCtrl-C stops everything.\n", flush=True)


def _become_processes(lock: int, port: int) -> NoReturn:
    """Replace this process by the process manager, which keeps the lock open for as long as it lives."""
    os.set_inheritable(lock, True)
    os.environ["PORT"] = str(port)
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.chdir(ROOT)
    honcho = Path(sys.executable).parent / "honcho"
    os.execv(honcho, [str(honcho), "start", "--no-prefix"])  # noqa: S606 - our own program, no shell


if __name__ == "__main__":
    main()
