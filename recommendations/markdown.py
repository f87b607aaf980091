"""An entry as Markdown: the same texts, evidence and provenance as its page, without the page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.moments import written
from common.translation import sentence_gap
from recommendations import citations
from recommendations.entry_page import (
    FIELD_LABELS,
    related_entries,
    terms_by_vocabulary,
    touched_cities,
    untranslated_fields,
)
from recommendations.models import EntryVersion, Recommendation
from recommendations.models.entry import TEXTS
from recommendations.templatetags.reading import status_meaning
from recommendations.timeline import Event, timeline

#: What Markdown takes for a mark of its own, wherever it stands.
MARKS = re.compile(r"([\\`*_\[\]<>#~|]|&(?=#?\w+;))")
#: What makes a list, a heading or a rule of a line that begins with it, and white space that makes code or a break.
LINE_MARKS = re.compile(r"^([-+=])|^([0-9]+)([.)])", re.MULTILINE)
LINE_EDGES = re.compile(r"^[ \t]+|[ \t]+$", re.MULTILINE)
LINE_ENDS = re.compile(r"[ \t]*[\r\n]\s*")


def escaped(text: str) -> str:
    """``text`` as Markdown shows it letter for letter; its lines and paragraphs stay."""
    lines = LINE_EDGES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return LINE_MARKS.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", MARKS.sub(r"\\\1", lines))


def one_line(text: str) -> str:
    """``text`` in one line, as Markdown shows it letter for letter wherever it stands."""
    return escaped(LINE_ENDS.sub(" ", text.strip()))


def linked(text: str, address: str, *, before: str = "") -> str:
    """``text`` as a link; ``before`` is what stands in it before the text, and is ours."""
    safe = address.replace("<", "%3C").replace(">", "%3E").replace("\n", "")
    return f"[{before}{one_line(text)}]({f'<{safe}>' if re.search(r'[\s()]', safe) else safe})"


def entry_text(entry: Recommendation, origin: str, *, level: int = 1) -> str:
    """``entry`` under a heading of ``level``, in the language in force; it is loaded ``for_list``."""
    return _joined([*_texts(entry, level), _evidence(entry, origin, level), _glance(_facts(entry, origin), level)])


def twin_text(entry: Recommendation, version: EntryVersion | None, origin: str) -> str:
    """What the page of ``entry`` says, in the language in force; it is loaded ``for_detail``."""
    address = f"{origin}{entry.get_absolute_url()}"
    known = [(_("Version"), str(version.number))] if version else []
    parts = _texts(entry, 1)
    if missing := untranslated_fields(entry):
        said = _("Not translated yet, so shown in the other language:")
        parts.insert(2, f"{said}{sentence_gap()}{pgettext('list', ', ').join(missing)}")
    parts += [_evidence(entry, origin, 1), _progress(entry, origin), _related(entry, origin)]
    parts += [_glance(_facts(entry, origin, known), 1)]
    return _joined([*parts, f"## {_('Cite this')}\n\n{one_line(citations.plain(entry, version, address))}"])


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _texts(entry: Recommendation, level: int) -> list[str]:
    top, below = "#" * level, "#" * (level + 1)
    parts = [f"{top} {entry.number}. {one_line(entry.title)}", escaped(entry.summary)]
    texts = [(FIELD_LABELS[name], getattr(entry, name)) for name in TEXTS[2:]]
    parts += [f"{below} {label}\n\n{escaped(text)}" for label, text in texts if text]
    if entry.measure:
        parts.append(_("A figure to watch, suggested by us. It is not a target of the source."))
    return parts


def _evidence(entry: Recommendation, origin: str, level: int) -> str:
    passages = [_passage(item, origin) for item in entry.evidence.all()]
    passages = passages or [_("No passage is recorded for this entry yet. Read it as our own.")]
    return f"{'#' * (level + 1)} {_('Evidence')}\n\n" + "\n".join(passages)


def _passage(item: Any, origin: str) -> str:
    """The phrase and what it supports, where it stands, and what we noted on it."""
    source = item.section.source
    where = f"{item.locator} {one_line(item.section.title)}".strip()
    link = linked(source.title, source.url or f"{origin}{source.get_absolute_url()}")
    said = f"- {item.get_supports_display()}{pgettext('list', ': ')}“{one_line(item.key_phrase)}” ({where}, {link})"
    return f"{said}\n  {one_line(item.note)}" if item.note else said


def _progress(entry: Recommendation, origin: str) -> str:
    """What became of the entry: its status and the events, as its page tells them."""
    colon = pgettext("list", ": ")
    parts = [f"## {_('What became of it')}", f"**{entry.get_status_display()}**{colon}{status_meaning(entry.status)}"]
    if events := timeline(entry):
        is_since = any(event.update for event in events)
        parts.append(
            "### " + _("What the source announced, and what happened since")
            if is_since
            else "### " + _("What the source says comes next")
        )
        parts.append("\n".join(_event(event, origin) for event in events))
    return "\n\n".join(parts)


def _event(event: Event, origin: str) -> str:
    if step := event.checkpoint:
        when = [_("Next step") if event.is_next else step.get_state_display(), step.date and step.date.isoformat()]
        told, summary = one_line(step.title), step.summary
        where = f"“{one_line(step.key_phrase)}”, {step.locator}"
    else:
        update = event.update
        when = [update.happened_on.isoformat(), str(event.status)]
        told, summary = linked(update.title, f"{origin}{update.get_absolute_url()}"), update.summary
        source = linked(update.source.title, f"{origin}{update.source.get_absolute_url()}")
        where = f"{source} {one_line(update.locator)}".strip()
    line = f"- {' · '.join(filter(None, when))}{pgettext('list', ': ')}{told} ({where})"
    return f"{line}\n  {one_line(summary)}" if summary else line


def _related(entry: Recommendation, origin: str) -> str:
    found = related_entries(entry)
    if not found:
        return ""
    colon, comma = pgettext("list", ": "), pgettext("list", ", ")
    lines = []
    for item in found:
        address = f"{origin}{item.entry.get_absolute_url()}"
        link = linked(item.entry.title, address, before=f"{item.entry.number}. ")
        lines.append(f"- {link}{colon}{comma.join(one_line(reason) for reason in item.reasons)}")
    return f"## {_('Related')}\n\n" + "\n".join(lines)


def _glance(lines: list[str], level: int) -> str:
    return f"{'#' * (level + 1)} {_('At a glance')}\n\n" + "\n".join(lines)


def _facts(entry: Recommendation, origin: str, known: Iterable[tuple[str, str]] = ()) -> list[str]:
    colon, comma = pgettext("list", ": "), pgettext("list", ", ")
    facts: list[tuple[str, str]] = [
        (_("Report"), f"{entry.report.title} ({entry.report.body})"),
        (_("Pillar"), entry.pillar.name),
        (_("Basis"), f"{entry.get_basis_display()}{colon}{entry.get_basis().meaning}"),
        (_("Status"), entry.get_status_display()),
        (_("Reach"), entry.get_reach_display()),
    ]
    facts += [(str(group.label), comma.join(city.name for city in group.cities)) for group in touched_cities(entry)]
    grouped = terms_by_vocabulary(entry)
    facts += [(vocabulary.name, comma.join(term.label for term in terms)) for vocabulary, terms in grouped]
    facts += known
    if entry.reviewed_on:
        facts.append((_("Reviewed"), entry.reviewed_on.isoformat()))
    if entry.changed_at:
        facts.append((_("Changed"), written(entry.changed_at)))
    lines = [f"- {one_line(name)}{colon}{one_line(text)}" for name, text in facts]
    return [
        *lines,
        f"- {_('Permalink')}{colon}<{origin}{entry.get_absolute_url()}>",
        f"- {_('Licence')}{colon}CC BY 4.0",
    ]
