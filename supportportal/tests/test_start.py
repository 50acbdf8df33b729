"""Starting with a wrong or incomplete environment, as an operator sees it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(tmp_path, *command, **environment):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command],
        env={**kept, "DATA_DIR": str(tmp_path), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_malformed_variable_stops_any_command_with_one_line(tmp_path):
    ended = run(tmp_path, "manage.py", "check", PORT="eight thousand")
    assert ended.returncode == 1
    assert ended.stderr.strip() == "PORT: must be a whole number from 1 to 65535"


def test_a_production_start_names_each_missing_variable(tmp_path):
    ended = run(
        tmp_path,
        "-m",
        "gunicorn",
        "supportportal.wsgi",
        "--config",
        "supportportal/gunicorn.py",
        ALLOWED_HOSTS="a.example",
    )
    assert ended.returncode != 0
    assert ended.stderr.strip().splitlines()[-3:] == [
        "SECRET_KEY: must be set",
        "JWT_SECRET_KEY: must be set",
        "EMAIL_URL or SENDGRID_API_KEY: must be set",
    ]


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET_KEY"])
def test_the_deploy_check_names_a_missing_key(tmp_path, name):
    ended = run(tmp_path, "manage.py", "check", "--deploy", ALLOWED_HOSTS="a.example")
    assert ended.returncode == 1
    assert f"{name}: must be set" in ended.stderr


def test_commands_run_with_a_database_address_alone(tmp_path):
    """The deployment guide migrates from a bastion that has nothing but DATABASE_URL."""
    ended = run(tmp_path, "manage.py", "showmigrations", DATABASE_URL=f"sqlite:///{tmp_path}/x.sqlite3")
    assert ended.returncode == 0, ended.stderr
