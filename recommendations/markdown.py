"""An entry as Markdown: the same texts, evidence and provenance as its page, without the page."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.moments import written
from recommendations.entry_page import FIELD_LABELS, touched_cities
from recommendations.models import Recommendation
from recommendations.models.entry import TEXTS

#: What Markdown takes for a mark of its own.
MARKS = re.compile(r"([\\`*_\[\]<>#])")


def escaped(text: str) -> str:
    """``text`` as Markdown shows it letter for letter; paragraphs stay."""
    return MARKS.sub(r"\\\1", text)


def entry_text(entry: Recommendation, origin: str, *, level: int = 1) -> str:
    """``entry`` under a heading of ``level``, in the language in force; it is loaded ``for_list``."""
    top, below = "#" * level, "#" * (level + 1)
    parts = [f"{top} {entry.number}. {escaped(entry.title)}", escaped(entry.summary)]
    texts = [(FIELD_LABELS[name], getattr(entry, name)) for name in TEXTS[2:]]
    parts += [f"{below} {label}\n\n{escaped(text)}" for label, text in texts if text]
    if evidence := [_passage(item, origin) for item in entry.evidence.all()]:
        parts.append(f"{below} {_('Evidence')}\n\n" + "\n".join(evidence))
    parts.append(f"{below} {_('At a glance')}\n\n" + "\n".join(_facts(entry, origin)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _passage(item: object, origin: str) -> str:
    source = item.section.source  # type: ignore[attr-defined]
    phrase, support = item.key_phrase, item.get_supports_display()  # type: ignore[attr-defined]
    where = f"[{escaped(source.title)}]({source.url or origin + source.get_absolute_url()})"
    return f"- {support}: “{escaped(phrase)}” ({item.locator}, {where})"  # type: ignore[attr-defined]


def _facts(entry: Recommendation, origin: str) -> list[str]:
    colon, comma = pgettext("list", ": "), pgettext("list", ", ")
    facts: list[tuple[str, str]] = [
        (_("Report"), f"{entry.report.title} ({entry.report.body})"),
        (_("Pillar"), entry.pillar.name),
        (_("Basis"), f"{entry.get_basis_display()}{colon}{entry.get_basis().meaning}"),
        (_("Status"), entry.get_status_display()),
        (_("Reach"), entry.get_reach_display()),
    ]
    facts += [(str(group.label), comma.join(city.name for city in group.cities)) for group in touched_cities(entry)]
    if labels := [term.label for term in entry.terms.all()]:
        facts.append((_("Themes"), comma.join(labels)))
    if entry.reviewed_on:
        facts.append((_("Reviewed"), entry.reviewed_on.isoformat()))
    if entry.changed_at:
        facts.append((_("Changed"), written(entry.changed_at)))
    lines = [f"- {name}{colon}{escaped(text)}" for name, text in facts]
    return [
        *lines,
        f"- {_('Permalink')}{colon}<{origin}{entry.get_absolute_url()}>",
        f"- {_('Licence')}{colon}CC BY 4.0",
    ]
