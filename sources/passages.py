"""A source's text, cut into the passages that locators name, and the proof that a phrase stands in one.

The text itself is never kept: an editor who has it runs ``manage.py verify_evidence``, and what stays is a digest
for each phrase that was found.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings

from sources.models import Citation, Source, SourceSection

PROOFS_SCHEMA = 1
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})
_BULLET = re.compile(r"^[•·*]\s*|^-\s+")
_NUMBERING = re.compile(r"^\d+\.\s+")
#: What a paragraph ends in. A line that ends otherwise is a heading or a caption, and is not counted.
_SENTENCE_END = re.compile(r"[.!?:;。！？：；…][\"')）]*\Z")

#: (section code, paragraph) → the text of that passage.
Passages = dict[tuple[str, str], str]


class UnreadableSource(Exception):
    """The text given does not have the headings that the source's sections name."""


def plain(text: str) -> str:
    """``text`` with straight quotes and single spaces, as phrases are compared."""
    return " ".join(text.translate(_QUOTES).split())


def text_digest(text: str) -> str:
    """SHA-256 of a source's text, line ends and surrounding space aside, in hexadecimal."""
    return hashlib.sha256("\n".join(line.rstrip() for line in text.strip().splitlines()).encode()).hexdigest()


def phrase_digest(source_digest: str, citation: Citation) -> str:
    """SHA-256 that ties a phrase to its section and paragraph in one particular text, in hexadecimal."""
    parts = (source_digest, citation.section.code, citation.paragraph, plain(citation.key_phrase))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def passages(text: str, sections: Iterable[SourceSection]) -> Passages:
    """Cut ``text`` at the headings of ``sections``; paragraphs are ¶1, ¶2 …, bullets b1, b2 … of their section.

    The first line is the title and is left out. Raises ``UnreadableSource`` where a heading is missing.
    """
    waiting = list(sections)
    found: Passages = {}
    code, counts = "", {"¶": 0, "b": 0}
    if waiting and not waiting[0].heading:
        code = waiting.pop(0).code
    for line in _lines(text):
        bare = plain(_NUMBERING.sub("", line))
        if waiting and bare.startswith(plain(waiting[0].heading)) and not _SENTENCE_END.search(bare):
            code, counts = waiting.pop(0).code, {"¶": 0, "b": 0}
            continue
        kind = "b" if _BULLET.match(line) else "¶"
        if code and (kind == "b" or _SENTENCE_END.search(bare)):
            counts[kind] += 1
            found[code, f"{kind}{counts[kind]}"] = bare
    if waiting:
        raise UnreadableSource(f"no heading “{waiting[0].heading}” (section {waiting[0].code})")
    return found


def _lines(text: str) -> Iterator[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    yield from lines[1:]


def citations_of(source: Source) -> list[Citation]:
    """Every citation of ``source``, in whichever room it is kept, in a stable order."""
    found: list[Citation] = []
    for model in apps.get_models():
        if issubclass(model, Citation):
            rows: Any = model._default_manager.filter(section__source=source).select_related("section")
            found += rows.order_by("section_id", "paragraph", "key_phrase", "pk")
    return found


def unproved(citations: Iterable[Citation], found: Passages) -> list[str]:
    """A line for each citation whose phrase is not in the passage its locator names, saying where it is instead."""
    lines = []
    for citation in citations:
        phrase = plain(citation.key_phrase)
        place = (citation.section.code, citation.paragraph)
        if phrase in found.get(place, ""):
            continue
        elsewhere = [f"{code} {paragraph}" for (code, paragraph), text in found.items() if phrase in text]
        hint = f"it is in {', '.join(elsewhere)}" if elsewhere else "it is nowhere in this text"
        lines.append(f"{citation.locator} “{citation.key_phrase}”: not there; {hint}")
    return lines


def proofs(source: Source, source_digest: str, citations: Iterable[Citation]) -> dict[str, Any]:
    """The document that is kept: one digest a phrase, no text."""
    return {
        "schema": PROOFS_SCHEMA,
        "source": source.slug,
        "text_sha256": source_digest,
        "phrases": sorted({phrase_digest(source_digest, citation) for citation in citations}),
    }


def proofs_path(slug: str) -> Path:
    """Where the proofs of a source are kept."""
    return Path(settings.BASE_DIR) / "fixtures" / "proofs" / f"{slug}.json"


def read_proofs(path: Path) -> Mapping[str, Any]:
    """The proofs kept at ``path``. Raises ``ValueError`` where the file is of another schema."""
    document = json.loads(path.read_text(encoding="utf-8"))
    if document.get("schema") != PROOFS_SCHEMA:
        raise ValueError(f"{path.name}: schema {document.get('schema')!r}; this reads schema {PROOFS_SCHEMA}")
    return document


def is_proved(citation: Citation, document: Mapping[str, Any]) -> bool:
    """Whether ``document`` has the digest of this very phrase at this very place."""
    return phrase_digest(document["text_sha256"], citation) in document["phrases"]
