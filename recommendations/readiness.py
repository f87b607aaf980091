"""What an entry needs before readers may see it, and where on its form each part is given."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.choices import Status
from recommendations.models import Recommendation
from recommendations.snapshot import Document

#: The texts without which no entry is published, each with the line that asks for it.
NEEDED_TEXTS: dict[str, str | Promise] = {
    "title_en": _("a title in English"),
    "title_zh_hans": _("a title in Chinese"),
    "summary_en": _("a summary in English"),
    "summary_zh_hans": _("a summary in Chinese"),
}
NEEDED_PILLAR = _("a pillar")
NEEDED_EVIDENCE = _("one piece of evidence with its source and locator")
NEEDED_UPDATE = _("a dated, sourced update that says its status")


@dataclass(frozen=True, slots=True)
class Need:
    """One thing readers need: ``anchor`` is where its form asks for it, empty where it is given elsewhere."""

    line: str | Promise
    anchor: str
    is_met: bool


def needs(entry: Recommendation, said: Document | None = None) -> list[Need]:
    """Everything ``entry`` needs, in the order of its form, each met or not; with ``said``, once it says that."""
    texts = said["texts"] if said else {column: getattr(entry, column) for column in NEEDED_TEXTS}
    has_pillar = bool(said["pillar"]) if said else entry.pillar_id is not None
    found = [Need(NEEDED_PILLAR, "id_pillar", has_pillar)]
    found += [Need(line, f"id_{column}", bool(texts[column].strip())) for column, line in NEEDED_TEXTS.items()]
    if said:
        has_evidence = any(row["paragraph"] and row["key_phrase"] for row in said["evidence"])
    else:
        has_evidence = bool(entry.pk) and entry.evidence.exists()
    found.append(Need(NEEDED_EVIDENCE, "evidence-group", has_evidence))
    original = entry.original
    if original.status != Status.NO_FOLLOW_UP_FOUND:
        found.append(Need(NEEDED_UPDATE, "", original.update_effects.stating().exists()))
    return found


def missing_for_publication(entry: Recommendation) -> list[str | Promise]:
    """What ``entry`` still needs before it may be published, one line each; empty where nothing."""
    return [need.line for need in needs(entry) if not need.is_met]
