"""A real IMAP server on loopback, for one test."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAM = shutil.which("dovecot") or "/usr/sbin/dovecot"
IS_INSTALLED = Path(PROGRAM).exists() and Path("/usr/lib/dovecot/imap").exists()
PASSWORD = "imap-password"
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
auth_mechanisms = plain login xoauth2
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = never
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
{oauth}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
"""
OAUTH = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth.conf
}}
"""


@dataclass(frozen=True)
class Server:
    port: int
    folder: Path
    owner: tuple[int, int]

    def url(self, user: str = "support", password: str = PASSWORD) -> str:
        return f"imap://{user}:{password}@127.0.0.1:{self.port}"


@contextmanager
def running(token_info_url: str = "") -> Iterator[Server]:
    """Start the server as somebody without rights, wait until it answers, and stop it.

    token_info_url: whom it asks whether an OAuth token is good.
    """
    account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    process = None
    try:
        server = Server(_free_port(), folder, (account.pw_uid, account.pw_gid))
        _write_config(server, account, token_info_url)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, *server.owner)
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
        process = subprocess.Popen([PROGRAM, "-F", "-c", str(folder / "dovecot.conf")], **who)
        _wait(server, process)
        yield server
    finally:
        if process is not None:
            process.terminate()
            process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _write_config(server: Server, account: pwd.struct_passwd, token_info_url: str) -> None:
    folder = server.folder
    for name in ("run", "state", "mail", "home"):
        (folder / name).mkdir()
    import grp

    facts = {"folder": folder, "user": account.pw_name, "group": grp.getgrgid(account.pw_gid).gr_name}
    oauth = OAUTH.format(folder=folder) if token_info_url else ""
    (folder / "oauth.conf").write_text(f"tokeninfo_url = {token_info_url}\nusername_attribute = email\n")
    config = CONFIG.format(
        **facts, port=server.port, password=PASSWORD, uid=account.pw_uid, gid=account.pw_gid, oauth=oauth
    )
    (folder / "dovecot.conf").write_text(config)


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", server.port), 1) as connection:
                connection.settimeout(5)
                if connection.recv(10).startswith(b"* OK"):
                    return
        except OSError:
            if process.poll() is not None:
                break
        time.sleep(0.1)
    log = server.folder / "log"
    raise RuntimeError(f"dovecot did not start: {log.read_text() if log.exists() else process.poll()}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
