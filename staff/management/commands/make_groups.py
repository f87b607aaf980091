"""The roles of the editors' desk, as groups."""

import argparse
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from staff import audit
from staff.choices import Act
from staff.roles import roles


class Command(BaseCommand):
    help = (
        "Make the groups Editors, Reviewers, Administrators and Auditors, or give them what they lack. Safe to "
        "repeat: members stay, and a permission that this site gave a group besides is named and kept."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--exact", action="store_true", help="take away what this site gave the groups besides")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            for name, wanted in roles().items():
                extra = give(name, wanted, exact=options["exact"])
                if options["verbosity"]:
                    self.stdout.write(f"{name}: {len(wanted)} permissions")
                    self.report(name, extra)

    def report(self, name: str, extra: list[str]) -> None:
        if extra:
            self.stderr.write(f"{name}: kept besides (--exact takes them away): {', '.join(extra)}")


def give(name: str, wanted: frozenset[str], *, exact: bool) -> list[str]:
    """Give the group what it lacks; returns what it holds besides and keeps. Raises ``CommandError`` before migrate."""
    group, _ = Group.objects.get_or_create(name=name)
    held = {named(row): row for row in group.permissions.select_related("content_type")}
    missing, extra = wanted - held.keys(), sorted(held.keys() - wanted)
    group.permissions.add(*stored(missing))
    taken = extra if exact else []
    group.permissions.remove(*(held[one] for one in taken))
    if missing or taken:
        note = audit.changes_note(added=missing, removed=taken)
        audit.record(actor=None, act=Act.PERMISSIONS, subject=group, note=f"make_groups: {note}", at=timezone.now())
    return [] if exact else extra


def named(row: Permission) -> str:
    """A permission as ``app.codename``."""
    return f"{row.content_type.app_label}.{row.codename}"


def stored(wanted: frozenset[str]) -> list[Permission]:
    """The permissions of these names; raises ``CommandError`` where the database does not know one."""
    apps = {name.split(".")[0] for name in wanted}
    rows = Permission.objects.filter(content_type__app_label__in=apps).select_related("content_type")
    found = {named(row): row for row in rows}
    unknown = sorted(wanted - found.keys())
    if unknown:
        raise CommandError(f"no permission {unknown[0]}: run migrate first")
    return [found[name] for name in sorted(wanted)]
