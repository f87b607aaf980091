from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "common"
    verbose_name = _("Shared")

    def ready(self) -> None:
        from common import frozen
        from common.changes import drop_triggers, install_triggers

        # Of all rooms at once: these signals come once a room, before the first and after the last migration.
        pre_migrate.connect(drop_triggers, sender=self, dispatch_uid="content triggers")
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="content triggers")
        post_migrate.connect(frozen.install, sender=self, dispatch_uid="frozen tables")
