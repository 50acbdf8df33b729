"""Every migration is there, goes back, and comes again."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

OURS = ("integrations", "sla", "tickets", "knowledgebase", "accounts", "common")
# The order in which they can go: the libraries' tables that name our people go before them.
BACKWARDS = (
    *("integrations", "sla", "tickets", "knowledgebase", "token_blacklist", "account", "admin", "accounts"),
    "common",
)


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_every_migration_reverses():
    tables = {model._meta.db_table for app in OURS for model in apps.get_app_config(app).get_models()}
    assert tables <= set(connection.introspection.table_names())
    try:
        for app in BACKWARDS:
            call_command("migrate", app, "zero", verbosity=0, interactive=False)
        assert not tables & set(connection.introspection.table_names())
    finally:
        call_command("migrate", verbosity=0, interactive=False)
    assert tables <= set(connection.introspection.table_names())
