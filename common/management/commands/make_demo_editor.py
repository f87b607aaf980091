"""The account ./demo shows its visitor."""

import argparse
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

USERNAME = "editor"
GROUPS = ("Editors", "Reviewers")


class Command(BaseCommand):
    help = "Create the demo's editor, or give the account its password and groups again. Only inside ./demo."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        # Not required: ``call_command`` would pass a required one as words of a command line, where one that
        # begins with a dash is taken for another option.
        parser.add_argument("--password", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("a demo editor is made by ./demo only: create accounts with createsuperuser")
        if not options["password"]:
            raise CommandError("--password is missing")
        groups = Group.objects.filter(name__in=GROUPS)
        if len(groups) != len(GROUPS):
            raise CommandError("the groups are missing: run make_groups first")
        editor, _ = get_user_model().objects.get_or_create(username=USERNAME)
        if not editor.check_password(options["password"]):
            editor.set_password(options["password"])
        editor.is_staff = editor.is_active = True
        editor.save()
        editor.groups.add(*groups)
