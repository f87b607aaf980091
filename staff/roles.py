"""The roles of the editors' desk: which permissions each group holds, and who may hand them out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

#: What editors write, and readers see once somebody who may publish it has published it.
DRAFTED = (
    "recommendations.recommendation",
    "recommendations.evidence",
    "recommendations.citylink",
    "progress.update",
    "progress.updateeffect",
)
#: What editors add, to cite it. A new one changes nothing that a published text rests on.
CITED = ("sources.source", "sources.sourcesection")
#: What readers see at once: to change it is to publish it.
SHOWN = (
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
    "progress.checkpoint",
)
#: Nothing of all that is deleted by a role: entries are archived, and a name in use stays in use.
WRITTEN = (*DRAFTED, *CITED, *SHOWN)
#: Parts of an entry or an update: taking one out is an edit of the whole.
PARTS = ("recommendations.evidence", "recommendations.citylink", "progress.updateeffect")
#: What the product keeps by itself, for editors to look at.
SEEN = ("recommendations.entryversion", "recommendations.coverage", "recommendations.import", "common.formerslug")

#: What the groups are called; their rows keep one name, by which they are found again.
NAMES = {
    "Editors": gettext_lazy("Editors"),
    "Reviewers": gettext_lazy("Reviewers"),
    "Administrators": gettext_lazy("Administrators"),
    "Auditors": gettext_lazy("Auditors"),
}

PUBLISH = "recommendations.publish_recommendation"
#: The steps of an entry's life that are not an edit: an editor's, and those that decide what readers see.
SUBMIT = "recommendations.submit_recommendation"
PUBLISH_UPDATE = "progress.publish_update"
DECIDE = frozenset(
    {PUBLISH, PUBLISH_UPDATE, "recommendations.archive_recommendation", "recommendations.restore_recommendation"}
)
#: Whoever holds one of these answers for what the site says, or for who may say it.
WEIGHTY = (*sorted(DECIDE), "auth.add_user", "auth.change_user", "auth.change_group")


def name_of(group: str) -> str:
    """What a group is called in the language in force; one that we did not make has the name it was given."""
    return str(NAMES.get(group, group))


def permission(verb: str, model: str) -> str:
    """The name of a permission, as ``app.codename``."""
    app, name = model.split(".")
    return f"{app}.{verb}_{name}"


def roles() -> dict[str, frozenset[str]]:
    """Group → what its members may do. An administrator may all that the others may: who could appoint them else?"""
    views = {permission("view", model) for model in (*WRITTEN, *SEEN)}
    drafts = {permission(verb, model) for model in DRAFTED for verb in ("add", "change")}
    adds = {permission("add", model) for model in CITED}
    writes = {permission(verb, model) for model in WRITTEN for verb in ("add", "change")}
    parts = {permission("delete", model) for model in PARTS}
    watching = {"auth.view_user", "auth.view_group", "staff.view_auditentry"}
    editing = views | drafts | adds | parts | {SUBMIT}
    deciding = editing | writes | DECIDE
    return {
        "Editors": frozenset(editing),
        "Reviewers": frozenset(deciding),
        "Administrators": frozenset(deciding | watching | {"auth.add_user", "auth.change_user"}),
        "Auditors": frozenset(views | watching),
    }


# Who may hand out what -----------------------------------------------------------------------------------------


def rights_of(user: User) -> set[int]:
    """The permissions an account has been given, those of its groups included, also while it may not sign in."""
    given = Permission.objects.filter(Q(user=user) | Q(group__user=user))
    return set(given.values_list("pk", flat=True))


def may_manage(actor: User, account: User) -> bool:
    """Whether ``account`` has no right that ``actor`` lacks: only such accounts may ``actor`` change."""
    if actor.is_superuser:
        return True
    return not account.is_superuser and rights_of(account) <= rights_of(actor)


def grantable_groups(actor: User) -> QuerySet[Group]:
    """The groups ``actor`` may put somebody into: those that hold no right ``actor`` lacks."""
    if actor.is_superuser:
        return Group.objects.order_by("name")
    beyond = Permission.objects.exclude(pk__in=rights_of(actor))
    return Group.objects.exclude(permissions__in=beyond).order_by("name")


def is_weighty(user: Any) -> bool:
    """Whether what ``user`` may do reaches readers, or others' accounts."""
    return bool(user.is_superuser or any(user.has_perm(name) for name in WEIGHTY))
