"""Letting somebody in again who locked themselves out, by whoever runs the server."""

import argparse
import getpass
import sys
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from staff import actions, factors


class Command(BaseCommand):
    help = (
        "Lift the lock of a member of staff after too many failed sign-ins, and say what else stands between them and "
        "the desk. The options mend that too. Everything is written into the audit log."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--password",
            action="store_true",
            help="ask for another password (from a pipe: one line); ends all sessions",
        )
        parser.add_argument(
            "--second-factor", action="store_true", help="take the second factor away, for one who lost it"
        )
        parser.add_argument("--activate", action="store_true", help="let an account in that is switched off")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"no account {options['username']}: createsuperuser makes one")
        password = new_password(user) if options["password"] else None
        done = actions.recover(
            user=user,
            password=password,
            lose_factor=options["second_factor"],
            activate=options["activate"],
            at=timezone.now(),
        )
        if options["verbosity"]:
            self.report(user, done)

    def report(self, user: User, done: list[str]) -> None:
        for line in done or ["nothing had to be done"]:
            self.stdout.write(f"{user}: {line}")
        for line in hindrances(user):
            self.stderr.write(f"{user}: {line}")


def new_password(user: User) -> str:
    """What is typed twice, or the one line of a pipe. Raises ``CommandError`` where the rules refuse it."""
    if sys.stdin.isatty():
        typed = getpass.getpass("New password: ")
        if getpass.getpass("Again: ") != typed:
            raise CommandError("the two are not the same; nothing was changed")
    else:
        typed = sys.stdin.readline().rstrip("\r\n")
    try:
        validate_password(typed, user)
    except ValidationError as error:
        raise CommandError(f"{' '.join(error.messages)} Nothing was changed.") from None
    return typed


def hindrances(user: User) -> list[str]:
    """What still keeps ``user`` from the desk, or will be asked of them."""
    found = []
    if not (user.is_active and user.is_staff):
        found.append("is switched off (--activate)")
    if not user.has_usable_password():
        found.append("has no password (--password)")
    if not (user.is_superuser or user.groups.exists()):
        found.append("is in no group, so the desk shows nothing")
    if factors.has_factor(user):
        found.append(f"will be asked for a code; {factors.codes_left(user)} recovery codes left (--second-factor)")
    return found
