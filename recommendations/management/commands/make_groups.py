"""The roles of the editors' desk."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

#: What editors write. Nothing of it is deleted by them: entries are archived, and a name in use stays in use.
WRITTEN = (
    "pillars.report",
    "pillars.pillar",
    "cities.region",
    "cities.city",
    "cities.area",
    "cities.membership",
    "themes.vocabulary",
    "themes.term",
    "themes.glossaryentry",
    "themes.wordgroup",
    "sources.source",
    "sources.sourcesection",
    "recommendations.recommendation",
    "recommendations.evidence",
    "recommendations.citylink",
    "progress.checkpoint",
    "progress.update",
    "progress.updateeffect",
)
#: Parts of an entry or an update: taking one out is an edit of the whole.
PARTS = ("recommendations.evidence", "recommendations.citylink", "progress.updateeffect")
#: What the product keeps by itself, for editors to look at.
SEEN = ("recommendations.entryversion", "recommendations.coverage", "recommendations.import", "common.formerslug")

#: The steps of an entry's life that are not an edit.
SUBMIT = "recommendations.submit_recommendation"
DECIDE = {f"recommendations.{step}_recommendation" for step in ("publish", "archive", "restore")}


def editor_permissions() -> set[str]:
    """What every editor may do, as ``app.codename``."""
    wanted = {_permission(verb, model) for model in WRITTEN for verb in ("add", "change", "view")}
    wanted |= {_permission("delete", model) for model in PARTS}
    return wanted | {_permission("view", model) for model in SEEN} | {SUBMIT}


def _permission(verb: str, model: str) -> str:
    app, name = model.split(".")
    return f"{app}.{verb}_{name}"


def _stored(wanted: set[str]) -> list[Permission]:
    """The permissions of these names; raises ``CommandError`` where the database does not know one."""
    apps = {name.split(".")[0] for name in wanted}
    rows = Permission.objects.filter(content_type__app_label__in=apps).select_related("content_type")
    found = {f"{row.content_type.app_label}.{row.codename}": row for row in rows}
    missing = sorted(wanted - found.keys())
    if missing:
        raise CommandError(f"no permission {missing[0]}: run migrate first")
    return [found[name] for name in sorted(wanted)]


class Command(BaseCommand):
    help = (
        "Make the groups Editors and Reviewers, or give them exactly their permissions again. Safe to repeat; "
        "neither may touch accounts."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        editing = editor_permissions()
        with transaction.atomic():
            for name, wanted in (("Editors", editing), ("Reviewers", editing | DECIDE)):
                group, _ = Group.objects.get_or_create(name=name)
                group.permissions.set(_stored(wanted))
                if options["verbosity"]:
                    self.stdout.write(f"{name}: {len(wanted)} permissions")
