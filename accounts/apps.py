from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and organizations"

    def ready(self) -> None:
        from accounts import events, expiry  # noqa: F401 - declare kinds of event and what is purged
        from accounts.roles import grant_starting_permissions

        # Permissions exist only after the migrations of all apps, so the groups cannot be made by one of them.
        post_migrate.connect(grant_starting_permissions, dispatch_uid="accounts.roles")
